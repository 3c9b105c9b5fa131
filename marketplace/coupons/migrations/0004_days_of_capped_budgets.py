"""A budget may be capped by the day; each of its days is a quota."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0003_money_may_be_set_aside_at_use"),
        ("quotas", "0002_room_to_count_in_place"),
    ]

    operations = [
        migrations.AddField(
            model_name="couponbudget",
            name="daily_cap_fen",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="couponbudget",
            constraint=models.CheckConstraint(
                name="coupons_couponbudget_cap_is_of_something",
                condition=models.Q(
                    ("daily_cap_fen__isnull", True), ("daily_cap_fen__gt", 0), _connector="OR"
                ),
            ),
        ),
        migrations.CreateModel(
            name="BudgetDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "budget",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="days",
                        to="coupons.couponbudget",
                    ),
                ),
                (
                    "quota",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="quotas.quota",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        name="coupons_budgetday_opened_once", fields=("budget", "day")
                    )
                ],
            },
        ),
    ]
