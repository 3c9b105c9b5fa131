"""Refuse two rows of one code in force on the same day.

The embedded server has no btree_gist, so code and day are folded into one number and the exclusion
runs over a plain range of it.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE regions_region ADD CONSTRAINT regions_region_validity_never_overlaps
EXCLUDE USING gist (
    int8range(
        code::bigint * 10000000 + coalesce(valid_from - date '0001-01-01', 0),
        code::bigint * 10000000 + coalesce(valid_until - date '0001-01-01', 9999999)
    ) WITH &&
)
"""
BACKWARD = "ALTER TABLE regions_region DROP CONSTRAINT regions_region_validity_never_overlaps"


class Migration(migrations.Migration):
    dependencies = [("regions", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
