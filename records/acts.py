"""The act: one actor doing one thing in one transaction at one instant. Types only; the door is in archive.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from records.people.names import NameCache

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from records.guard.vault import Vault


class Role(StrEnum):
    """What a practitioner may be at an organization. Denied by default: a route names the roles that may enter."""

    WORKER = "worker"
    DOCTOR = "doctor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Purpose(StrEnum):
    """Why something was done, as the trail records it (AuditEvent.purposeOfEvent)."""

    TREATMENT = "treatment"
    EMERGENCY = "emergency"
    ADMINISTRATION = "administration"
    PATIENT_REQUEST = "patient-request"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts. ``practitioner_id`` is None for the system and for visitors who have not signed in."""

    kind: str                                   # "practitioner", "system" or "anonymous"
    practitioner_id: UUID | None = None
    organization_id: UUID | None = None         # the organization at which the roles are held
    location_id: UUID | None = None             # the station point, where there is one
    roles: frozenset[Role] = field(default_factory=frozenset)
    login_id: UUID | None = None
    address: str = ""                           # prefix only: /24 for IPv4, /48 for IPv6
    name: str = ""                              # full name, for texts on the person's own pages
    system: str = ""                            # which part of the system

    @classmethod
    def of_system(cls, name: str) -> Actor:
        """The software itself, doing ``name`` ("deadline", "rotation", "demo")."""
        return cls(kind="system", system=name)

    @classmethod
    def anonymous(cls, address: str = "") -> Actor:
        """Somebody who has not signed in, from ``address`` (already cut to a prefix)."""
        return cls(kind="anonymous", address=address)

    @property
    def is_system(self) -> bool:
        return self.kind == "system"

    def has(self, role: Role) -> bool:
        return role in self.roles


@dataclass(frozen=True)
class Act:
    """One actor doing one thing: who, when, and the transaction it happens in."""

    actor: Actor
    at: datetime                                # UTC; every row and audit event of this act bears this instant
    db: AsyncSession
    vault: Vault
    names: NameCache = field(default_factory=NameCache)     # name lists opened for searching, a minute at most
