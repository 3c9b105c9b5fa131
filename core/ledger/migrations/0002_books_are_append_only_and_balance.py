"""Let the database refuse what is not double entry, and whatever would rewrite it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_entry_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    -- One look at the rows of the statement; a row-level trigger would be quadratic.
    SELECT entry_id, sum(amount_fen) AS rest INTO wrong
    FROM posted GROUP BY entry_id HAVING sum(amount_fen) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is off by % fen', wrong.entry_id, wrong.rest
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_posting_entry_sums_to_zero',
                  TABLE = 'ledger_posting';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_posting_entry_sums_to_zero AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS posted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_sums_to_zero();

CREATE FUNCTION ledger_entry_has_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_posting WHERE entry_id = NEW.id) THEN
        RAISE EXCEPTION 'entry % has no postings', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_has_postings',
                  TABLE = 'ledger_entry';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_entry_has_postings AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_has_postings();

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: post the reverse', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER ledger_entry_is_append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_posting_is_append_only BEFORE UPDATE OR DELETE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
"""

BACKWARD = """
DROP TRIGGER ledger_posting_is_append_only ON ledger_posting;
DROP TRIGGER ledger_entry_is_append_only ON ledger_entry;
DROP FUNCTION ledger_is_append_only();
DROP TRIGGER ledger_entry_has_postings ON ledger_entry;
DROP FUNCTION ledger_entry_has_postings();
DROP TRIGGER ledger_posting_entry_sums_to_zero ON ledger_posting;
DROP FUNCTION ledger_entry_sums_to_zero();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
