"""Coupons for new users, and who is none any more."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

KINDS = [
    ("FULL_REDUCTION", "Money off above a threshold|满减"),
    ("DIRECT", "Money off|直减"),
    ("DISCOUNT", "Percentage off, capped|折扣"),
    ("FREIGHT", "Off the freight only|运费券"),
    ("NEW_USER", "Money off for new users|新人券"),
]
ONE_THRESHOLD = Q(threshold_fen__isnull=True) ^ Q(threshold_pieces__isnull=True)
AT_MOST_ONE = Q(threshold_fen__isnull=True) | Q(threshold_pieces__isnull=True)
NO_THRESHOLD = {"threshold_fen__isnull": True, "threshold_pieces__isnull": True}
AN_AMOUNT = {
    "amount_fen__isnull": False,
    "discount_bp__isnull": True,
    "max_discount_fen__isnull": True,
}
A_CAPPED_RATE = {
    "amount_fen__isnull": True,
    "discount_bp__isnull": False,
    "max_discount_fen__isnull": False,
}


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0004_days_of_capped_budgets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="couponbatch",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=16),
        ),
        migrations.RemoveConstraint(
            model_name="couponbatch", name="coupons_couponbatch_terms_fit_the_kind"
        ),
        migrations.AddConstraint(
            model_name="couponbatch",
            constraint=models.CheckConstraint(
                name="coupons_couponbatch_terms_fit_the_kind",
                condition=Q(ONE_THRESHOLD, kind="FULL_REDUCTION", **AN_AMOUNT)
                | Q(kind="DIRECT", **AN_AMOUNT, **NO_THRESHOLD)
                | Q(AT_MOST_ONE, kind="DISCOUNT", **A_CAPPED_RATE)
                | Q(AT_MOST_ONE, kind__in=("FREIGHT", "NEW_USER"), **AN_AMOUNT),
            ),
        ),
        migrations.AddField(
            model_name="usercoupon",
            name="is_for_newcomers",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="usercoupon",
            constraint=models.UniqueConstraint(
                name="coupons_usercoupon_one_first_order",
                fields=("user",),
                condition=Q(is_for_newcomers=True, state__in=("LOCKED", "USED")),
            ),
        ),
        migrations.CreateModel(
            name="PurchaseCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("orders", models.IntegerField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="coupons_purchasecount_is_never_negative", condition=Q(orders__gte=0)
                    )
                ],
            },
        ),
    ]
