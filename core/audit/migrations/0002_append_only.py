"""Let nobody rewrite a life."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_statelog_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a state log row is never changed' USING ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'audit_statelog_append_only';
END $$;
CREATE TRIGGER audit_statelog_append_only BEFORE UPDATE OR DELETE ON audit_statelog
    FOR EACH ROW EXECUTE FUNCTION audit_statelog_refuse();
"""
BACKWARD = """
DROP TRIGGER audit_statelog_append_only ON audit_statelog;
DROP FUNCTION audit_statelog_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
