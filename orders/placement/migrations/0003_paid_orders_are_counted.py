"""Whoever has had a paid order is no newcomer: count what was paid before anybody counted."""

from django.db import migrations

COUNT = """
    INSERT INTO coupons_purchasecount (user_id, orders)
    SELECT buyer_id, count(*) FROM placement_order
    WHERE paid_at IS NOT NULL AND state <> 'CLOSED' GROUP BY buyer_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("placement", "0003_reductions_and_freight_coupons"),
        ("coupons", "0005_newcomers"),
    ]

    operations = [migrations.RunSQL(COUNT, "DELETE FROM coupons_purchasecount")]
