"""The shares of a batch are always the whole: judged once, when a transaction commits."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION coupons_funding_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked bigint := coalesce(to_jsonb(NEW), to_jsonb(OLD)) ->> TG_ARGV[0];
    whole bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM coupons_couponbatch WHERE id = asked) THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(bp), 0) INTO whole FROM coupons_batchfunding WHERE batch_id = asked;
    IF whole <> 10000 THEN
        RAISE EXCEPTION 'the shares of batch % sum to % basis points', asked, whole
            USING ERRCODE = 'check_violation', CONSTRAINT = 'coupons_batchfunding_is_whole';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER coupons_batchfunding_is_whole
    AFTER INSERT OR UPDATE OR DELETE ON coupons_batchfunding
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION coupons_funding_is_whole('batch_id');

CREATE CONSTRAINT TRIGGER coupons_couponbatch_funding_is_whole
    AFTER INSERT ON coupons_couponbatch
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION coupons_funding_is_whole('id');
"""

BACKWARD = """
DROP TRIGGER coupons_couponbatch_funding_is_whole ON coupons_couponbatch;
DROP TRIGGER coupons_batchfunding_is_whole ON coupons_batchfunding;
DROP FUNCTION coupons_funding_is_whole();
"""


class Migration(migrations.Migration):
    dependencies = [("coupons", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
