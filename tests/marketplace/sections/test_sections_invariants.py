"""Each promise of sections notices when one row breaks it, and only then."""

import pytest

from core import reconciling
from marketplace.sections.models import BrandAuthorisation, SectionCount, SectionItem, SectionMember
from shops.catalogue.models import ProductCard
from tests.factories.catalogue import a_product
from tests.factories.sections import (
    a_brand,
    a_co_branded_section,
    a_hall,
    a_mark,
    a_section,
    an_item,
    approved,
    authorise,
)
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db

NAMES = [name for name in reconciling.names() if name.startswith("sections.")]


@pytest.fixture
def member(now):
    """One product in one section."""
    section = a_section(regions=["420000"])
    a_product()
    deliver_all(now)
    return SectionMember.objects.get(section=section)


def _broken():
    return {
        result.name: [finding.detail for finding in result.findings]
        for result in reconciling.run(NAMES)
        if not result.is_held
    }


def test_all_are_held_at_rest(member):
    assert len(NAMES) == 5
    assert _broken() == {}


def test_canary_a_count_that_is_off_by_one_is_reported(member):
    SectionCount.objects.update(members=2)

    assert _broken() == {"sections.counts_add_up_to_members": ["counted 2, shows 1"]}


def test_canary_a_count_that_is_missing_is_reported(member):
    SectionCount.objects.all().delete()

    assert _broken() == {"sections.counts_add_up_to_members": ["counted 0, shows 1"]}


def test_canary_a_member_without_a_card_is_reported(member):
    ProductCard.objects.all().delete()

    assert _broken() == {"sections.members_are_on_sale_somewhere": ["there is no card to show"]}


def test_canary_a_co_branded_member_that_one_side_did_not_approve_is_reported(now):
    section = a_co_branded_section(regions=["420000"])
    approved(an_item(section, a_product()))
    assert _broken() == {}

    SectionItem.objects.update(state="PLATFORM_APPROVED", partner_at=None)

    assert _broken() == {
        "sections.co_branded_members_are_approved_by_both": [
            "shown without the approval of both sides"
        ]
    }


def test_canary_a_member_of_a_hall_from_elsewhere_is_reported(now):
    a_hall("420527")
    a_product(origin="420527")
    deliver_all(now)
    assert _broken() == {}

    SectionMember.objects.update(origin_county="420528")
    SectionCount.objects.update(origin_county="420528")

    assert _broken() == {"sections.halls_hold_only_their_county": ["it comes from 420528"]}


def test_canary_a_mark_of_an_ended_authorisation_is_reported(now):
    brand, product = a_brand("420527"), a_product(origin="420527")
    authorise(brand, product.shop)
    a_mark(brand, product)
    assert _broken() == {}

    BrandAuthorisation.objects.update(ended_at=now)

    assert _broken() == {
        "sections.marks_are_authorised_and_fit": [
            f"bears the mark of brand {brand.pk} without a right to it"
        ]
    }
