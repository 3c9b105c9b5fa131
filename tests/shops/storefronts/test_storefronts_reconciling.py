"""Each promise about shops, and the row that breaks it."""

import pytest
from django.db import connection

from core import reconciling
from shops.storefronts.models import Licence
from tests.factories.storefronts import open_shop

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "corruption", "detail"),
    [
        (
            "storefronts.open_shops_hold_their_papers",
            "UPDATE storefronts_licence SET state = 'REVOKED' WHERE kind = 'IDENTITY'",
            "open without IDENTITY",
        ),
        ("storefronts.shops_have_their_owner", "DELETE FROM storefronts_shopmember", "no owner"),
        (
            "storefronts.pictures_of_papers_are_kept",
            "UPDATE uploads_upload SET claimed_at = NULL WHERE id = {upload}",
            "never claimed",
        ),
    ],
)
def test_canary_a_broken_promise_is_reported(name, corruption, detail):
    shop = open_shop()
    upload = Licence.objects.get(shop=shop, kind="IDENTITY").upload_id
    (before,) = reconciling.run([name])
    with connection.cursor() as cursor:
        cursor.execute(corruption.format(upload=upload))

    (after,) = reconciling.run([name])

    assert before.is_held
    assert (after.broken, detail in after.findings[0].detail) == (1, True)
