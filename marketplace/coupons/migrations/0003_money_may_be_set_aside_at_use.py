"""A batch may set its money aside when a coupon is used, instead of when it is claimed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("coupons", "0003_freight_coupons")]

    operations = [
        migrations.RemoveConstraint(
            model_name="couponbatch",
            name="coupons_couponbatch_holds_its_money_at_claim",
        ),
        migrations.AddConstraint(
            model_name="couponbatch",
            constraint=models.CheckConstraint(
                name="coupons_couponbatch_commits_at_a_known_time",
                condition=models.Q(commit_mode__in=["AT_CLAIM", "AT_USE"]),
            ),
        ),
    ]
