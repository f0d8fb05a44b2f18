"""Tables of care. Ids, instants, states and codes of state in clear; everything said about a patient is sealed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from records.database import Base, Instant


class Encounter(Base):
    """FHIR Encounter, class VR: one visit of a patient at a station with one consultation.

    ``status``: planned, arrived (waiting), in-progress, finished, cancelled. ``intake`` is sealed: complaint codes and text.
    """

    __tablename__ = "encounter"
    __table_args__ = (
        Index("ix_encounter_organization", "organization_id", "started_at"),
        Index("ix_encounter_patient", "patient_id", "started_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    status: Mapped[str] = mapped_column(String(20))
    emergency: Mapped[bool] = mapped_column(Boolean, default=False)
    practice: Mapped[bool] = mapped_column(Boolean, default=False)      # a rehearsal: outside statistics and care
    intake: Mapped[bytes | None] = mapped_column(LargeBinary)
    intake_version: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(Instant)
    started_by: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)


class Observation(Base):
    """FHIR Observation, category vital-signs. ``value`` is sealed: number(s), UCUM unit, what was typed.

    A value that is measured again is a new row; the older one stays. ``status``: final, entered-in-error.
    """

    __tablename__ = "observation"
    __table_args__ = (
        Index("ix_observation_encounter", "encounter_id", "recorded_at"),
        Index("ix_observation_patient", "patient_id", "recorded_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"))
    code: Mapped[str] = mapped_column(String(10))                        # LOINC
    value: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(20), default="final")
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    version: Mapped[int] = mapped_column(default=1)


class Attachment(Base):
    """FHIR Media: a photo, a voice note. Its bytes lie sealed in chunks; ``about`` is sealed: content type, true size."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_encounter", "encounter_id", "created_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"))
    kind: Mapped[str] = mapped_column(String(20), default="photo")
    status: Mapped[str] = mapped_column(String(20), default="completed")   # FHIR Media.status
    about: Mapped[bytes] = mapped_column(LargeBinary)
    header: Mapped[bytes] = mapped_column(LargeBinary)                       # sealed-stream header, see FORMAT.md
    chunks: Mapped[int]
    padded_size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    seen_at: Mapped[datetime | None] = mapped_column(Instant)               # first time a doctor opened it
    version: Mapped[int] = mapped_column(default=1)


class AttachmentChunk(Base):
    """One sealed chunk of 64 KiB of an attachment."""

    __tablename__ = "attachment_chunk"
    attachment_id: Mapped[UUID] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Consent(Base):
    """FHIR Consent: one purpose, one receiving organization where the purpose needs one.

    ``purpose``: consult, share, photo. ``status``: active, inactive, rejected (asked, not agreed).
    ``basis``: given, emergency (with a reason code).
    """

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_encounter", "encounter_id"), Index("ix_consent_basis", "basis", "recorded_at"))
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    recipient_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    status: Mapped[str] = mapped_column(String(20), default="active")
    basis: Mapped[str] = mapped_column(String(20), default="given")
    reason: Mapped[str] = mapped_column(String(40), default="")           # code of the emergency reason
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Request(Base):
    """FHIR Task: a station asks for a doctor. A state machine moved only by compare-and-set on (status, version).

    ``status``: requested, received, accepted, in-progress, completed, cancelled, failed.
    ``reason``: why it ended: no-doctor, declined, timeout, cancelled, station-gone.
    """

    __tablename__ = "request"
    __table_args__ = (
        Index("ix_request_asked", "asked_at", "id"),
        Index("ix_request_organization", "organization_id", "asked_at", "id"),
        Index("ix_request_doctor", "accepted_by", "asked_at", "id"),
        Index("ix_request_encounter", "encounter_id"),
        Index("ix_request_live", "status", sqlite_where=text("status IN ('requested','received','accepted','in-progress')"),
              postgresql_where=text("status IN ('requested','received','accepted','in-progress')")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id"))
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(20), default="")
    emergency: Mapped[bool] = mapped_column(Boolean, default=False)
    practice: Mapped[bool] = mapped_column(Boolean, default=False)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"))
    rung_at: Mapped[datetime | None] = mapped_column(Instant)             # a device showed the ring
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    accepted_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    deadline_at: Mapped[datetime | None] = mapped_column(Instant)         # of the present state; None when terminal
    ringing_until: Mapped[datetime | None] = mapped_column(Instant)       # end of the ring, kept over accept and return
    version: Mapped[int] = mapped_column(default=1)


class Offer(Base):
    """A doctor who is, or was, rung for a request. ``answer``: "", accepted, declined, taken, ended."""

    __tablename__ = "offer"
    __table_args__ = (Index("ix_offer_practitioner", "practitioner_id", "answer"),)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    offered_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)             # what the ring says was read; audited this once
    shown_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(String(12), default="")


class Call(Base):
    """One live call of an accepted request. A state machine moved only by compare-and-set on (state, version).

    ``state``: opened (accepted, not both in), connecting, connected, reconnecting, ended, failed.
    ``finish_at`` is set while a finish is armed and can be taken back (30 s).
    """

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("request_id"),
        Index("ix_call_encounter", "encounter_id"),
        Index("ix_call_doctor", "doctor_id", "state"),
        # The database itself refuses a second live call of one doctor.
        Index("uq_call_live_doctor", "doctor_id", unique=True, sqlite_where=text("state NOT IN ('ended','failed')"),
              postgresql_where=text("state NOT IN ('ended','failed')")),
        Index("ix_call_live", "state", sqlite_where=text("state NOT IN ('ended','failed')"),
              postgresql_where=text("state NOT IN ('ended','failed')")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))          # the station's
    worker_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"))
    doctor_id: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))   # None: the simulated doctor of a practice
    doctor_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    practice: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(30), default="")
    opened_at: Mapped[datetime] = mapped_column(Instant)
    connected_at: Mapped[datetime | None] = mapped_column(Instant)        # first time
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    deadline_at: Mapped[datetime | None] = mapped_column(Instant)
    finish_at: Mapped[datetime | None] = mapped_column(Instant)
    finish_by: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    worker_media: Mapped[str] = mapped_column(String(10), default="")      # "", connected, lost
    doctor_media: Mapped[str] = mapped_column(String(10), default="")
    cuts: Mapped[int] = mapped_column(Integer, default=0)                   # times in reconnecting
    cut_seconds: Mapped[int] = mapped_column(Integer, default=0)
    bytes_used: Mapped[int] = mapped_column(BigInteger, default=0)          # at the station, both directions
    version: Mapped[int] = mapped_column(default=1)


class CallEvent(Base):
    """One row of a call's (or request's) time line. ``kind`` and ``detail`` are codes, never words about a patient."""

    __tablename__ = "call_event"
    __table_args__ = (Index("ix_call_event_request", "request_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(30))
    practitioner_id: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    side: Mapped[str] = mapped_column(String(10), default="")               # worker, doctor, ""
    detail: Mapped[str] = mapped_column(String(60), default="")


class CallSample(Base):
    """What one side measured over the last ten seconds of a call. ``path``: host, srflx, relay-…; ``network``: wifi, …"""

    __tablename__ = "call_sample"
    __table_args__ = (Index("ix_call_sample_call", "call_id", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"))
    side: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)
    received_kbps: Mapped[float] = mapped_column(Float, default=0)
    sent_kbps: Mapped[float] = mapped_column(Float, default=0)
    lost_percent: Mapped[float] = mapped_column(Float, default=0)
    round_trip_ms: Mapped[float] = mapped_column(Float, default=0)
    concealed_percent: Mapped[float] = mapped_column(Float, default=0, server_default=text("0"))    # of the voice received
    jitter_ms: Mapped[float] = mapped_column(Float, default=0, server_default=text("0"))
    available_kbps: Mapped[float] = mapped_column(Float, default=0, server_default=text("0"))       # for sending; 0: unknown
    path: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    network: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    rung: Mapped[str] = mapped_column(String(20), default="")


class LineCheck(Base):
    """What the line of one signed-in browser carries, as it measured it last. ``paths``: codes, parted by blanks."""

    __tablename__ = "line_check"
    __table_args__ = (Index("ix_line_check_station", "organization_id", "measured_at"),)
    login_id: Mapped[UUID] = mapped_column(ForeignKey("login.id"), primary_key=True)
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id"))
    measured_at: Mapped[datetime] = mapped_column(Instant)
    rung: Mapped[str] = mapped_column(String(20))
    kbps_up: Mapped[int | None]
    kbps_down: Mapped[int | None]
    round_trip_ms: Mapped[float | None] = mapped_column(Float)
    jitter_up_ms: Mapped[float | None] = mapped_column(Float)
    jitter_down_ms: Mapped[float | None] = mapped_column(Float)
    lost_up_percent: Mapped[float | None] = mapped_column(Float)
    lost_down_percent: Mapped[float | None] = mapped_column(Float)
    paths: Mapped[str] = mapped_column(String(40), default="")


class Note(Base):
    """FHIR Composition, LOINC 11488-4: one version of the doctor's note. ``content`` is sealed.

    ``status``: preliminary, final, amended. A final version never changes; an addendum is a new version that names the one
    it follows. ``content_hash``: SHA-256 of the canonical plaintext, set at signing. ``code`` stands on the paper.
    """

    __tablename__ = "note"
    __table_args__ = (
        UniqueConstraint("encounter_id", "number"),
        Index("ix_note_author", "author_id", "status"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))           # the station's
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    number: Mapped[int]                                                                      # 1, 2, … within the encounter
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("note.id"))
    status: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"))
    author_organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    licence_number: Mapped[str] = mapped_column(String(40), default="")
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    version: Mapped[int] = mapped_column(default=1)                                          # of the row, while preliminary


class Message(Base):
    """FHIR Communication: one line of the chat beside a call. ``text`` is sealed; the id was made by the writer's page."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_encounter", "encounter_id", "number", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    number: Mapped[int]
    sender_id: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    text: Mapped[bytes] = mapped_column(LargeBinary)
    sent_at: Mapped[datetime] = mapped_column(Instant)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)


class SessionCause(Base):
    """Why a session went badly: its weightiest cause (session_causes.KINDS), of calls that are over and have one.

    ``asked_at`` is the request's, so that a page of one cause is an index seek; ``side``: worker, doctor, both or empty.
    """

    __tablename__ = "session_cause"
    __table_args__ = (Index("ix_session_cause_kind", "kind", "asked_at", "request_id"),)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(20))
    side: Mapped[str] = mapped_column(String(10), default="")


class SessionSent(Base):
    """What one side sent over a call that is over: samples of ten seconds on each rung; means, loss where it arrived."""

    __tablename__ = "session_sent"
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    side: Mapped[str] = mapped_column(String(10), primary_key=True)
    clear: Mapped[int] = mapped_column(Integer, default=0)
    medium: Mapped[int] = mapped_column(Integer, default=0)
    small: Mapped[int] = mapped_column(Integer, default=0)
    stills: Mapped[int] = mapped_column(Integer, default=0)
    voice: Mapped[int] = mapped_column(Integer, default=0)
    voice_notes: Mapped[int] = mapped_column(Integer, default=0)
    text: Mapped[int] = mapped_column(Integer, default=0)
    lost_percent: Mapped[float] = mapped_column(Float, default=0)
    concealed_percent: Mapped[float] = mapped_column(Float, default=0)
    round_trip_ms: Mapped[float] = mapped_column(Float, default=0)
    kbps: Mapped[float] = mapped_column(Float, default=0)
