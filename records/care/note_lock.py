"""The lock on signed notes, in the database itself: whoever holds a connection still cannot alter or delete one.

Three things may change on a signed row: ``status`` once, from final to amended, when an addendum follows it; and the two
ranges of ``content`` that name and wrap its data key (bytes 9-28 and 45-84 of sealed format v1), when a patient key is
rotated. Everything else is refused, on SQLite and PostgreSQL alike, with an integrity error. The migrations lay it.
"""

from __future__ import annotations

REFUSAL = "a signed note never changes"
SIGNED = "('final', 'amended')"
# Compared null-safely; content apart. ``version`` too: it is bound into the seal.
FROZEN = (
    "id", "encounter_id", "organization_id", "patient_id", "number", "follows_id", "author_id", "author_organization_id",
    "created_at", "saved_at", "signed_at", "signed_by", "licence_number", "content_hash", "code", "version",
)
KEPT_RANGES = ("1, 8", "29, 16", "85")          # of ``content``, as substr() counts them

_KEPT = " OR ".join(f"substr(NEW.content, {part}) IS DISTINCT FROM substr(OLD.content, {part})" for part in KEPT_RANGES)
_CHANGED = " OR ".join(
    [*(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FROZEN), _KEPT,
     "NOT (NEW.status = OLD.status OR (OLD.status = 'final' AND NEW.status = 'amended'))"])

SQLITE = (
    f"""CREATE TRIGGER note_signed_update BEFORE UPDATE ON note WHEN OLD.status IN {SIGNED} AND ({_CHANGED})
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    f"""CREATE TRIGGER note_signed_delete BEFORE DELETE ON note WHEN OLD.status IN {SIGNED}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    # INSERT OR REPLACE deletes without the trigger above.
    f"""CREATE TRIGGER note_signed_replace BEFORE INSERT ON note
    WHEN EXISTS (SELECT 1 FROM note WHERE status IN {SIGNED}
                 AND (id = NEW.id OR code = NEW.code OR (encounter_id = NEW.encounter_id AND number = NEW.number)))
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",  # noqa: S608
)
POSTGRESQL = (
    f"""CREATE FUNCTION refuse_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    f"""CREATE TRIGGER note_signed_update BEFORE UPDATE ON note FOR EACH ROW
    WHEN (OLD.status IN {SIGNED} AND ({_CHANGED})) EXECUTE FUNCTION refuse_note_change()""",
    f"""CREATE TRIGGER note_signed_delete BEFORE DELETE ON note FOR EACH ROW
    WHEN (OLD.status IN {SIGNED}) EXECUTE FUNCTION refuse_note_change()""",
    "CREATE TRIGGER note_signed_truncate BEFORE TRUNCATE ON note FOR EACH STATEMENT EXECUTE FUNCTION refuse_note_change()",
)
UNLOCK = {
    "sqlite": tuple(f"DROP TRIGGER note_signed_{deed}" for deed in ("update", "delete", "replace")),
    "postgresql": (*(f"DROP TRIGGER note_signed_{deed} ON note" for deed in ("update", "delete", "truncate")),
                   "DROP FUNCTION refuse_note_change()"),
}
LOCK = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
