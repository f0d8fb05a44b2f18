"""Tables of people and places. Staff and organizations stand in clear; what names a patient is sealed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.database import Base, Instant


class Organization(Base):
    """FHIR Organization. ``kind``: commune_health_station, regional_medical_centre, hospital, provincial_health_department."""

    __tablename__ = "organization"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)        # mã cơ sở KCB
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(40))
    care_level: Mapped[str] = mapped_column(String(20))                # BAN_DAU, CO_BAN, CHUYEN_SAU
    part_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    commune_code: Mapped[str | None] = mapped_column(String(5))
    phone: Mapped[str] = mapped_column(String(20), default="")         # its own number, shown when nobody answers
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Location(Base):
    """FHIR Location: a station point (điểm trạm) of a commune health station."""

    __tablename__ = "location"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(20), default="")
    active: Mapped[bool] = mapped_column(default=True)


class Cover(Base):
    """An organization whose doctors are rung for a station. Set by an administrator."""

    __tablename__ = "cover"
    station_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)


class Practitioner(Base):
    """FHIR Practitioner with the one organization where they work, and their password."""

    __tablename__ = "practitioner"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id"))
    user_name: Mapped[str] = mapped_column(String(40), unique=True)
    full_name: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(20), default="")         # "Bs.", "" : what stands before the name
    position: Mapped[str] = mapped_column(String(40), default="")      # doctor, physician_assistant, nurse, midwife, …
    specialty: Mapped[str] = mapped_column(String(40), default="")
    licence_number: Mapped[str] = mapped_column(String(40), default="")
    licence_valid_until: Mapped[date | None] = mapped_column(Date)
    password_hash: Mapped[str] = mapped_column(String(200))            # argon2id, PHC string
    locale: Mapped[str] = mapped_column(String(5), default="vi")
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(default=0)                    # sign-in failures in a row
    retry_at: Mapped[datetime | None] = mapped_column(Instant)          # no attempt counts before this instant
    version: Mapped[int] = mapped_column(default=1)


class PractitionerRole(Base):
    """A role held at the practitioner's organization."""

    __tablename__ = "practitioner_role"
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class Login(Base):
    """A signed-in browser. The token itself is known to the browser alone."""

    __tablename__ = "login"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_because: Mapped[str] = mapped_column(String(20), default="")   # signed-out, idle, expired, disabled, everywhere
    address: Mapped[str] = mapped_column(String(50), default="")         # prefix only
    browser: Mapped[str] = mapped_column(String(60), default="")


class Duty(Base):
    """A stretch of duty of a doctor: from "Bắt đầu trực" until it is ended."""

    __tablename__ = "duty"
    __table_args__ = (Index("ix_duty_open", "organization_id", "ended_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"), index=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Patient(Base):
    """FHIR Patient of one organization. ``identity`` is sealed: names, birth date, address, numbers, background."""

    __tablename__ = "patient"
    __table_args__ = (Index("ix_patient_organization", "organization_id", "created_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    identity: Mapped[bytes] = mapped_column(LargeBinary)
    unnamed: Mapped[bool] = mapped_column(default=False)               # an emergency: the name comes later
    same_as_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"))   # Patient.link replaced-by, after joining
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    last_seen_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)


class PatientIndex(Base):
    """Blind index of a number (national_id, insurance_number, phone): 16 bytes of HMAC-SHA256 over the normalised value."""

    __tablename__ = "patient_index"
    __table_args__ = (
        UniqueConstraint("patient_id", "field"),
        Index("ix_patient_index_digest", "field", "digest"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    field: Mapped[str] = mapped_column(String(20))
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
