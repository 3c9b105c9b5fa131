"""A million coupons run out: what the expiry does in a second, and what others feel of it."""

import random
import statistics
import time
from typing import Any

from tests.bench import baskets, reading
from tests.bench.bench import Bench, Figure, Ratio
from tests.bench.driver import Client, Run, Work

COUPONS, BESIDE = 1_000_000, 200_000
AT_ONCE = 1_000
STRETCHES = 5
PATIENCE_S = 300.0
BARE = "a bare UPDATE of the same coupons, 1,000 at once"
EXPIRED = "coupons expired, 1,000 at once"
BAR = 0.1
QUIET, BUSY = "section page and quote, quiet", "section page and quote while coupons expire"
P95_BAR = 1.5

# What one batch of coupons that nobody used leaves behind: coupons, their money, their counts.
_COUPONS = """
    WITH people AS (SELECT row_number() OVER (ORDER BY id) - 1 AS place, id FROM accounts_user
                    WHERE id = ANY(%(users)s)),
    born AS (
        INSERT INTO coupons_usercoupon (reference, batch_id, user_id, state, is_for_newcomers,
            claimed_at, valid_from, valid_until)
        SELECT gen_random_uuid(), %(batch)s, people.id, 'UNUSED', false, now() - interval '2 days',
               now() - interval '2 days', now() - interval '1 hour' + n * interval '1 millisecond'
        FROM generate_series(1, %(count)s) AS n
        JOIN people ON people.place = n %% (SELECT count(*) FROM people)
        RETURNING id, reference, user_id
    ), counted AS (
        INSERT INTO coupons_claimcount (batch_id, user_id, claimed)
        SELECT %(batch)s, user_id, count(*) FROM born GROUP BY user_id
    ), holding AS (
        INSERT INTO quotas_quotahold (quota_id, shard_id, owner, held, spent, returned)
        SELECT shard.quota_id, shard.id, 'coupon:' || born.reference, %(face)s, 0, 0
        FROM born JOIN quotas_quotashard AS shard
            ON shard.quota_id = %(money)s AND shard.number = born.id %% %(shards)s
        RETURNING shard_id, held
    ), money AS (
        UPDATE quotas_quotashard AS shard SET held = shard.held + part.held
        FROM (SELECT shard_id, sum(held)::bigint AS held FROM holding GROUP BY shard_id) AS part
        WHERE shard.id = part.shard_id
    )
    SELECT count(*) FROM born
"""
_PIECES = """
    UPDATE quotas_quotashard SET spent = spent + %(count)s / %(shards)s
    WHERE quota_id = %(pieces)s
"""
# The same rows with the same indexes and constraints, to be changed by nothing but an UPDATE.
_TWIN = """
    DROP TABLE IF EXISTS bench_twin;
    CREATE TABLE bench_twin (LIKE coupons_usercoupon INCLUDING ALL);
    INSERT INTO bench_twin SELECT * FROM coupons_usercoupon
    WHERE state = 'UNUSED' AND valid_until <= now()
    ORDER BY id LIMIT {count};
"""
_UPDATE = """
    UPDATE bench_twin SET state = 'EXPIRED', expired_at = now() WHERE id IN (
        SELECT id FROM bench_twin WHERE state = 'UNUSED' AND valid_until <= now()
        ORDER BY valid_until, id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED)
"""
_DUE = "SELECT count(*) FROM coupons_usercoupon WHERE state = 'UNUSED' AND valid_until <= now()"


def run(bench: Bench) -> None:
    """Expire a million coupons beside bare UPDATEs; then some more beside other work."""
    with bench.market.held_still():
        bench.market.call(f"{__name__}.hand_out", COUPONS)
        told = bench.market.call(f"{__name__}.race", COUPONS)
    _compare(bench, told)
    _beside(bench)


def _compare(bench: Bench, told: str) -> None:
    rates: dict[str, list[float]] = {BARE: [], EXPIRED: []}
    for line in told.splitlines():
        name, _, rate = line.rpartition("\t")
        if name in rates:
            rates[name].append(float(rate))
    for name, found in rates.items():
        shown = " ".join(f"{rate:,.0f}" for rate in found)
        bench.say(f"    {name}: {shown} rows/s")
        bench.notes.append(f"{name}, {COUPONS:,} of them: {shown} rows/s, stretch by stretch")
    values = [ours / floor for ours, floor in zip(rates[EXPIRED], rates[BARE], strict=True)]
    bench.ratios.append(Ratio(EXPIRED, BARE, values, BAR))


def _beside(bench: Bench) -> None:
    """Let buyers look and ask for prices, quietly and while the workers expire coupons."""
    # Quiet is with the workers at their usual work, but no coupon that runs out.
    work = _looking_and_asking(bench)
    bench.driver.drive(work, 1.0)
    quiet = _stretches(bench, work)
    with bench.market.held_still():
        bench.market.call(f"{__name__}.hand_out", BESIDE)
    before = _due(bench)
    while _due(bench) == before:
        time.sleep(0.1)
    before, began = _due(bench), time.monotonic()
    busy = _stretches(bench, work)
    left = _due(bench)
    rate = (before - left) / (time.monotonic() - began)
    if not left:
        raise AssertionError("the coupons had run out before the stretches were over")
    nothing = dict.fromkeys(("web", "postgres", "valkey"), 0.0)
    bench.figures[QUIET] = Figure(QUIET, quiet, nothing)
    bench.figures[BUSY] = Figure(BUSY, busy, nothing)
    times = [b.within_ms(95) / q.within_ms(95) for b, q in zip(busy, quiet, strict=True)]
    verdict = "within" if statistics.median(times) <= P95_BAR else "NOT within"
    bench.notes.append(
        f"p95 of other work while {rate:,.0f} coupons/s expire: {statistics.median(times):.2f}"
        f" times its quiet value ({min(times):.2f} - {max(times):.2f}), {verdict} the bar of"
        f" {P95_BAR}"
    )
    bench.say(f"    {bench.notes[-1]}")
    began = time.monotonic()
    while _due(bench):
        if time.monotonic() - began > PATIENCE_S:
            raise AssertionError("the coupons are still not expired")
        time.sleep(0.5)


def _looking_and_asking(bench: Bench) -> Work:
    """Return the work of a buyer who reads a page of a section and asks for a price."""
    dice = random.Random(9)
    lines = [[baskets.three_lines(bench, dice)] for _ in bench.driver.clients]
    wanted = baskets.quoted(bench, lines)

    async def work(client: Client) -> None:
        if client.turn % 2:
            await client.ask("GET", reading.SECTION)
            return
        body = next(wanted[client.number])
        asked = {"lines": body["lines"], "address": body["address"]}
        await client.ask("POST", "/api/v1/quotes", asked)

    return work


def _stretches(bench: Bench, work: Work) -> list[Run]:
    return [bench.driver.drive(work, bench.seconds) for _ in range(bench.repeats)]


def _due(bench: Bench) -> int:
    with bench.market.database() as connection:
        (due,) = connection.execute(_DUE).fetchone() or (0,)
    return int(due)


# What follows runs inside the market.


def hand_out(count: int) -> None:
    """Write coupons of a new batch that ran out an hour ago, as if they had been claimed."""
    from django.db import connection
    from django.utils import timezone

    from core.accounts.models import User
    from marketplace.coupons.domain.kinds import CouponKind
    from tests.bench import furnishing

    now = timezone.now()
    name = f"过期券 {now:%H%M%S}"
    money = furnishing.a_budget(name, count * furnishing.FACE_FEN, now)
    direct: dict[str, Any] = {"kind": CouponKind.DIRECT, "amount_fen": furnishing.FACE_FEN}
    batch = furnishing.a_batch(name, now, money, quantity=count, **direct)
    asked: dict[str, Any] = {
        "users": list(User.objects.order_by("-pk").values_list("pk", flat=True)[:300]),
        "batch": batch.pk,
        "count": count,
        "face": furnishing.FACE_FEN,
        "money": money.quota_id,
        "shards": money.quota.shards,
        "pieces": batch.quota_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUPONS, asked)
        cursor.execute(_PIECES, asked | {"shards": batch.quota.shards})
        cursor.execute("VACUUM ANALYZE coupons_usercoupon, quotas_quotahold")


def race(count: int) -> None:
    """Expire them all, and their twins by bare UPDATEs, stretch by stretch in turn."""
    from django.db import connection
    from django.utils import timezone

    from marketplace.coupons.services import expiring

    def bare() -> int:
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE)
            return cursor.rowcount

    with connection.cursor() as cursor:
        cursor.execute(_TWIN.format(count=count))
        cursor.execute("VACUUM ANALYZE bench_twin")
    steps = {BARE: bare, EXPIRED: lambda: expiring.expire_due(timezone.now())}
    for stretch in range(STRETCHES):
        for name in list(steps)[:: 1 if stretch % 2 == 0 else -1]:
            began, done = time.perf_counter(), 0
            while done < count // STRETCHES:
                done += steps[name]()
            print(f"{name}\t{done / (time.perf_counter() - began):.1f}", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_twin")
