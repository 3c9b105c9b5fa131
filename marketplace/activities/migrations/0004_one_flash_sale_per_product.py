import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0003_presales"),
        ("catalogue", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="product",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalogue.product",
            ),
        ),
        # What was deferred is checked first, or the column could not be altered below.
        migrations.RunSQL(
            """
            UPDATE activities_activity AS activity SET product_id = sku.product_id
            FROM catalogue_sku AS sku WHERE sku.id = activity.sku_id;
            SET CONSTRAINTS ALL IMMEDIATE;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="activity",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalogue.product",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "FLASH"), ("state__in", ("SCHEDULED", "RUNNING"))),
                fields=("product",),
                name="activities_activity_one_flash_sale_per_product",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("kind", "FLASH"), ("state__in", ("SCHEDULED", "RUNNING"))),
                fields=["starts_at", "id"],
                name="activities_activity_flash_live",
            ),
        ),
    ]
