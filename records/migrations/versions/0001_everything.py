"""Everything that is written down, as it stands at the start.

Revision ID: 0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import database
from records.care import note_lock

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "audit_event",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", database.Instant(), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("object_type", sa.String(length=30), nullable=False),
        sa.Column("object_id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_actor", ["actor_id", "sequence"], unique=False)
        batch_op.create_index("ix_audit_event_organization", ["organization_id", "sequence"], unique=False)
        batch_op.create_index("ix_audit_event_patient", ["patient_id", "sequence"], unique=False)
        batch_op.create_index("ix_audit_event_tag", ["tag", "sequence"], unique=False)

    op.create_table(
        "deployment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", database.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_table(
        "key_check",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("check_value", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", database.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_key_check")),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("care_level", sa.String(length=20), nullable=False),
        sa.Column("part_of_id", sa.Uuid(), nullable=True),
        sa.Column("commune_code", sa.String(length=5), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["part_of_id"], ["organization.id"], name=op.f("fk_organization_part_of_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("code", name=op.f("uq_organization_code")),
    )
    op.create_table(
        "cover",
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("since", database.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_cover_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["organization.id"], name=op.f("fk_cover_station_id_organization")
        ),
        sa.PrimaryKeyConstraint("station_id", "organization_id", name=op.f("pk_cover")),
    )
    op.create_table(
        "location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_location_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
    )
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_location_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "practitioner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("user_name", sa.String(length=40), nullable=False),
        sa.Column("full_name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("position", sa.String(length=40), nullable=False),
        sa.Column("specialty", sa.String(length=40), nullable=False),
        sa.Column("licence_number", sa.String(length=40), nullable=False),
        sa.Column("licence_valid_until", sa.Date(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("disabled_at", database.Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", database.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_practitioner_location_id_location")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_practitioner_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practitioner")),
        sa.UniqueConstraint("user_name", name=op.f("uq_practitioner_user_name")),
    )
    with op.batch_alter_table("practitioner", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_practitioner_organization_id"), ["organization_id"], unique=False
        )

    op.create_table(
        "duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", database.Instant(), nullable=False),
        sa.Column("ended_at", database.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_duty_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_duty_practitioner_id_practitioner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.create_index("ix_duty_open", ["organization_id", "ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_practitioner_id"), ["practitioner_id"], unique=False)

    op.create_table(
        "login",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", database.Instant(), nullable=False),
        sa.Column("last_seen_at", database.Instant(), nullable=False),
        sa.Column("ended_at", database.Instant(), nullable=True),
        sa.Column("ended_because", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=50), nullable=False),
        sa.Column("browser", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_login_practitioner_id_practitioner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_token_hash")),
    )
    with op.batch_alter_table("login", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_practitioner_id"), ["practitioner_id"], unique=False)

    op.create_table(
        "patient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("unnamed", sa.Boolean(), nullable=False),
        sa.Column("same_as_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", database.Instant(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("last_seen_at", database.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["practitioner.id"], name=op.f("fk_patient_created_by_practitioner")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_patient_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["same_as_id"], ["patient.id"], name=op.f("fk_patient_same_as_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.create_index("ix_patient_organization", ["organization_id", "created_at"], unique=False)

    op.create_table(
        "practitioner_role",
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioner.id"],
            name=op.f("fk_practitioner_role_practitioner_id_practitioner"),
        ),
        sa.PrimaryKeyConstraint("practitioner_id", "role", name=op.f("pk_practitioner_role")),
    )
    op.create_table(
        "encounter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("intake", sa.LargeBinary(), nullable=True),
        sa.Column("intake_version", sa.Integer(), nullable=False),
        sa.Column("started_at", database.Instant(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", database.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_encounter_location_id_location")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_encounter_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_encounter_patient_id_patient")),
        sa.ForeignKeyConstraint(
            ["started_by"], ["practitioner.id"], name=op.f("fk_encounter_started_by_practitioner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encounter")),
    )
    with op.batch_alter_table("encounter", schema=None) as batch_op:
        batch_op.create_index("ix_encounter_organization", ["organization_id", "started_at"], unique=False)
        batch_op.create_index("ix_encounter_patient", ["patient_id", "started_at"], unique=False)

    op.create_table(
        "patient_index",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_patient_index_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_index_patient_id_patient")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_index")),
        sa.UniqueConstraint("patient_id", "field", name=op.f("uq_patient_index_patient_id_field")),
    )
    with op.batch_alter_table("patient_index", schema=None) as batch_op:
        batch_op.create_index("ix_patient_index_digest", ["field", "digest"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("padded_size", sa.Integer(), nullable=False),
        sa.Column("created_at", database.Instant(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("seen_at", database.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["practitioner.id"], name=op.f("fk_attachment_created_by_practitioner")
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_attachment_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_attachment_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_attachment_patient_id_patient")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index("ix_attachment_encounter", ["encounter_id", "created_at"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", database.Instant(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", database.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_consent_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_consent_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_consent_patient_id_patient")),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["organization.id"], name=op.f("fk_consent_recipient_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["practitioner.id"], name=op.f("fk_consent_recorded_by_practitioner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("ix_consent_basis", ["basis", "recorded_at"], unique=False)
        batch_op.create_index("ix_consent_encounter", ["encounter_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", database.Instant(), nullable=False),
        sa.Column("delivered_at", database.Instant(), nullable=True),
        sa.Column("seen_at", database.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_message_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_message_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_message_patient_id_patient")),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["practitioner.id"], name=op.f("fk_message_sender_id_practitioner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_encounter", ["encounter_id", "number"], unique=True)

    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("follows_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_organization_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", database.Instant(), nullable=False),
        sa.Column("saved_at", database.Instant(), nullable=False),
        sa.Column("signed_at", database.Instant(), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("licence_number", sa.String(length=40), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["practitioner.id"], name=op.f("fk_note_author_id_practitioner")
        ),
        sa.ForeignKeyConstraint(
            ["author_organization_id"],
            ["organization.id"],
            name=op.f("fk_note_author_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_note_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(["follows_id"], ["note.id"], name=op.f("fk_note_follows_id_note")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_note_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_note_patient_id_patient")),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["practitioner.id"], name=op.f("fk_note_signed_by_practitioner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("code", name=op.f("uq_note_code")),
        sa.UniqueConstraint("encounter_id", "number", name=op.f("uq_note_encounter_id_number")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index("ix_note_author", ["author_id", "status"], unique=False)

    op.create_table(
        "observation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("recorded_at", database.Instant(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_observation_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_observation_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_observation_patient_id_patient")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["practitioner.id"], name=op.f("fk_observation_recorded_by_practitioner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
    )
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.create_index("ix_observation_encounter", ["encounter_id", "recorded_at"], unique=False)
        batch_op.create_index("ix_observation_patient", ["patient_id", "recorded_at"], unique=False)

    op.create_table(
        "request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("asked_at", database.Instant(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("rung_at", database.Instant(), nullable=True),
        sa.Column("accepted_at", database.Instant(), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_organization_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", database.Instant(), nullable=True),
        sa.Column("deadline_at", database.Instant(), nullable=True),
        sa.Column("ringing_until", database.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["practitioner.id"], name=op.f("fk_request_accepted_by_practitioner")
        ),
        sa.ForeignKeyConstraint(
            ["accepted_organization_id"],
            ["organization.id"],
            name=op.f("fk_request_accepted_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["practitioner.id"], name=op.f("fk_request_asked_by_practitioner")
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_request_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_request_location_id_location")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_request_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index("ix_request_asked", ["asked_at", "id"], unique=False)
        batch_op.create_index("ix_request_doctor", ["accepted_by", "asked_at", "id"], unique=False)
        batch_op.create_index("ix_request_encounter", ["encounter_id"], unique=False)
        batch_op.create_index(
            "ix_request_live",
            ["status"],
            unique=False,
            sqlite_where=sa.text("status IN ('requested','received','accepted','in-progress')"),
            postgresql_where=sa.text("status IN ('requested','received','accepted','in-progress')"),
        )
        batch_op.create_index("ix_request_organization", ["organization_id", "asked_at", "id"], unique=False)

    op.create_table(
        "attachment_chunk",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_attachment_chunk_attachment_id_attachment")
        ),
        sa.PrimaryKeyConstraint("attachment_id", "number", name=op.f("pk_attachment_chunk")),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=True),
        sa.Column("doctor_organization_id", sa.Uuid(), nullable=True),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("opened_at", database.Instant(), nullable=False),
        sa.Column("connected_at", database.Instant(), nullable=True),
        sa.Column("ended_at", database.Instant(), nullable=True),
        sa.Column("deadline_at", database.Instant(), nullable=True),
        sa.Column("finish_at", database.Instant(), nullable=True),
        sa.Column("finish_by", sa.Uuid(), nullable=True),
        sa.Column("worker_media", sa.String(length=10), nullable=False),
        sa.Column("doctor_media", sa.String(length=10), nullable=False),
        sa.Column("cuts", sa.Integer(), nullable=False),
        sa.Column("cut_seconds", sa.Integer(), nullable=False),
        sa.Column("bytes_used", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["practitioner.id"], name=op.f("fk_call_doctor_id_practitioner")
        ),
        sa.ForeignKeyConstraint(
            ["doctor_organization_id"],
            ["organization.id"],
            name=op.f("fk_call_doctor_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_call_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(
            ["finish_by"], ["practitioner.id"], name=op.f("fk_call_finish_by_practitioner")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_call_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_call_request_id_request")),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["practitioner.id"], name=op.f("fk_call_worker_id_practitioner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("request_id", name=op.f("uq_call_request_id")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index("ix_call_doctor", ["doctor_id", "state"], unique=False)
        batch_op.create_index("ix_call_encounter", ["encounter_id"], unique=False)
        batch_op.create_index(
            "ix_call_live",
            ["state"],
            unique=False,
            sqlite_where=sa.text("state NOT IN ('ended','failed')"),
            postgresql_where=sa.text("state NOT IN ('ended','failed')"),
        )
        batch_op.create_index(
            "uq_call_live_doctor",
            ["doctor_id"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('ended','failed')"),
            postgresql_where=sa.text("state NOT IN ('ended','failed')"),
        )

    op.create_table(
        "call_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("at", database.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_call_event_practitioner_id_practitioner")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_call_event_request_id_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_event")),
    )
    with op.batch_alter_table("call_event", schema=None) as batch_op:
        batch_op.create_index("ix_call_event_request", ["request_id", "id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("offered_at", database.Instant(), nullable=False),
        sa.Column("read_at", database.Instant(), nullable=True),
        sa.Column("shown_at", database.Instant(), nullable=True),
        sa.Column("answered_at", database.Instant(), nullable=True),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_offer_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_offer_practitioner_id_practitioner")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_offer_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", "practitioner_id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index("ix_offer_practitioner", ["practitioner_id", "answer"], unique=False)

    op.create_table(
        "call_sample",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("at", database.Instant(), nullable=False),
        sa.Column("received_kbps", sa.Float(), nullable=False),
        sa.Column("sent_kbps", sa.Float(), nullable=False),
        sa.Column("lost_percent", sa.Float(), nullable=False),
        sa.Column("round_trip_ms", sa.Float(), nullable=False),
        sa.Column("rung", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_sample_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_sample")),
    )
    with op.batch_alter_table("call_sample", schema=None) as batch_op:
        batch_op.create_index("ix_call_sample_call", ["call_id", "at"], unique=False)

    for statement in note_lock.LOCK[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:

    with op.batch_alter_table("call_sample", schema=None) as batch_op:
        batch_op.drop_index("ix_call_sample_call")

    op.drop_table("call_sample")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index("ix_offer_practitioner")

    op.drop_table("offer")
    with op.batch_alter_table("call_event", schema=None) as batch_op:
        batch_op.drop_index("ix_call_event_request")

    op.drop_table("call_event")
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_call_live_doctor",
            sqlite_where=sa.text("state NOT IN ('ended','failed')"),
            postgresql_where=sa.text("state NOT IN ('ended','failed')"),
        )
        batch_op.drop_index(
            "ix_call_live",
            sqlite_where=sa.text("state NOT IN ('ended','failed')"),
            postgresql_where=sa.text("state NOT IN ('ended','failed')"),
        )
        batch_op.drop_index("ix_call_encounter")
        batch_op.drop_index("ix_call_doctor")

    op.drop_table("call")
    op.drop_table("attachment_chunk")
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.drop_index("ix_request_organization")
        batch_op.drop_index(
            "ix_request_live",
            sqlite_where=sa.text("status IN ('requested','received','accepted','in-progress')"),
            postgresql_where=sa.text("status IN ('requested','received','accepted','in-progress')"),
        )
        batch_op.drop_index("ix_request_encounter")
        batch_op.drop_index("ix_request_doctor")
        batch_op.drop_index("ix_request_asked")

    op.drop_table("request")
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.drop_index("ix_observation_patient")
        batch_op.drop_index("ix_observation_encounter")

    op.drop_table("observation")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index("ix_note_author")

    op.drop_table("note")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_encounter")

    op.drop_table("message")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_encounter")
        batch_op.drop_index("ix_consent_basis")

    op.drop_table("consent")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index("ix_attachment_encounter")

    op.drop_table("attachment")
    with op.batch_alter_table("patient_index", schema=None) as batch_op:
        batch_op.drop_index("ix_patient_index_digest")

    op.drop_table("patient_index")
    with op.batch_alter_table("encounter", schema=None) as batch_op:
        batch_op.drop_index("ix_encounter_patient")
        batch_op.drop_index("ix_encounter_organization")

    op.drop_table("encounter")
    op.drop_table("practitioner_role")
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.drop_index("ix_patient_organization")

    op.drop_table("patient")
    with op.batch_alter_table("login", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_practitioner_id"))

    op.drop_table("login")
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_practitioner_id"))
        batch_op.drop_index("ix_duty_open")

    op.drop_table("duty")
    with op.batch_alter_table("practitioner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_practitioner_organization_id"))

    op.drop_table("practitioner")
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_location_organization_id"))

    op.drop_table("location")
    op.drop_table("cover")
    op.drop_table("organization")
    op.drop_table("key_check")
    op.drop_table("deployment")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_tag")
        batch_op.drop_index("ix_audit_event_patient")
        batch_op.drop_index("ix_audit_event_organization")
        batch_op.drop_index("ix_audit_event_actor")

    op.drop_table("audit_event")
