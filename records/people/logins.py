"""Logins: signed-in browsers, by the SHA-256 of a token that only the browser knows. Knows no cookies, no clear passwords.

The token has 256 random bits, so a plain hash protects it as well as a keyed one would, and people stay signed in while
the keys of the vault are missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Select, select, update

from records.acts import Act, Actor, Role
from records.errors import NotFound
from records.guard import audit
from records.people import delays
from records.people.tables import Location, Login, Organization, Practitioner, PractitionerRole

NOTED_EVERY = timedelta(minutes=1)              # how often ``last_seen_at`` is written


class Ended(StrEnum):
    """Why a login is over."""

    SIGNED_OUT = "signed-out"
    EVERYWHERE = "everywhere"
    IDLE = "idle"
    EXPIRED = "expired"
    DISABLED = "disabled"


@dataclass(frozen=True)
class Limits:
    """How long a login lives. At a station people share a computer, so it locks sooner there."""

    idle_at_station: timedelta = timedelta(minutes=10)
    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A login with its person and place, complete."""

    login_id: UUID
    practitioner_id: UUID
    organization_id: UUID
    location_id: UUID | None
    roles: frozenset[Role]
    user_name: str
    full_name: str
    title: str
    place: str                                  # short name of the organization
    point: str                                  # name of the station point, or empty
    kind: str                                   # Organization.kind
    locale: str
    started_at: datetime
    last_seen_at: datetime

    @property
    def called(self) -> str:
        return f"{self.title} {self.full_name}".strip()

    def has(self, role: str) -> bool:
        return role in self.roles

    def actor(self, address: str = "") -> Actor:
        return Actor(
            kind="practitioner", practitioner_id=self.practitioner_id, organization_id=self.organization_id,
            location_id=self.location_id, roles=self.roles, login_id=self.login_id, address=address, name=self.full_name,
        )


@dataclass(frozen=True)
class Candidate:
    """Somebody who says a user name: the hash to check against, and whether an attempt counts now."""

    practitioner_id: UUID
    password_hash: str
    disabled: bool
    retry_at: datetime | None


@dataclass(frozen=True)
class OwnLogin:
    """One of a person's browsers, as their own page lists it."""

    id: UUID
    started_at: datetime
    last_seen_at: datetime
    address: str
    browser: str


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def candidate(act: Act, user_name: str) -> Candidate | None:
    """Who bears ``user_name``, if anybody does."""
    found = await act.db.scalar(select(Practitioner).where(Practitioner.user_name == user_name))
    if found is None:
        return None
    return Candidate(found.id, found.password_hash, found.disabled_at is not None, found.retry_at)


async def failed(act: Act, practitioner_id: UUID | None) -> datetime | None:
    """Counts a wrong password. ``None`` stands for a name nobody bears: the trail keeps the event, never the name."""
    person = await act.db.get(Practitioner, practitioner_id) if practitioner_id else None
    if person is not None:
        person.failures, person.retry_at = delays.next_delay(person.failures, person.retry_at, act.at)
    await audit.record(act, "login:failed", "practitioner", practitioner_id or "", outcome="failed")
    return person.retry_at if person else None


async def start(
    act: Act, practitioner_id: UUID, token: str, *, browser: str, new_hash: str | None = None,
) -> UUID:
    """A new login for ``token`` (URL-safe text of 256 random bits); failures are forgiven. ``new_hash``: a stronger one."""
    person = await act.db.get_one(Practitioner, practitioner_id)
    person.failures, person.retry_at = 0, None
    if new_hash:
        person.password_hash = new_hash
    login = Login(
        id=uuid4(), token_hash=hash_of(token), practitioner_id=practitioner_id, started_at=act.at, last_seen_at=act.at,
        ended_at=None, address=act.actor.address, browser=browser[:60],
    )
    act.db.add(login)
    await act.db.flush()
    await audit.record(act, "login:started", "login", login.id)
    return login.id


async def find(act: Act, token: str) -> SignedIn | None:
    """The living login of ``token``. Idle and absolute limits are for ``overdue``."""
    row = (await act.db.execute(_living().where(Login.token_hash == hash_of(token)))).one_or_none()
    return await _complete(act, *row) if row else None


def overdue(login: SignedIn, limits: Limits, now: datetime, *, in_call: bool) -> Ended | None:
    """Why ``login`` is over now, if it is. A call is exempt from both limits: nobody is cut off in the middle."""
    if in_call:
        return None
    if now - login.started_at > limits.absolute:
        return Ended.EXPIRED
    at_station = Role.WORKER in login.roles
    return Ended.IDLE if now - login.last_seen_at > (limits.idle_at_station if at_station else limits.idle) else None


async def seen(act: Act, login_id: UUID) -> None:
    """Notes that the browser was there. Call it at most once in NOTED_EVERY."""
    await act.db.execute(update(Login).where(Login.id == login_id, Login.ended_at.is_(None)).values(last_seen_at=act.at))


async def end(act: Act, login_id: UUID, because: Ended) -> None:
    """Ends one login; ending it twice changes nothing."""
    changed = await act.db.execute(
        update(Login).where(Login.id == login_id, Login.ended_at.is_(None)).values(ended_at=act.at, ended_because=because)
        .returning(Login.id)
    )
    if changed.one_or_none():
        await audit.record(act, "login:ended", "login", login_id, reason=because)


async def end_all(act: Act, practitioner_id: UUID, because: Ended, *, except_id: UUID | None = None) -> list[UUID]:
    """Ends every login of a person, but ``except_id``. Gives the ids that ended now."""
    living = await act.db.scalars(
        select(Login.id).where(Login.practitioner_id == practitioner_id, Login.ended_at.is_(None)).order_by(Login.started_at)
    )
    ended = [login_id for login_id in living if login_id != except_id]
    for login_id in ended:
        await end(act, login_id, because)
    return ended


async def own(act: Act) -> list[OwnLogin]:
    """The actor's living logins, the newest first."""
    rows = await act.db.scalars(
        select(Login).where(Login.practitioner_id == act.actor.practitioner_id, Login.ended_at.is_(None))
        .order_by(Login.last_seen_at.desc())
    )
    return [OwnLogin(row.id, row.started_at, row.last_seen_at, row.address, row.browser) for row in rows]


async def among(act: Act, login_ids: Iterable[UUID]) -> dict[UUID, SignedIn]:
    """Which of these logins still live. Those missing from the answer are over."""
    rows = (await act.db.execute(_living().where(Login.id.in_(list(login_ids))))).all()
    return {row[0].id: await _complete(act, *row) for row in rows}


async def reason(act: Act, login_id: UUID) -> Ended:
    """Why a login is over: the account's end goes before the login's own."""
    row = (await act.db.execute(
        select(Login.ended_because, Practitioner.disabled_at)
        .join(Practitioner, Practitioner.id == Login.practitioner_id).where(Login.id == login_id)
    )).one_or_none()
    if row is None:
        raise NotFound
    return Ended.DISABLED if row.disabled_at else Ended(row.ended_because or Ended.SIGNED_OUT)


async def own_password(act: Act) -> tuple[str, datetime | None]:
    """The actor's own hash, to check what they type before a change, and the instant from which a guess counts."""
    person = await act.db.get_one(Practitioner, act.actor.practitioner_id)
    return person.password_hash, person.retry_at


async def change_password(act: Act, new_hash: str) -> list[UUID]:
    """Sets the actor's password and ends their other logins; gives those. Failures are forgiven."""
    person = await act.db.get_one(Practitioner, act.actor.practitioner_id)
    person.password_hash = new_hash
    person.failures, person.retry_at = 0, None
    person.version += 1
    await audit.record(act, "password:changed", "practitioner", person.id)
    return await end_all(act, person.id, Ended.EVERYWHERE, except_id=act.actor.login_id)


async def choose_locale(act: Act, locale: str) -> None:
    """Keeps the actor's language for their next computer."""
    await act.db.execute(
        update(Practitioner).where(Practitioner.id == act.actor.practitioner_id).values(locale=locale)
    )


def _living() -> Select[Login, Practitioner, Organization, Location | None]:
    return (
        select(Login, Practitioner, Organization, Location)
        .join(Practitioner, Practitioner.id == Login.practitioner_id)
        .join(Organization, Organization.id == Practitioner.organization_id)
        .outerjoin(Location, Location.id == Practitioner.location_id)
        .where(Login.ended_at.is_(None), Practitioner.disabled_at.is_(None))
    )


async def _complete(
    act: Act, login: Login, person: Practitioner, organization: Organization, location: Location | None,
) -> SignedIn:
    roles = await act.db.scalars(select(PractitionerRole.role).where(PractitionerRole.practitioner_id == person.id))
    return SignedIn(
        login_id=login.id, practitioner_id=person.id, organization_id=organization.id, location_id=person.location_id,
        roles=frozenset(Role(role) for role in roles), user_name=person.user_name, full_name=person.full_name,
        title=person.title, place=organization.short_name, point=location.name if location else "",
        kind=organization.kind, locale=person.locale, started_at=login.started_at, last_seen_at=login.last_seen_at,
    )
