"""A batch may let a coupon that comes back after its window live on for some hours."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("coupons", "0006_coupons_by_code")]

    operations = [
        migrations.AddField(
            model_name="couponbatch",
            name="grace_hours_on_return",
            field=models.IntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="couponbatch",
            constraint=models.CheckConstraint(
                name="coupons_couponbatch_grace_is_a_week_at_most",
                condition=models.Q(
                    grace_hours_on_return__gte=0, grace_hours_on_return__lte=168
                ),
            ),
        ),
    ]
