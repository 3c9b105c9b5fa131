"""Codes: made piece by piece, printed without holding them all, each good for one coupon."""

import csv
import io
import tracemalloc
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from core.audit.actors import SYSTEM, Actor
from core.audit.history import life_of
from core.errors import IllegalTransition, InvalidInput, NotFound
from core.quotas.selectors import availability
from marketplace.abuse.domain.marks import Origin
from marketplace.abuse.models import Trace
from marketplace.coupons.domain import codes as words
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import ClaimCount, CodeRun, CouponCode, UserCoupon
from marketplace.coupons.selectors import codes as made
from marketplace.coupons.selectors import shown
from marketplace.coupons.services import claims, codes, editing, money
from tests.factories.accounts import a_user
from tests.factories.coupons import a_batch, a_budget, decided
from tests.factories.storefronts import open_shop

pytestmark = pytest.mark.django_db


def coded(quantity=5, **changes):
    return a_batch(by_code=True, quantity=quantity, **changes)


def start(batch, now, actor=SYSTEM):
    with transaction.atomic():
        return codes.start(batch.reference, actor=actor, now=now)


def codes_of(batch):
    return [one.code for one in made.printed(made.run_of(batch.reference))]


def with_codes(now, quantity=5, **changes):
    batch = coded(quantity, **changes)
    start(batch, now)
    codes.write_due(now)
    return batch, codes_of(batch)


def claim(user, code, now, origin=None):
    with transaction.atomic():
        typed = words.meant(code)
        return claims.claim_by_code(user.pk, typed, origin=origin or Origin(), now=now)


def refused(refusal, user, code, now):
    before = (UserCoupon.objects.count(), list(ClaimCount.objects.values_list("claimed")))
    with pytest.raises(refusal) as caught:
        claim(user, code, now)
    assert (UserCoupon.objects.count(), list(ClaimCount.objects.values_list("claimed"))) == before
    return caught.value


def test_as_many_codes_are_made_as_there_are_pieces(now):
    batch = coded(5)

    run = start(batch, now, Actor(a_user().pk))
    assert (run.state, run.wanted, run.written) == ("WRITING", 5, 0)
    assert codes.write_due(now) == 5
    assert codes.write_due(now) == 0

    run.refresh_from_db()
    assert (run.state, run.written, run.written_at) == ("WRITTEN", 5, now)
    assert len(set(codes_of(batch))) == 5
    assert [step.action for step in life_of("code_run", run.pk)] == ["create", "finish"]


def test_pieces_are_small_and_whatever_dies_begins_where_it_began(now, monkeypatch):
    batch = coded(25)
    start(batch, now)
    assert [codes.write_some(now, limit=10) for _ in range(2)] == [10, 10]

    insert = codes._insert

    def dying(run, numbers):
        insert(run, numbers)
        raise MemoryError

    monkeypatch.setattr(codes, "_insert", dying)
    with pytest.raises(MemoryError):
        codes.write_some(now, limit=10)
    monkeypatch.undo()
    assert CodeRun.objects.get().written == CouponCode.objects.count() == 20

    assert [codes.write_some(now, limit=10) for _ in range(2)] == [5, None]
    assert list(CouponCode.objects.order_by("id").values_list("number", flat=True)) == [*range(25)]


def test_it_can_be_stopped_and_gone_on_with(now):
    batch = coded(25)
    run = start(batch, now)
    codes.write_some(now, limit=10)

    with transaction.atomic():
        codes.decide(batch.reference, "stop", actor=SYSTEM, now=now, reason="wrong paper")
    assert codes.write_due(now) == 0
    assert len(codes_of(batch)) == 10
    with pytest.raises(IllegalTransition), transaction.atomic():
        codes.decide(batch.reference, "stop", actor=SYSTEM, now=now)

    with transaction.atomic():
        codes.decide(batch.reference, "resume", actor=SYSTEM, now=now)
    assert codes.write_due(now) == 15
    assert [step.action for step in life_of("code_run", run.pk)] == [
        "create",
        "stop",
        "resume",
        "finish",
    ]


def test_asked_twice_nothing_changes_and_a_larger_batch_is_extended(now):
    batch, first = with_codes(now, 5)
    assert start(batch, now).state == "WRITTEN"

    with transaction.atomic():
        editing.edit(batch.reference, {"quantity": 8}, actor=SYSTEM, now=now)
    run = start(batch, now)
    assert (run.state, run.wanted, run.written, run.written_at) == ("WRITING", 8, 5, None)

    assert codes.write_due(now) == 3
    assert codes_of(batch)[:5] == first
    assert len(set(codes_of(batch))) == 8


def test_a_stopped_run_that_is_extended_stays_stopped(now):
    batch = coded(5)
    start(batch, now)
    with transaction.atomic():
        codes.decide(batch.reference, "stop", actor=SYSTEM, now=now)
        editing.edit(batch.reference, {"quantity": 8}, actor=SYSTEM, now=now)

    assert (start(batch, now).state, codes.write_due(now)) == ("STOPPED", 0)


def test_a_code_that_stands_already_is_passed_over(now, monkeypatch):
    batch = coded(5)
    start(batch, now)
    code_of = words.code_of
    monkeypatch.setattr(
        codes.codes, "code_of", lambda secret, number: code_of(secret, max(number, 2))
    )

    assert codes.write_due(now) == 5

    assert list(CouponCode.objects.order_by("id").values_list("number", flat=True)) == [
        *(0, 3, 4, 5, 6)
    ]
    assert CodeRun.objects.get().next_number == 7


def test_codes_are_only_made_where_they_are_wanted(now):
    openly, draft = a_batch(), a_batch(by_code=True, active=False)
    over = decided(coded(), "end")

    for batch, facts in (
        (openly, {"by_code": False, "state": "ACTIVE"}),
        (draft, {"by_code": True, "state": "DRAFT"}),
        (over, {"by_code": True, "state": "ENDED"}),
    ):
        with pytest.raises(codes.CodesNotWanted) as refusal:
            start(batch, now)
        assert refusal.value.facts == facts
    with pytest.raises(NotFound):
        made.run_of(openly.reference)
    assert not CodeRun.objects.exists()


def test_a_shop_hands_nothing_out_by_codes():
    with pytest.raises(InvalidInput) as refusal:
        a_batch(open_shop(), by_code=True)

    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/by_code", "CODES_ARE_THE_PLATFORMS")
    ]


def test_whoever_reads_the_database_finds_no_code(now):
    batch, plain = with_codes(now)
    run = made.run_of(batch.reference)

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM coupons_coderun")
        (sealed,) = cursor.fetchone()
        cursor.execute("SELECT digest FROM coupons_couponcode")
        digests = {digest for (digest,) in cursor.fetchall()}
    assert run.secret not in sealed
    for code in plain:
        bare = words.meant(code)
        assert bare not in digests
        assert codes.digest_of(bare) in digests


def test_the_export_goes_on_behind_what_arrived(now):
    batch, plain = with_codes(now, 12)
    claim(a_user(), plain[3], now)
    run = made.run_of(batch.reference)

    def read(after=-1):
        return list(csv.DictReader(io.StringIO("".join(made.as_csv(run, after)))))

    rows = read()
    assert [row["code"] for row in rows] == plain
    assert [row["number"] for row in rows if row["claimed_at"]] == ["3"]
    assert read(after=6) == rows[7:]
    assert read(after=11) == []


def many_codes(now, quantity):
    """Make many codes and print them; return how much memory the printing took at most."""
    batch = coded(quantity)
    start(batch, now)
    assert codes.write_due(now) == quantity
    run, lines, longest = made.run_of(batch.reference), 0, 0
    tracemalloc.start()
    for piece in made.as_csv(run):
        lines += piece.count("\n")
        longest = max(longest, len(piece))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines == quantity + 1
    assert longest < 100_000
    return peak


def test_many_codes_are_printed_a_piece_at_a_time(now, settings):
    settings.DEBUG = False

    assert many_codes(now, 10_000) < 4_000_000


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_hundred_thousand_codes_take_no_more_memory_than_ten_thousand(now, settings):
    settings.DEBUG = False

    assert many_codes(now, 100_000) < 4_000_000


def test_a_code_gives_its_holder_one_coupon(now, settings):
    settings.MARKETPLACE_LIMITS_FACTOR = 1
    batch, plain = with_codes(now)
    user = a_user()

    coupon = claim(user, plain[0].lower().replace("-", " "), now, Origin(device="phone-1"))

    stored = UserCoupon.objects.get()
    assert (stored.user_id, stored.batch_id, stored.reference) == (
        *(user.pk, batch.pk, coupon.reference),
    )
    assert CouponCode.objects.get(pk=stored.code_id).number == 0
    assert availability.figures([batch.quota_id])[batch.quota_id].spent == 1
    trace = Trace.objects.get()
    assert (trace.deed, trace.subject, trace.user_id) == ("CLAIM", batch.reference, user.pk)
    assert trace.device


def test_a_used_code_and_one_that_never_was_are_told_alike(now):
    _, plain = with_codes(now)
    user = a_user()
    claim(user, plain[0], now)
    never = words.code_of(b"another secret", 5)

    told = [refused(claims.CodeRefused, a_user(), code, now) for code in (plain[0], never)]
    mine = refused(claims.CodeRefused, user, plain[0], now)

    assert {(one.code, one.status, str(one.facts)) for one in (*told, mine)} == {
        ("COUPON_CODE_REFUSED", 404, "{}")
    }


def test_a_code_obeys_the_batch_and_stays_good_when_refused(now):
    budget = a_budget(3_000)
    batch, plain = with_codes(
        now,
        claim_until=now + timedelta(days=1),
        use_until=now + timedelta(days=2),
        funding=(WantedFunding("PLATFORM", 10_000, budget.reference),),
    )
    user = a_user()
    refused(claims.CouponWindow, user, plain[0], now + timedelta(days=1))
    decided(batch, "pause")
    refused(claims.CouponPaused, user, plain[0], now)
    decided(batch, "resume")

    claim(user, plain[0], now)

    assert refused(claims.CouponUserLimit, user, plain[1], now).facts == {"limit": 1, "claimed": 1}
    refused(money.BudgetExhausted, a_user(), plain[1], now)
    decided(batch, "end")
    refused(claims.CouponWindow, a_user(), plain[1], now)


def test_nobody_claims_openly_what_is_handed_out_by_codes(now):
    batch, _ = with_codes(now)

    with pytest.raises(NotFound), transaction.atomic():
        claims.claim(a_user().pk, batch.reference, now)

    rows, _ = shown.claimable(a_user().pk, now)
    assert batch.pk not in rows.values_list("pk", flat=True)


def test_a_claim_by_code_costs_as_many_statements_as_an_open_one(now, queries_of):
    _, plain = with_codes(now)
    user = a_user()

    def by_code():
        claims.claim_by_code(user.pk, words.meant(plain[0]), origin=Origin(), now=now)

    with transaction.atomic():
        assert queries_of(by_code) == 3


def test_the_database_refuses_what_services_never_write(now):
    batch, plain = with_codes(now)
    coupon = claim(a_user(), plain[0], now)
    other = coded(per_user_limit=9)
    run, code = CodeRun.objects.filter(batch=batch), CouponCode.objects.filter(batch=batch)
    first = code.earliest("id")
    wrong = {
        "coupons_coderun_never_writes_too_many": lambda: run.update(written=6),
        "coupons_coderun_numbers_go_on": lambda: run.update(next_number=1),
        "coupons_coderun_written_is_whole_and_dated": lambda: run.update(written_at=None),
        "coupons_couponcode_numbered_once": lambda: code.update(number=1),
        "coupons_couponcode_names_one_batch": lambda: CouponCode.objects.create(
            batch=other, number=1, digest=first.digest
        ),
        "coupons_couponcode_is_kept_as_a_digest": lambda: code.filter(pk=first.pk).update(
            digest=plain[0]
        ),
        "coupons_usercoupon_code_gives_one": lambda: UserCoupon.objects.create(
            batch=batch,
            user_id=coupon.user_id,
            code=first,
            claimed_at=now,
            valid_from=now,
            valid_until=now + timedelta(days=1),
        ),
        "coupons_couponbatch_codes_are_of_the_platform": lambda: (
            type(batch).objects.filter(pk=batch.pk).update(issuer="SHOP", issuer_shop=open_shop())
        ),
    }
    for name, write in wrong.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            write()
