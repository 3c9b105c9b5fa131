"""What is typed at the console reaches its service in the market's own units, or comes back."""

import pytest
from django.urls import reverse

from core.quotas.selectors import availability
from marketplace.coupons.models import CouponBatch, CouponBudget
from marketplace.sections.models import Section, SectionPin
from tests.factories import catalogue, coupons, sections
from tests.support import desk

pytestmark = pytest.mark.django_db

NEW_BUDGET = reverse("admin:coupons_couponbudget_add")
NEW_BATCH = reverse("admin:coupons_couponbatch_add")
NEW_SECTION = reverse("admin:sections_section_add")


def total_of(budget):
    return availability.figures([budget.quota_id])[budget.quota_id].total


def batch_words(budget=None, **changes):
    return {
        "name": "秋收满减",
        "kind": "FULL_REDUCTION",
        "threshold": "200",
        "amount": "￥３０．００",
        "quantity": "1,000",
        "per_user_limit": "1",
        "commit_mode": "AT_CLAIM",
        "claim_from": "2026-11-01T00:00",
        "claim_until": "2026-12-01T00:00",
        "use_until": "2026-12-31T00:00",
        "platform": "70",
        "platform_budget": str(budget.reference) if budget else "",
        "shop": "30%",
        "regions": "湖北省",
    } | changes


def test_a_budget_is_opened_in_yuan(boss):
    said = {"name": "省级补贴", "funder": "GOVERNMENT", "organisation": "省厅", "total": "1,234.56"}

    answer = boss.post(NEW_BUDGET, said)

    budget = CouponBudget.objects.get()
    assert answer.url == desk.one(budget)
    assert (budget.name, budget.funder, budget.organisation.name) == (
        "省级补贴",
        "GOVERNMENT",
        "省厅",
    )
    assert budget.opened_by.name == "值班主管"
    assert total_of(budget) == 123_456


def test_an_amount_that_is_none_comes_back_at_its_field(boss):
    for typed in ("12.345", "-1", "0", "1e3", ""):
        said = {"name": "补贴", "funder": "PLATFORM", "total": typed}
        answer = boss.post(NEW_BUDGET, said)
        assert list(desk.errors_of(answer)) == ["total"], typed

    assert not CouponBudget.objects.exists()


def test_a_budget_is_only_ever_raised(boss):
    budget = coupons.a_budget(total_fen=200_000)

    assert list(desk.errors_of(desk.do(boss, budget, "raise", {"total": "2000"}))) == ["total"]
    assert desk.do(boss, budget, "raise", {"total": "2000.01"}).status_code == 302

    assert total_of(budget) == 200_001


def test_budgets_show_spent_reserved_and_available(boss):
    coupons.a_coupon(desk.superuser(), coupons.a_batch())

    shown = boss.get(reverse("admin:coupons_couponbudget_changelist")).content.decode()

    for amount in ("¥30.00", "¥99,970.00", "¥100,000.00"):
        assert amount in shown


def test_a_batch_is_drafted_in_yuan_percent_and_wall_time(boss):
    budget = coupons.a_budget()
    hall = sections.a_section()

    answer = boss.post(NEW_BATCH, batch_words(budget, sections=[hall.slug], programmes=["832"]))

    assert answer.status_code == 302, desk.errors_of(answer)
    batch = CouponBatch.objects.get()
    assert (batch.threshold_fen, batch.amount_fen, batch.state) == (20_000, 3_000, "DRAFT")
    assert batch.claim_from.isoformat() == "2026-10-31T16:00:00+00:00"
    assert dict(batch.funding.values_list("funder", "bp")) == {"PLATFORM": 7_000, "SHOP": 3_000}
    scope = set(batch.scope.values_list("by", "section__slug", "region", "programme"))
    assert scope == {
        ("SECTION", hall.slug, "", ""),
        ("PROGRAMME", None, "", "832"),
        ("REGION", None, "420000", ""),
    }
    assert availability.figures([batch.quota_id])[batch.quota_id].total == 1_000


def test_fifteen_percent_off_is_typed_as_fifteen(boss):
    said = batch_words(coupons.a_budget(), kind="DISCOUNT", amount="", discount="15")

    answer = boss.post(NEW_BATCH, said | {"max_discount": "50"})

    assert answer.status_code == 302, desk.errors_of(answer)
    batch = CouponBatch.objects.get()
    assert (batch.discount_bp, batch.max_discount_fen) == (1_500, 5_000)
    assert "减 15 %，最高 ¥50.00" in boss.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"threshold": ""}, {"threshold"}),
        ({"threshold_pieces": "3"}, {"threshold_pieces"}),
        ({"kind": "DISCOUNT"}, {"discount", "max_discount", "amount"}),
        ({"shop": "29"}, {"shop"}),
        ({"platform_budget": ""}, {"platform_budget"}),
        ({"claim_until": "2026-10-01T00:00"}, {"claim_until"}),
        ({"use_until": "2026-11-15T00:00"}, {"use_until"}),
        ({"use_until": ""}, {"use_until"}),
        ({"regions": "999999"}, {"regions"}),
        ({"shops": "nobody"}, {"shops"}),
        ({"products": "orange"}, {"products"}),
        ({"products": "2a0b8a6e-6f0c-4d6c-9a43-0c6e0a1f3b11"}, {"products"}),
        ({"kind": "GIFT"}, {"kind"}),
        ({"commit_mode": "SOMETIME"}, {"commit_mode"}),
        ({"quantity": "1.5"}, {"quantity"}),
    ],
)
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_a_broken_rule_comes_back_at_its_field_without_fen(changes, places, language):
    browser = desk.seat(desk.superuser(), language)

    answer = browser.post(NEW_BATCH, batch_words(coupons.a_budget()) | changes)

    errors = desk.errors_of(answer)
    assert set(errors) == places
    said = str(errors)
    assert "fen" not in said
    assert "basis" not in said
    assert "10000" not in said
    assert not CouponBatch.objects.exists()


def test_a_budget_of_another_funder_is_refused(boss):
    other = coupons.a_budget(funder="PARTNER")

    answer = boss.post(NEW_BATCH, batch_words(other))

    assert set(desk.errors_of(answer)) == {"platform_budget"}


def test_a_draft_comes_back_as_it_was_typed_and_can_be_changed(boss):
    budget = coupons.a_budget()
    words = batch_words(budget, categories=[str(catalogue.a_category().reference)])
    batch_page = boss.post(NEW_BATCH, words).url
    batch = CouponBatch.objects.get()

    form = boss.get(batch_page.replace("change/", "do/edit/")).context["adminform"].form
    shown = {field.name: field.value() for field in form}
    assert (shown["threshold"], shown["amount"], shown["shop"]) == ("200.00", "30.00", "30.00")
    assert shown["claim_from"] == "2026-11-01T00:00"
    answer = desk.do(boss, batch, "edit", words | {"amount": "25"})

    assert answer.status_code == 302, desk.errors_of(answer)
    batch.refresh_from_db()
    assert batch.amount_fen == 2_500


def test_a_running_batch_only_grows(boss):
    batch = coupons.a_batch()
    said = {"quantity": "150", "claim_until": "2100-01-01T08:00", "use_until": "2100-01-01T08:00"}

    answer = desk.do(boss, batch, "grow", said)
    assert answer.status_code == 302, desk.errors_of(answer)
    fewer = desk.do(boss, batch, "grow", said | {"quantity": "149"})

    assert set(desk.errors_of(fewer)) == {"quantity"}
    assert total_of(batch) == 150


def section_words(**changes):
    return {
        "name": "秋收专区",
        "name_en": "Harvest",
        "slug": "harvest",
        "position": "5",
        "regions": "湖北省",
        "kind": "PLAIN",
    } | changes


def test_a_section_is_made_with_its_rule(boss):
    said = section_words(programmes=["832"], opens_at="2026-11-11T00:00")

    answer = boss.post(NEW_SECTION, said)

    assert answer.status_code == 302, desk.errors_of(answer)
    section = Section.objects.get(slug="harvest")
    assert (section.regions, section.programmes, section.state) == (["420000"], ["832"], "DRAFT")
    assert section.opens_at.isoformat() == "2026-11-10T16:00:00+00:00"


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"slug": "taken"}, {"slug"}),
        ({"slug": "Not A Slug"}, {"slug"}),
        ({"name": " "}, {"name"}),
        ({"regions": "亚特兰蒂斯"}, {"regions"}),
        ({"programmes": ["833"]}, {"programmes"}),
        ({"categories": ["x"]}, {"categories"}),
        ({"opens_at": "2026-11-12T00:00", "closes_at": "2026-11-11T00:00"}, {"closes_at"}),
        ({"position": "-1"}, {"position"}),
    ],
)
def test_a_section_that_cannot_be_comes_back_at_its_field(boss, changes, places):
    sections.a_section("taken")

    answer = boss.post(NEW_SECTION, section_words() | changes)

    assert set(desk.errors_of(answer)) == places
    assert Section.objects.count() == 1


def test_a_hall_and_a_section_with_a_partner_are_made(boss):
    hall = {"kind": "HALL", "partner": "秭归县农业农村局", "partner_region": "420527"}
    joint = {"kind": "CO_BRANDED", "partner": "省农业农村厅", "partner_region": "湖北省"}
    told = hall | {"regions": "", "story": "屈原故里", "gi_mark": "秭归脐橙"}

    answers = [
        boss.post(NEW_SECTION, section_words(slug="zigui") | told),
        boss.post(NEW_SECTION, section_words(slug="joint") | joint),
        boss.post(NEW_SECTION, section_words(slug="second") | told),
        boss.post(NEW_SECTION, section_words(slug="nobody", kind="CO_BRANDED")),
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 200, 200]
    assert set(desk.errors_of(answers[2])) == {"partner_region"}
    assert set(desk.errors_of(answers[3])) == {"partner"}
    rows = Section.objects.order_by("id").values_list("kind", "county", "regions", "story")
    assert list(rows) == [
        ("HALL", "420527", ["420527"], "屈原故里"),
        ("CO_BRANDED", "", ["420000"], ""),
    ]


def test_an_edit_of_what_somebody_changed_meanwhile_is_refused(boss):
    section = sections.a_section(regions=["420000"])
    said = section_words(slug=section.slug, version=str(section.version))
    assert desk.do(boss, section, "edit", said | {"name": "先到"}).status_code == 302

    late = desk.do(boss, section, "edit", said | {"name": "后到"})

    assert list(desk.errors_of(late)) == ["__all__"]
    section.refresh_from_db()
    assert section.name == "先到"


def test_products_are_pinned_by_title_or_id_and_unpinned(boss):
    section = sections.a_section(regions=["420000"])
    orange = catalogue.a_product(title="秭归脐橙 伦晚")
    other = catalogue.a_product(title="秭归脐橙 精品")

    assert set(desk.errors_of(desk.do(boss, section, "pin", {"product": "秭归脐橙"}))) == {
        "product"
    }
    assert set(desk.errors_of(desk.do(boss, section, "pin", {"product": "没有"}))) == {"product"}
    assert desk.do(boss, section, "pin", {"product": "伦晚"}).status_code == 302
    said = {"product": str(other.reference), "position": "1"}
    assert desk.do(boss, section, "pin", said).status_code == 302
    pinned = list(SectionPin.objects.order_by("pk").values_list("product", flat=True))
    assert pinned == [orange.pk, other.pk]
    assert "秭归脐橙 伦晚" in boss.get(desk.one(section)).content.decode()

    assert desk.do(boss, section, "unpin", {"product": str(orange.reference)}).status_code == 302

    assert list(SectionPin.objects.values_list("product", flat=True)) == [other.pk]


def test_a_product_from_elsewhere_is_not_pinned(boss):
    section = sections.a_section(regions=["520000"])
    orange = catalogue.a_product()

    answer = desk.do(boss, section, "pin", {"product": str(orange.reference)})

    assert set(desk.errors_of(answer)) == {"product"}
    assert not SectionPin.objects.exists()
