"""A budget belongs to an organisation instead of naming one; foreign money always does."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# Who was only a name becomes an organisation; who had none is called after the budget.
FOUND = """
    INSERT INTO accounts_organisation (reference, name, region, created_at)
    SELECT gen_random_uuid(), budget.body, '', min(budget.opened_at)
    FROM (
        SELECT coalesce(nullif(organisation_name, ''),
                        CASE WHEN funder <> 'PLATFORM' THEN name END) AS body, opened_at
        FROM coupons_couponbudget
    ) AS budget
    WHERE budget.body IS NOT NULL
    GROUP BY budget.body
    ON CONFLICT (name) DO NOTHING;
    UPDATE coupons_couponbudget AS budget SET organisation_id = body.id
    FROM accounts_organisation AS body
    WHERE body.name = coalesce(nullif(budget.organisation_name, ''),
                               CASE WHEN budget.funder <> 'PLATFORM' THEN budget.name END)
"""
NAME = """
    UPDATE coupons_couponbudget AS budget SET organisation_name = body.name
    FROM accounts_organisation AS body WHERE body.id = budget.organisation_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0008_coupons_may_be_voided"),
        ("accounts", "0003_funders_have_officers"),
    ]

    operations = [
        migrations.RenameField("couponbudget", "organisation", "organisation_name"),
        migrations.AddField(
            model_name="couponbudget",
            name="organisation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        # Constraints that wait for the end of the transaction would forbid what follows.
        migrations.RunSQL(
            f"{FOUND}; SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED",
            f"{NAME}; SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED",
        ),
        migrations.RemoveField("couponbudget", "organisation_name"),
        migrations.AddConstraint(
            model_name="couponbudget",
            constraint=models.CheckConstraint(
                name="coupons_couponbudget_foreign_money_has_an_owner",
                condition=~Q(funder__in=("GOVERNMENT", "PARTNER"))
                | Q(organisation__isnull=False),
            ),
        ),
        migrations.AlterField(
            model_name="couponuse",
            name="budget",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="uses",
                to="coupons.couponbudget",
            ),
        ),
        migrations.AddIndex(
            model_name="couponuse",
            index=models.Index(
                name="coupons_couponuse_of_budget",
                fields=["budget", "-used_at", "-id"],
                condition=Q(budget__isnull=False),
            ),
        ),
    ]
