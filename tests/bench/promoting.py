"""A flash sale that everybody wants and teams that fill up, beside views that write the rows."""

import itertools
import json
from datetime import timedelta
from typing import Any

from tests.bench import baskets, reading, rows
from tests.bench.baskets import Body
from tests.bench.bench import Bench
from tests.bench.driver import Client, Work
from tests.bench.ordering import placing
from tests.bench.paying import Cashier
from tests.market_day import cast

FLASH, BARE_FLASH = "orders of one flash sale", "the rows of a flash order in one statement"
JOINS, BARE_JOINS = "seats taken in teams", "the rows of a seat in one statement"
SPREAD_FLASH = "orders spread over 16 flash sales"
EMPTY = "an empty view of the framework, beside the campaign"
ORDINARY = "section page of 20, nothing promoted"
PROMOTED = "section page of 20 in a running campaign"
BAR = 0.7
PROMOTED_PAGES = 10
SALES, PIECES = 16, 500_000
GROUPS, TEAM_SIZE = 16, 100
# Teams that real buyers fill, and teams that the floor fills.
TEAMS, BARE_TEAMS = 2, 8
STRANGERS = BARE_TEAMS * TEAM_SIZE


def flash(bench: Bench) -> None:
    """Order a piece of one flash sale, or each of another one; and write the same rows bare."""
    skus = json.loads(bench.market.call(f"{__name__}.open_flash_sales"))["skus"]
    hot = [[[{"sku": skus[0], "quantity": 1}]] for _ in bench.driver.clients]
    spread = [[[{"sku": sku, "quantity": 1}] for sku in skus] for _ in bench.driver.clients]
    with bench.market.held_still():
        wanted = baskets.quoted(bench, hot)
        orders: dict[int, str] = {}

        async def place(client: Client) -> None:
            body = next(wanted[client.number])
            answer = await client.ask("POST", "/api/v1/orders", body, status=201, **baskets.key())
            orders[client.number] = answer.json()["id"]

        bench.driver.signed_in(bench.facts["buyers"]).each_once(place)
        _keep(bench, "flash-orders", orders)
        bench.alternate(
            {
                BARE_FLASH: _writing("flash-orders"),
                FLASH: placing(wanted),
                SPREAD_FLASH: placing(baskets.quoted(bench, spread)),
            },
            signed_in=True,
        )
    bench.compare(FLASH, SPREAD_FLASH, BAR)


def campaign(bench: Bench) -> None:
    """Read pages of a section whose cards all show a price of a running campaign, and others."""
    bench.market.call(f"{__name__}.open_campaign")
    with bench.market.held_still():
        pages = list(reading.walk(bench).items())
        prices = {path: body.count(b'"kind":"PRICE"') for path, body in pages}
        promoted = dict(pages[:PROMOTED_PAGES])
        ordinary = dict(pages[PROMOTED_PAGES : 2 * PROMOTED_PAGES])
        shown = sum(map(prices.__getitem__, promoted))
        # What the other scenes sell at a price of their own is not in it.
        if shown < 0.8 * len(promoted) * reading.PAGE_SIZE or any(prices[one] for one in ordinary):
            raise AssertionError(f"{shown} cards show a price of the campaign")
        bench.alternate(
            {
                EMPTY: reading.always("/api/v1/bench/empty"),
                ORDINARY: reading.pages(ordinary),
                PROMOTED: reading.pages(promoted),
            }
        )
    bench.compare(PROMOTED, ORDINARY, BAR)
    bench.compare(PROMOTED, EMPTY, 0.5)


def teams(bench: Bench) -> None:
    """Take seats in teams, each of them an order to be paid; and write the same rows bare."""
    facts = json.loads(bench.market.call(f"{__name__}.open_group_buys"))
    facts["people"] = [
        {**person, "region": _region_of(number)}
        for number, person in enumerate(bench.facts["buyers"])
    ]
    with bench.market.held_still():
        opened = _open_teams(bench, facts)
        real = _Seats(opened, facts["people"], range(TEAMS), beyond=TEAMS + BARE_TEAMS)
        bare = _Seats(
            opened, facts["strangers"], range(TEAMS, TEAMS + BARE_TEAMS), per_team=TEAM_SIZE - 2
        )
        joining = _joining(real)
        orders: dict[int, str] = {}
        bench.driver.each_once(_noting(joining, orders))
        _keep(bench, "seats", orders)
        bench.alternate({BARE_JOINS: _sitting_down(bare), JOINS: joining})
    bench.compare(JOINS, BARE_JOINS, 0.4)


class _Seats:
    """Free seats group buy by group buy: a team and somebody who is in no team of it."""

    def __init__(
        self,
        opened: list[list[dict[str, Any]]],
        people: list[Any],
        which: range,
        *,
        beyond: int = 0,
        per_team: int = TEAM_SIZE - 1,
    ) -> None:
        self.left = [
            iter(
                zip(
                    [teams[place] for place in which for _ in range(per_team)],
                    people[beyond:],
                    strict=False,
                )
            )
            for teams in opened
        ]

    def next_of(self, number: int) -> tuple[dict[str, Any], Any]:
        for step in range(len(self.left)):
            found = next(self.left[(number + step) % len(self.left)], None)
            if found is not None:
                return found
        raise AssertionError("every seat is taken: open more teams")


def _open_teams(bench: Bench, facts: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Let leaders open teams and pay, so that others can join: by group buy, team by team."""
    cashier = Cashier(bench.market.secret("SECRET_KEY"))
    opened: list[list[dict[str, Any]]] = [[] for _ in facts["groups"]]

    async def lead(client: Client) -> None:
        group = facts["groups"][client.number]
        for place in range(TEAMS + BARE_TEAMS):
            client.person = facts["people"][place]
            body = _seat(group, client)
            path = f"/api/v1/group-buys/{group['id']}/teams"
            said = (await client.ask("POST", path, body, status=201, **baskets.key())).json()
            await cashier.pay(client, said["order"])
            opened[client.number].append({"id": said["team"]["id"], "group": group})

    bench.driver.each_once(lead)
    with bench.market.database() as connection:
        keys = dict(connection.execute("SELECT reference::text, id FROM groupbuys_team").fetchall())
    for team in itertools.chain.from_iterable(opened):
        team["key"] = keys[team["id"]]
    return opened


def _joining(seats: _Seats) -> Work:
    async def work(client: Client) -> Any:
        team, client.person = seats.next_of(client.number)
        path = f"/api/v1/teams/{team['id']}/members"
        body = _seat(team["group"], client)
        return await client.ask("POST", path, body, status=201, **baskets.key())

    return work


def _seat(group: dict[str, Any], client: Client) -> Body:
    person = client.person
    return {
        "address": person["address"], "expected_payable_fen": group["payable"][person["region"]]
    }  # fmt: skip


def _region_of(number: int) -> str:
    # As the furnisher gives buyers their addresses.
    return cast.ADDRESSES[number % len(cast.ADDRESSES)]


def _noting(work: Any, orders: dict[int, str]) -> Work:
    async def noted(client: Client) -> None:
        orders[client.number] = (await work(client)).json()["order"]["id"]

    return noted


def _sitting_down(seats: _Seats) -> Work:
    async def work(client: Client) -> None:
        team, stranger = seats.next_of(client.number)
        path = f"/api/v1/bench/rows/seats?like={client.number}&team={team['key']}&user={stranger}"
        await client.ask("POST", path, {}, status=201)

    return work


def _writing(name: str) -> Work:
    async def work(client: Client) -> None:
        path = f"/api/v1/bench/rows/{name}?like={client.number}"
        await client.ask("POST", path, {}, status=201)

    return work


def _keep(bench: Bench, name: str, orders: dict[int, str]) -> None:
    with bench.market.database() as connection:
        kept = bench.market.folder / rows.kept_in(name)
        rows.keep(connection, kept, [orders[number] for number in sorted(orders)])


# What follows runs inside the market.


def open_flash_sales() -> None:
    """Open flash sales of many pieces on crowded SKUs; print the SKUs."""
    from django.utils import timezone

    from core.audit.actors import Actor
    from core.transactions import entry
    from marketplace.activities.domain.kinds import ActivityKind
    from marketplace.activities.services import activities

    now = timezone.now()
    schedule = entry(activities.schedule)
    skus = _crowded(SALES)
    for sku in skus:
        planned = activities.Planned(
            kind=ActivityKind.FLASH,
            sku_id=sku.pk,
            price_fen=sku.price_fen // 2,
            quantity=PIECES,
            starts_at=now,
            ends_at=now + timedelta(hours=2),
        )
        schedule(planned, actor=Actor(None), now=now)
    print(json.dumps({"skus": [str(sku.reference) for sku in skus]}))


def open_campaign() -> None:
    """Run a campaign with a price for everything on the first pages of a section."""
    from django.utils import timezone

    from core.audit.actors import SYSTEM
    from core.transactions import entry
    from marketplace.activities.models import Activity
    from marketplace.activities.services import showing
    from marketplace.campaigns.domain.drafts import Offer
    from marketplace.campaigns.services import campaigns, enrolments
    from marketplace.sections.models import SectionMember
    from shops.catalogue.models import Product

    now = timezone.now()
    day = timedelta(days=1)
    made = entry(campaigns.create)(
        actor=SYSTEM,
        now=now - 2 * day,
        slug=f"bench-{now:%H%M%S}",
        kind="FESTIVAL",
        name="丰收节",
        name_en="Harvest",
        intro="产地直供",
        enrol_from=now - day,
        enrol_until=now + day,
        preheats_at=now - 2 * timedelta(hours=1),
        starts_at=now - timedelta(hours=1),
        ends_at=now + day,
    )
    entry(campaigns.move)(made, "schedule", actor=SYSTEM, now=now - day)
    first = SectionMember.objects.filter(section__slug="hubei").order_by("rank", "product_id")
    ids = list(first.values_list("product_id", flat=True)[: PROMOTED_PAGES * reading.PAGE_SIZE])
    taken = Activity.objects.exclude(state="ENDED").values("sku")
    for product in Product.objects.select_related("shop").filter(pk__in=ids):
        sku = product.skus.exclude(pk__in=taken).order_by("price_fen", "pk").first()
        if sku is None:
            continue
        offer = Offer(sku=sku.reference, price_fen=sku.price_fen * 8 // 10, quantity=100)
        handed_in = entry(enrolments.enrol)(product.shop, made.slug, offer, actor=SYSTEM, now=now)
        entry(enrolments.approve)(handed_in, actor=SYSTEM, now=now)
    showing.refresh_cards(now=now)


def open_group_buys() -> None:
    """Open group buys of large teams on crowded SKUs; print them, and people who only exist."""
    from django.utils import timezone

    from core.accounts import phones
    from core.accounts.models import User
    from core.audit.actors import Actor
    from core.transactions import entry
    from orders.groupbuys.services import selling
    from orders.placement.selectors import quotes
    from orders.placement.selectors.quotes import Coupons, Wanted

    now = timezone.now()
    set_up = entry(selling.set_up)
    groups = []
    for sku in _crowded(GROUPS):
        draft = selling.Draft(
            sku=sku.reference,
            price_fen=sku.price_fen // 2,
            quantity=PIECES,
            starts_at=now,
            ends_at=now + timedelta(hours=2),
            team_size=TEAM_SIZE,
        )
        activity = set_up(sku.product.shop, draft, actor=Actor(None), now=now).activity.reference
        payable = {
            region: quotes.quote(
                buyer_id=0,
                wanted=[Wanted(str(sku.reference), 1)],
                region=region,
                coupons=Coupons(),
                now=timezone.now(),
                activity=activity,
            ).price.payable_fen
            for region in set(cast.ADDRESSES)
        }
        groups.append({"id": str(activity), "payable": payable})
    strangers = User.objects.bulk_create(
        User(
            phone=phone,
            phone_index=phones.index_of(phone),
            password="!",
            joined_at=now,
        )
        for phone in (f"+86188{number:08d}" for number in range(STRANGERS))
    )
    print(json.dumps({"groups": groups, "strangers": [one.pk for one in strangers]}))


def _crowded(count: int) -> list[Any]:
    """Return SKUs with many shards that have no price for a time yet, one of a product."""
    from marketplace.activities.models import Activity
    from shops.catalogue.models import Sku

    rows = Sku.objects.select_related("product__shop").filter(
        position=0, stock_quota__shards__gt=1, price_fen__gte=200
    )
    return list(rows.exclude(pk__in=Activity.objects.values("sku")).order_by("pk")[:count])
