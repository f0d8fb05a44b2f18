"""The trail: what is done is noted in the transaction that does it, each entry chained to the one before by its hash.

Ids and codes only. ``record`` collects, the door calls ``append`` just before it commits; verifying.py reads it all again.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from records import database
from records.acts import Act, Actor, Purpose, Role
from records.care.tables import Attachment, Call, Encounter, Note, Request
from records.errors import CannotOpen, NotAllowed
from records.guard.tables import AuditEvent

PENDING = "trail"                   # where a session keeps what append() will write
TAG = re.compile(r"(?=.{3,40}$)[a-z-]+:[a-z-]+")
LONGEST_ID = 36                     # a UUID as text
GENESIS = b"telehealth/trail/v1"


async def record(
    act: Act, tag: str, object_type: str = "", object_id: object = "", *, patient_id: UUID | None = None,
    version: int | None = None, content_hash: bytes | None = None, purpose: Purpose | None = None,
    outcome: str = "success", reason: str = "",
) -> None:
    """Notes one deed of this act: ``tag`` is "subject:action", ``outcome`` success, refused or failed.

    It is written when the act ends well, in the same transaction; ``reason`` is a code, never words. Raises ValueError
    for a tag of another form and for an object that is not named by an id.
    """
    if not TAG.fullmatch(tag) or len(_text(object_id)) > LONGEST_ID:
        raise ValueError("an entry holds tags and ids only")
    entry = {
        "at": instant(act.at), "action": tag, "outcome": outcome, "reason": reason,
        "purpose": purpose or purpose_of(act.actor), **_who(act.actor),
        "object": {"type": object_type, "id": _text(object_id), "version": version},
        "content_hash": content_hash.hex() if content_hash else None, "patient": _text(patient_id) or None,
    }
    act.db.info.setdefault(PENDING, []).append(entry)


async def append(act: Act) -> None:
    """Chains what ``record`` collected to the trail; the last thing before the commit.

    Last, because from here on this act holds the trail: whoever held it and then waited for a row would block everybody.
    """
    await act.db.flush()
    entries = act.db.info.pop(PENDING, [])
    if not entries:
        return
    await database.lock(act.db, database.TRAIL_LOCK)
    sequence, previous = await head(act)
    rows = []
    for number, entry in enumerate(entries, sequence + 1):
        text = canonical({"sequence": number, **entry})
        previous = chained(previous, text)
        rows.append(_row(number, act, entry, text, previous))
    await act.db.execute(insert(AuditEvent), rows)


async def head(act: Act) -> tuple[int, bytes]:
    """Sequence and hash of the last entry; 0 and the genesis hash when there is none. What a checkpoint holds."""
    query = select(AuditEvent.sequence, AuditEvent.hash).order_by(AuditEvent.sequence.desc()).limit(1)
    row = (await act.db.execute(query)).first()
    return (row.sequence, row.hash) if row else (0, genesis(act.vault.deployment))


def genesis(deployment: UUID) -> bytes:
    """What stands before the first entry: SHA-256 of ``telehealth/trail/v1`` and the deployment's id."""
    return hashlib.sha256(GENESIS + deployment.bytes).digest()


def canonical(entry: dict[str, Any]) -> str:
    """JSON with sorted keys and without spaces; what is hashed and stored."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chained(previous: bytes, entry: str) -> bytes:
    """SHA-256 of the hash before and the entry, 32 bytes."""
    return hashlib.sha256(previous + entry.encode()).digest()


async def refused(act: Act, error: NotAllowed | CannotOpen) -> None:
    """Notes that an act was refused, or that something sealed did not open. The door calls this after the rollback."""
    kind, object_id = error.object_type, error.object_id
    if isinstance(error, NotAllowed):
        patient_id = await _patient_of(act, kind, object_id)
        await record(act, error.action, kind, object_id or "", patient_id=patient_id, outcome="refused",
                     reason="hidden" if error.hidden else "role")
    else:
        await record(act, "vault:open", kind, object_id, patient_id=error.patient_id, outcome="failed", reason=error.code)


def purpose_of(actor: Actor) -> Purpose:
    """Why this actor usually acts: care for workers and doctors, administration for the others."""
    if actor.is_system:
        return Purpose.SYSTEM
    if actor.has(Role.WORKER) or actor.has(Role.DOCTOR):
        return Purpose.TREATMENT
    return Purpose.ADMINISTRATION


async def _patient_of(act: Act, kind: str, object_id: object) -> UUID | None:
    """Whose record a refused act was about, so that the attempt is found with the patient."""
    if not isinstance(object_id, UUID):
        return None
    owners: dict[str, Any] = {"encounter": Encounter, "note": Note, "attachment": Attachment}
    if table := owners.get(kind):
        return await act.db.scalar(select(table.patient_id).where(table.id == object_id))
    if kind in ("request", "call"):
        asked: Any = Request if kind == "request" else Call
        owner = select(Encounter.patient_id).join(asked, asked.encounter_id == Encounter.id)
        return await act.db.scalar(owner.where(asked.id == object_id))
    return object_id if kind == "patient" else None


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "actor": _text(actor.practitioner_id) or ":".join(filter(None, (actor.kind, actor.system))),
        "role": ",".join(sorted(actor.roles)), "organization": _text(actor.organization_id) or None,
        "login": _text(actor.login_id) or None, "address": actor.address,
    }


def _row(sequence: int, act: Act, entry: dict[str, Any], text: str, hashed: bytes) -> dict[str, Any]:
    patient = entry["patient"]
    return {
        "sequence": sequence, "at": act.at, "tag": entry["action"], "outcome": entry["outcome"],
        "actor_id": act.actor.practitioner_id, "organization_id": act.actor.organization_id,
        "object_type": entry["object"]["type"], "object_id": entry["object"]["id"],
        "patient_id": UUID(patient) if patient else None, "purpose": entry["purpose"], "entry": text, "hash": hashed,
    }


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with six decimals: always 27 characters."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _text(value: object) -> str:
    return "" if value is None else str(value)
