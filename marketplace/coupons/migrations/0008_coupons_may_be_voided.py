"""Coupons that somebody got by fraud are taken back, one by one or a whole batch of them."""

from django.db import migrations, models
from django.db.models import Q

STATES = [
    ("UNUSED", "Ready to use|未使用"),
    ("LOCKED", "In an unpaid order|已锁定"),
    ("USED", "Used|已使用"),
    ("EXPIRED", "Expired|已过期"),
    ("VOIDED", "Voided|已作废"),
]


class Migration(migrations.Migration):
    dependencies = [("coupons", "0007_returned_coupons_may_live_on")]

    operations = [
        migrations.AddField(
            model_name="couponbatch",
            name="voided_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="couponbatch",
            index=models.Index(
                name="coupons_couponbatch_voided",
                fields=["id"],
                condition=Q(voided_at__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            model_name="couponbatch",
            constraint=models.CheckConstraint(
                name="coupons_couponbatch_voided_is_closed",
                condition=Q(voided_at__isnull=True) | Q(state="CLOSED"),
            ),
        ),
        migrations.AlterField(
            model_name="usercoupon",
            name="state",
            field=models.CharField(choices=STATES, default="UNUSED", max_length=10),
        ),
        migrations.AddField(
            model_name="usercoupon",
            name="voided_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="usercoupon",
            constraint=models.CheckConstraint(
                name="coupons_usercoupon_voiding_is_dated",
                condition=Q(state="VOIDED", voided_at__isnull=False)
                | (~Q(state="VOIDED") & Q(voided_at__isnull=True)),
            ),
        ),
    ]
