"""What must hold of teams, their seats and their orders."""

from collections.abc import Iterable

from core.reconciling import Finding, found, invariant


@invariant("groupbuys.seats_explain_teams")
def teams_apart_from_their_seats() -> Iterable[Finding]:
    """What a team counts is what its seats are."""
    return found(
        """
        SELECT team.reference, team.locked, team.paid, team.virtual,
               count(*) FILTER (WHERE seat.state = 'LOCKED') AS to_pay,
               count(*) FILTER (WHERE seat.state = 'PAID') AS paying,
               count(*) FILTER (WHERE seat.is_virtual) AS empty
        FROM groupbuys_team AS team
        LEFT JOIN groupbuys_teammember AS seat ON seat.team_id = team.id
        GROUP BY team.id
        HAVING (team.locked, team.paid, team.virtual) IS DISTINCT FROM (
            count(*) FILTER (WHERE seat.state = 'LOCKED'),
            count(*) FILTER (WHERE seat.state = 'PAID'),
            count(*) FILTER (WHERE seat.is_virtual)
        )
        ORDER BY team.id
        """,
        "team {reference}",
        "counts {locked} + {paid} + {virtual}, its seats are {to_pay} + {paying} + {empty}",
    )


@invariant("groupbuys.seats_stand_where_their_orders_stand")
def seats_apart_from_their_orders() -> Iterable[Finding]:
    """A seat is to be paid, paid, given up or refunded as its order is."""
    return found(
        """
        SELECT o.number, o.state, seat.state AS seat, team.state AS team
        FROM groupbuys_teammember AS seat
        JOIN groupbuys_team AS team ON team.id = seat.team_id
        JOIN placement_order AS o ON o.id = seat.order_id
        WHERE NOT CASE o.state
            WHEN 'PENDING_PAYMENT' THEN seat.state = 'LOCKED'
            WHEN 'CANCELLED' THEN seat.state = 'RELEASED'
            WHEN 'CLOSED' THEN seat.state IN ('REFUNDING', 'REFUNDED')
                OR (seat.state = 'PAID' AND team.state = 'SUCCEEDED')
            ELSE seat.state = 'PAID'
        END
        ORDER BY seat.id
        """,
        "order {number}",
        "is {state}, its seat {seat} in a team that is {team}",
    )


@invariant("groupbuys.orders_that_wait_have_a_seat")
def orders_without_a_seat() -> Iterable[Finding]:
    """Every order that waits for a team sits in one, and only those do."""
    return found(
        """
        SELECT o.number, o.waits_for FROM placement_order AS o
        LEFT JOIN groupbuys_teammember AS seat ON seat.order_id = o.id
        WHERE (o.waits_for = 'TEAM') <> (seat.id IS NOT NULL)
        ORDER BY o.id
        """,
        "order {number}",
        "waits for '{waits_for}' and does not fit its seat",
    )


@invariant("groupbuys.only_complete_teams_are_sold")
def sales_of_incomplete_teams() -> Iterable[Finding]:
    """An order of a team is a sale only if the team has succeeded."""
    return found(
        """
        SELECT o.number, team.state FROM placement_order AS o
        JOIN groupbuys_teammember AS seat ON seat.order_id = o.id
        JOIN groupbuys_team AS team ON team.id = seat.team_id
        WHERE o.sold_at IS NOT NULL AND team.state <> 'SUCCEEDED'
        ORDER BY o.id
        """,
        "order {number}",
        "was released although its team is {state}",
    )


@invariant("groupbuys.leaders_have_paid")
def leaders_who_have_not_paid() -> Iterable[Finding]:
    """Whoever leads a forming team sits in it and has paid; nobody leads only if nobody has."""
    return found(
        """
        SELECT team.reference, team.leader_id FROM groupbuys_team AS team
        WHERE team.state = 'FORMING' AND CASE WHEN team.leader_id IS NULL
            THEN team.paid > 0
            ELSE NOT EXISTS (
                SELECT FROM groupbuys_teammember AS seat
                WHERE seat.team_id = team.id AND seat.user_id = team.leader_id
                    AND seat.state = 'PAID'
            ) END
        ORDER BY team.id
        """,
        "team {reference}",
        "is led by {leader_id}, who has not paid for a seat in it",
    )
