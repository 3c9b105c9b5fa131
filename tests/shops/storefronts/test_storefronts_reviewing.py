"""A shop's life: prepared, reviewed, open, suspended; each step logged, refusals without trace."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.audit.actors import Actor
from core.audit.models import StateLog
from core.errors import IllegalTransition
from core.outbox.models import Message
from shops.storefronts.models import Licence, Shop
from shops.storefronts.selectors import access, papers, shops
from shops.storefronts.services import founding, reviewing
from shops.storefronts.services import papers as paper_services
from tests.factories.accounts import a_user
from tests.factories.storefronts import a_shop, open_shop, with_papers

pytestmark = pytest.mark.django_db


def owner_of(shop):
    return shop.members.get(role="OWNER").user


def submit(shop, now):
    with transaction.atomic():
        return reviewing.submit(shop, actor=Actor(owner_of(shop).pk), now=now)


def decide(shop, decision, now, reviewer=None, reason=""):
    reviewer = reviewer or a_user()
    with transaction.atomic():
        return reviewing.decide(shop, decision, actor=Actor(reviewer.pk), now=now, reason=reason)


def topics():
    return list(Message.objects.order_by("id").values_list("topic", flat=True))


def test_an_incomplete_shop_is_not_reviewed_and_hears_what_is_missing(now):
    shop = a_shop()

    with pytest.raises(reviewing.ChecklistIncomplete) as refused:
        submit(shop, now)

    assert [item["code"] for item in refused.value.facts["missing"]] == [
        "IDENTITY",
        "ORIGIN_DECLARATION",
    ]
    shop.refresh_from_db()
    assert (shop.state, shop.submitted_at) == ("DRAFT", None)


def test_a_shop_goes_from_draft_to_open_and_its_papers_become_valid(now):
    shop = with_papers(a_shop())

    submit(shop, now)
    opened = decide(shop, "APPROVE", now)

    assert (opened.state, opened.opened_at) == ("OPEN", now)
    assert set(Licence.objects.values_list("state", flat=True)) == {"VALID"}
    assert topics() == ["storefronts.shop_opened"]
    steps = StateLog.objects.filter(subject="shop", subject_id=shop.pk).order_by("id")
    assert list(steps.values_list("action", "to_state")) == [
        ("create", "DRAFT"),
        ("submit", "IN_REVIEW"),
        ("approve", "OPEN"),
    ]


def test_a_shop_sent_back_can_be_changed_and_asks_again(now):
    shop = with_papers(a_shop())
    submit(shop, now)
    back = decide(shop, "REJECT", now, reason="照片不清楚")
    with transaction.atomic():
        founding.change(back, {"name": "新名字"})

    again = submit(back, now)

    assert (again.state, again.name, again.decision_reason) == ("IN_REVIEW", "新名字", "")


def test_a_suspended_shop_sells_nothing_until_it_is_reopened(now):
    shop = open_shop()

    decide(shop, "SUSPEND", now, reason="投诉")
    shop.refresh_from_db()
    with pytest.raises(access.ShopNotOpen):
        access.require_open(shop)
    decide(shop, "REOPEN", now)

    shop.refresh_from_db()
    access.require_open(shop)
    assert topics() == [
        "storefronts.shop_opened",
        "storefronts.shop_closed",
        "storefronts.shop_opened",
    ]


@pytest.mark.parametrize("decision", ["APPROVE", "REJECT", "SUSPEND", "REOPEN"])
def test_a_draft_is_not_decided_about(now, decision):
    shop = with_papers(a_shop())

    with pytest.raises(IllegalTransition):
        decide(shop, decision, now)

    shop.refresh_from_db()
    assert shop.state == "DRAFT"


def test_nobody_decides_about_a_shop_they_work_in(now):
    shop = with_papers(a_shop())
    submit(shop, now)

    with pytest.raises(reviewing.OwnShop):
        decide(shop, "APPROVE", now, reviewer=owner_of(shop))

    shop.refresh_from_db()
    assert shop.state == "IN_REVIEW"


def test_a_paper_that_ran_out_during_the_review_keeps_the_shop_closed(now):
    shop = with_papers(a_shop())
    submit(shop, now)
    Licence.objects.filter(kind="IDENTITY").update(valid_until=now.date())

    with pytest.raises(reviewing.ChecklistIncomplete):
        decide(shop, "APPROVE", now)

    shop.refresh_from_db()
    assert shop.state == "IN_REVIEW"


def test_what_was_reviewed_about_an_open_shop_stays(now):
    shop = open_shop()

    with pytest.raises(founding.ShopLocked), transaction.atomic():
        founding.change(shop, {"name": "别的店", "intro": "新介绍"})
    with transaction.atomic():
        changed = founding.change(shop, {"intro": "新介绍", "fulfilment": "SELF"})

    assert (changed.intro, changed.fulfilment) == ("新介绍", "SELF")
    assert changed.name != "别的店"


def test_of_two_changes_from_one_version_the_second_is_refused():
    shop = a_shop()
    stale = Shop.objects.get(pk=shop.pk)
    with transaction.atomic():
        founding.change(shop, {"intro": "一"})

    with pytest.raises(founding.ShopChanged), transaction.atomic():
        founding.change(stale, {"intro": "二"})

    shop.refresh_from_db()
    assert shop.intro == "一"


def test_nothing_is_slipped_under_a_review(now):
    shop = with_papers(a_shop())
    submit(shop, now)

    with pytest.raises(founding.ShopLocked), transaction.atomic():
        paper_services.hand_in(shop, "ORIGIN_DECLARATION", actor=Actor(owner_of(shop).pk), now=now)

    assert Licence.objects.count() == 2


def expire_on(shop, kind, day):
    Licence.objects.filter(shop=shop, kind=kind).update(valid_until=day)


def test_a_needed_paper_that_runs_out_closes_the_shop_on_its_day(now):
    shop = open_shop()
    expire_on(shop, "IDENTITY", now.date())

    assert paper_services.expire_due(now=now - timedelta(days=1)) == 0
    assert paper_services.expire_due(now=now) == 1
    assert paper_services.expire_due(now=now) == 0

    shop.refresh_from_db()
    assert shop.state == "SUSPENDED"
    assert topics()[-1] == "storefronts.shop_closed"
    assert StateLog.objects.filter(subject="licence", action="expire").count() == 1


def test_a_paper_that_was_renewed_in_time_runs_out_unnoticed(now):
    shop = open_shop()
    expire_on(shop, "ORIGIN_DECLARATION", now.date())
    with transaction.atomic():
        renewed = paper_services.hand_in(
            shop, "ORIGIN_DECLARATION", actor=Actor(owner_of(shop).pk), now=now
        )
        paper_services.accept(renewed, actor=Actor(a_user().pk), now=now)

    assert paper_services.expire_due(now=now) == 1

    shop.refresh_from_db()
    assert shop.state == "OPEN"
    assert topics() == ["storefronts.shop_opened"]


def test_a_revoked_paper_closes_the_shop(now):
    shop = open_shop()
    paper = Licence.objects.get(kind="IDENTITY")

    with transaction.atomic():
        paper_services.revoke(paper, actor=Actor(a_user().pk), now=now, reason="伪造")

    shop.refresh_from_db()
    assert shop.state == "SUSPENDED"
    assert not papers.may_sell(shop, "RAW_PRODUCE", on=now.date())


def test_papers_are_marked_a_month_before_they_run_out(now):
    shop = open_shop()
    expire_on(shop, "IDENTITY", now.date() + timedelta(days=30))

    assert paper_services.warn_due(now=now) == 1

    assert Licence.objects.get(kind="IDENTITY").state == "EXPIRING"
    assert papers.may_sell(shop, "RAW_PRODUCE", on=now.date())


def test_the_sweep_takes_a_bounded_number(now):
    for _ in range(3):
        expire_on(open_shop(), "IDENTITY", now.date())

    assert [paper_services.expire_due(now=now, limit=2) for _ in range(3)] == [2, 1, 0]
    assert set(Shop.objects.values_list("state", flat=True)) == {"SUSPENDED"}


def test_one_number_in_two_shops_is_shown_to_the_reviewer():
    first, second = with_papers(a_shop()), with_papers(a_shop())
    mine = Licence.objects.get(shop=first, kind="IDENTITY")
    Licence.objects.filter(shop=second, kind="IDENTITY").update(number_index=mine.number_index)

    shown = {paper.kind: paper.is_number_elsewhere for paper in papers.of_shop(first.pk)}

    assert shown == {"IDENTITY": True, "ORIGIN_DECLARATION": False}


def test_an_open_shop_without_its_instant_is_refused_by_the_database():
    shop = a_shop()

    with pytest.raises(IntegrityError, match="storefronts_shop_"):
        Shop.objects.filter(pk=shop.pk).update(state="OPEN")


def test_a_region_reads_its_own_shops():
    here, there = a_shop(region="420527"), a_shop(region="430102")

    assert set(shops.in_scope(["420000"])) == {here}
    assert set(shops.in_scope(["420500", "430000"])) == {here, there}
    assert set(shops.in_scope(None)) == {here, there}
    assert set(shops.in_scope([])) == set()
