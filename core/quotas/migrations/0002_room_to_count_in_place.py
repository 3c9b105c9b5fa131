"""Leave room on each page, so that a counter changes without touching an index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("quotas", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE quotas_quotashard SET (fillfactor = 50);"
            " ALTER TABLE quotas_quotahold SET (fillfactor = 80)",
            "ALTER TABLE quotas_quotashard RESET (fillfactor);"
            " ALTER TABLE quotas_quotahold RESET (fillfactor)",
        )
    ]
