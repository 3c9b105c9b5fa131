"""The shares of a batch are always the whole: judged once, when a transaction commits."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION campaigns_funding_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked bigint := coalesce(to_jsonb(NEW), to_jsonb(OLD)) ->> TG_ARGV[0];
    whole bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM campaigns_couponbatch WHERE id = asked) THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(bp), 0) INTO whole FROM campaigns_batchfunding WHERE batch_id = asked;
    IF whole <> 10000 THEN
        RAISE EXCEPTION 'the shares of batch % sum to % basis points', asked, whole
            USING ERRCODE = 'check_violation', CONSTRAINT = 'campaigns_batchfunding_is_whole';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER campaigns_batchfunding_is_whole
    AFTER INSERT OR UPDATE OR DELETE ON campaigns_batchfunding
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION campaigns_funding_is_whole('batch_id');

CREATE CONSTRAINT TRIGGER campaigns_couponbatch_funding_is_whole
    AFTER INSERT ON campaigns_couponbatch
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION campaigns_funding_is_whole('id');
"""

BACKWARD = """
DROP TRIGGER campaigns_couponbatch_funding_is_whole ON campaigns_couponbatch;
DROP TRIGGER campaigns_batchfunding_is_whole ON campaigns_batchfunding;
DROP FUNCTION campaigns_funding_is_whole();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
