from django.db import migrations


class Migration(migrations.Migration):
    """Count orders in a sequence of their own, from which their numbers are made."""

    dependencies = [("placement", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="CREATE SEQUENCE placement_order_number AS bigint MINVALUE 0 START 0",
            reverse_sql="DROP SEQUENCE placement_order_number",
        ),
    ]
