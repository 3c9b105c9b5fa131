import pytest

from core.accounts.models import Organisation
from core.accounts.services import granting
from core.errors import InvalidInput

pytestmark = pytest.mark.django_db


def test_an_organisation_is_founded_once(now):
    first = granting.found_organisation(name="宜昌市农业农村局", region="420500", now=now)

    again = granting.found_organisation(name="宜昌市农业农村局", region="420500", now=now)

    assert again.pk == first.pk


def test_a_name_never_stands_for_another_region(now):
    granting.found_organisation(name="农业农村局", region="420500", now=now)

    with pytest.raises(InvalidInput) as refused:
        granting.found_organisation(name="农业农村局", region="430000", now=now)

    assert refused.value.faults[0].code == "ORGANISATION_ELSEWHERE"
    assert Organisation.objects.get().region == "420500"
