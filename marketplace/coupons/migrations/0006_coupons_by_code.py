"""Batches that are handed out by codes, and the making of these codes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import core.accounts.sealing

RUN_STATES = [("WRITING", "Being made|生成中"), ("STOPPED", "Stopped|已停止"), ("WRITTEN", "Made|已生成")]
KEY = ("id", models.BigAutoField(
    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
))  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0005_newcomers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="couponbatch",
            name="by_code",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="couponbatch",
            constraint=models.CheckConstraint(
                name="coupons_couponbatch_codes_are_of_the_platform",
                condition=Q(by_code=False) | Q(issuer="PLATFORM"),
            ),
        ),
        migrations.CreateModel(
            name="CodeRun",
            fields=[
                KEY,
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="code_run",
                        to="coupons.couponbatch",
                    ),
                ),
                ("secret", core.accounts.sealing.SealedTextField()),
                (
                    "state",
                    models.CharField(choices=RUN_STATES, default="WRITING", max_length=10),
                ),
                ("wanted", models.IntegerField()),
                ("written", models.IntegerField(default=0)),
                ("next_number", models.IntegerField(default=0)),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("written_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        name="coupons_coderun_to_be_written",
                        fields=["started_at", "id"],
                        condition=Q(state="WRITING"),
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        name="coupons_coderun_never_writes_too_many",
                        condition=Q(written__gte=0, written__lte=F("wanted")),
                    ),
                    models.CheckConstraint(
                        name="coupons_coderun_numbers_go_on",
                        condition=Q(next_number__gte=F("written")),
                    ),
                    models.CheckConstraint(
                        name="coupons_coderun_written_is_whole_and_dated",
                        condition=Q(
                            state="WRITTEN", written=F("wanted"), written_at__isnull=False
                        )
                        | (~Q(state="WRITTEN") & Q(written_at__isnull=True)),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CouponCode",
            fields=[
                KEY,
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="coupons.couponbatch",
                    ),
                ),
                ("number", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        name="coupons_couponcode_numbered_once", fields=("batch", "number")
                    ),
                    models.UniqueConstraint(
                        name="coupons_couponcode_names_one_batch", fields=("digest",)
                    ),
                    models.CheckConstraint(
                        name="coupons_couponcode_is_kept_as_a_digest",
                        condition=Q(digest__regex="^[0-9a-f]{64}$"),
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="usercoupon",
            name="code",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="coupons.couponcode",
            ),
        ),
        migrations.AddConstraint(
            model_name="usercoupon",
            constraint=models.UniqueConstraint(
                name="coupons_usercoupon_code_gives_one",
                fields=("code",),
                condition=Q(code__isnull=False),
            ),
        ),
    ]
