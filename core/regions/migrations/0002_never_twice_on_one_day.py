"""Refuse two rows of one code in force on the same day.

Nor is a county listed twice in one programme, or are two regions paired twice. The embedded server
has no btree_gist, so code and day are folded into one number and the exclusions run over plain
ranges of it.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE regions_region ADD CONSTRAINT regions_region_validity_never_overlaps
EXCLUDE USING gist (
    int8range(
        code::bigint * 10000000 + coalesce(valid_from - date '0001-01-01', 0),
        code::bigint * 10000000 + coalesce(valid_until - date '0001-01-01', 9999999)
    ) WITH &&
);
ALTER TABLE regions_programmemembership ADD CONSTRAINT regions_programmemembership_listed_once
EXCLUDE USING gist (
    int8range(programme_id, programme_id, '[]') WITH &&,
    int8range(
        listed_code::bigint * 10000000 + coalesce(valid_from - date '0001-01-01', 0),
        listed_code::bigint * 10000000 + coalesce(valid_until - date '0001-01-01', 9999999)
    ) WITH &&
);
ALTER TABLE regions_regionpairing ADD CONSTRAINT regions_regionpairing_paired_once_at_a_time
EXCLUDE USING gist (
    int8range(helper::bigint, helper::bigint, '[]') WITH &&,
    int8range(
        helped::bigint * 10000000 + (valid_from - date '0001-01-01'),
        helped::bigint * 10000000 + coalesce(valid_until - date '0001-01-01', 9999999)
    ) WITH &&
);
"""
BACKWARD = """
ALTER TABLE regions_programmemembership DROP CONSTRAINT regions_programmemembership_listed_once;
ALTER TABLE regions_regionpairing DROP CONSTRAINT regions_regionpairing_paired_once_at_a_time;
ALTER TABLE regions_region DROP CONSTRAINT regions_region_validity_never_overlaps;
"""


class Migration(migrations.Migration):
    dependencies = [("regions", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
