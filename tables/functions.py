"""What PostgreSQL does in one call, because a row that everybody waits for must not wait for us.

The text is shared by `models.py` and by the migrations, like that of `guards`. A change of it is a new name beside the
old one: while an installation is renewed, both versions of the product are at work.
"""

from sqlalchemy import Connection

# All that an enrollment writes, once a look without locks has found nothing against it. The locks come in the one order
# of all: person, purse (by the trigger of the ledger), course. It does everything or leaves nothing: NULL where the
# person has changed since the look, or is enrolled already; an error where money or seats do not suffice.
# `p_seen` is the version of the person and of all their enrollments that the look has met. It is read anew after the
# lock by a statement of its own, which sees what others have stored while we waited.
ENROLL = """
CREATE OR REPLACE FUNCTION enroll_at_once(
  p_person bigint, p_seen text, p_course bigint, p_province bigint, p_unit bigint, p_actor bigint, p_draft bigint,
  p_form_key varchar, p_form_hash varchar, p_tracking_code varchar, p_group bigint, p_evidence varchar,
  p_channel varchar, p_reason varchar, p_level varchar,
  p_source varchar, p_purse bigint, p_income bigint, p_fee bigint, p_fee_reason varchar,
  p_body varchar, p_now timestamptz, p_due timestamptz,
  OUT made bigint, OUT owed bigint
) LANGUAGE plpgsql AS $$
DECLARE told bigint;
BEGIN
  PERFORM 1 FROM person WHERE id = p_person FOR NO KEY UPDATE;
  PERFORM 1 FROM person WHERE id = p_person AND p_seen = concat_ws(' ', xmin, (
    SELECT string_agg(concat_ws('.', e.id, e.xmin), ' ' ORDER BY e.id) FROM enrollment e WHERE e.person_id = p_person));
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO enrollment (person_id, course_id, province_id, unit_id, created_by_id, form_key, form_hash,
      tracking_code, target_group_id, group_evidence, channel, in_person_reason, in_person_level,
      debit_source, payer_account_id, fee_rials, fee_reason, status, created_at)
    VALUES (p_person, p_course, p_province, p_unit, p_actor, p_form_key, p_form_hash,
      p_tracking_code, p_group, p_evidence, p_channel, p_reason, p_level,
      p_source, p_purse, p_fee, p_fee_reason, 'active', p_now)
    ON CONFLICT DO NOTHING RETURNING id INTO made;
  IF made IS NULL THEN RETURN; END IF;
  INSERT INTO enrollment_event (enrollment_id, actor_id, action, reason, at)
    VALUES (made, p_actor, 'enroll', '', p_now);
  IF p_fee > 0 THEN
    INSERT INTO ledger_transfer (from_account_id, to_account_id, enrollment_id, actor_id, kind, amount, cause_key, at)
      VALUES (p_purse, p_income, made, p_actor, 'debit', p_fee, 'enrollment:' || made || ':debit', p_now);
  END IF;
  INSERT INTO message (person_id, enrollment_id, cause_key, channel, template, body, state, created_at)
    VALUES (p_person, made, 'enrollment:' || made || ':made', 'sms', 'enrolled', p_body, 'queued', p_now)
    RETURNING id INTO told;
  INSERT INTO outbox (topic, ref_id, dedup_key, state, attempts, failures, next_try_at, created_at)
    VALUES ('sms', told, 'sms:' || told, 'open', 0, 0, p_due, p_now) RETURNING id INTO owed;
  IF p_draft IS NOT NULL THEN UPDATE enrollment_draft SET used_at = p_now WHERE id = p_draft; END IF;
  UPDATE course SET taken = taken + 1 WHERE id = p_course AND status IN ('approved', 'open')
    AND enroll_open_at <= p_now AND enroll_close_at > p_now AND taken + held < capacity_max;
  IF NOT FOUND THEN RAISE EXCEPTION 'no seat' USING ERRCODE = 'check_violation'; END IF;
END $$
"""


def install(connection: Connection) -> None:
    """Put the functions in place; SQLite, which has one writer at a time, does without."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(ENROLL)


def remove(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS enroll_at_once")
