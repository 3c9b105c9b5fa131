"""Two at once: one decision about a shop, one use of a file, one default address."""

from functools import partial

import pytest
from django.db import transaction

from core.accounts.models import Address
from core.accounts.services import living
from core.audit.actors import Actor
from core.audit.models import StateLog
from core.uploads.models import Purpose, Upload
from core.uploads.services import handing_in
from shops.storefronts.domain.states import SHOP
from shops.storefronts.models import Shop
from shops.storefronts.services import reviewing
from tests.factories.accounts import a_user, an_address
from tests.factories.storefronts import a_shop, with_papers
from tests.factories.uploads import an_upload
from tests.support.meeting import Meeting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def decide_together(at_once, now):
    shop = with_papers(a_shop())
    owner = shop.members.get(role="OWNER").user_id
    with transaction.atomic():
        reviewing.submit(shop, actor=Actor(owner), now=now)

    def decide(decision, reviewer_id):
        mine = Shop.objects.get(pk=shop.pk)
        with transaction.atomic():
            return reviewing.decide(mine, decision, actor=Actor(reviewer_id), now=now)

    decisions = ["APPROVE", "REJECT"] * 3
    return at_once(*(partial(decide, decision, a_user().pk) for decision in decisions))


def test_of_many_decisions_about_a_shop_one_counts(at_once, now):
    outcomes = decide_together(at_once, now)

    assert kinds(outcomes) == ["IllegalTransition"] * 5 + ["Shop"]
    decided = StateLog.objects.filter(subject="shop", action__in=["approve", "reject"])
    assert decided.get().to_state == Shop.objects.get().state


def test_canary_without_the_guard_decisions_contradict(at_once, now, monkeypatch):
    def unguarded(rows, machine, action, *, actor, now, reason="", **changes):
        target = next(iter(SHOP.moves_of(action).values()))
        rows.update(state=target, **changes)

    monkeypatch.setattr(reviewing, "advance_one", unguarded)

    assert kinds(decide_together(at_once, now)).count("Shop") > 1


def claim_together(at_once, now):
    owner = a_user()
    upload = an_upload(owner, at=now)

    def claim():
        with transaction.atomic():
            return handing_in.claim(owner.pk, upload.reference, Purpose.LICENCE, now=now)

    return at_once(*[claim] * 6)


def test_a_file_is_put_to_one_use(at_once, now):
    assert kinds(claim_together(at_once, now)) == ["NotFound"] * 5 + ["Upload"]


def test_canary_without_the_guard_a_file_is_used_many_times(at_once, now, monkeypatch):
    monkeypatch.setattr(handing_in, "_take", lambda theirs, now: theirs.update(claimed_at=now) == 1)

    assert kinds(claim_together(at_once, now)).count("Upload") > 1
    assert Upload.objects.count() == 1


def default_together(at_once, places):
    def prefer(place):
        with transaction.atomic():
            return living.change_address(place.user_id, place.reference, {"is_default": True})

    return at_once(*(partial(prefer, place) for place in places[1:]))


def some_places():
    user = a_user()
    return [an_address(user) for _ in range(8)]


def test_many_new_defaults_queue_up_and_one_remains(at_once):
    outcomes = default_together(at_once, some_places())

    assert set(kinds(outcomes)) == {"Address"}
    assert Address.objects.filter(is_default=True).count() == 1


def test_canary_without_the_lock_new_defaults_collide(at_once, monkeypatch):
    places = some_places()
    monkeypatch.setattr(living, "_lock_owner", lambda user_id: None)
    monkeypatch.setattr(living, "_clear_default", Meeting(7).after(living._clear_default))

    assert "IntegrityError" in kinds(default_together(at_once, places))
