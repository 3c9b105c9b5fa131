"""The people of those who give money for coupons have a role of their own."""

from django.db import migrations, models

ROLES = [
    ("REVIEWER", "Reviewer|审核员"),
    ("CAMPAIGN_MANAGER", "Campaign manager|活动运营"),
    ("SECTION_MANAGER", "Section manager|专区运营"),
    ("OPERATOR", "Operator|平台运维"),
    ("REPORTS", "Reports|数据报表"),
    ("PARTNER", "Partner's reviewer|合作方审核员"),
    ("FUNDER", "Funder's officer|出资方人员"),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_the_door_is_guarded")]

    operations = [
        migrations.AlterField(
            model_name="rolemembership",
            name="role",
            field=models.CharField(choices=ROLES, max_length=20),
        )
    ]
