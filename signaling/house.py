"""What the roof does for live calls: who somebody is, whether they may enter, what is written down.

Types only. ``telehealth`` implements ``House``; signaling never learns how. A method that cannot record what it must
(the database is down) raises ``Refusal("unavailable")``; any other error ends the socket with 1011.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from aiohttp import web

from signaling.messages import (
    Chat,
    ChatMark,
    ChatSeen,
    Closing,
    Enter,
    HoldLeg,
    LiveRequest,
    PeerToPeer,
    PhotoWanted,
    Quality,
    RingingRequest,
    Say,
    Side,
    VoiceNoteMark,
    VoiceNoteReached,
)

Parting = Literal["", "closed", "silent", "dropped"]   # how a socket ended: by the page, without answer to a ping, by the line
Leaving = Literal["left", "gone", "replaced", "dismissed"]
Switch = Literal["curtain-up", "curtain-down", "saver-on", "saver-off", "power-mains", "power-battery", "power-low"]


class Refusal(Exception):
    """A command is refused while everything else goes on. ``code``: stable, kebab-case, at most 40 characters."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Dismissal(Exception):
    """The socket ends with this close code."""

    def __init__(self, closing: Closing) -> None:
        super().__init__(closing.name)
        self.closing = closing


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who is behind a socket. Ids are UUIDs as strings. ``actor`` belongs to the roof and is never looked at here."""

    participant: str                            # the practitioner's id
    login: str
    name: str
    organization: str                           # name of the organization, as others in a call see it
    actor: Any = None


@dataclass(frozen=True, kw_only=True)
class Admission:
    """The right to take a seat in ``call``, and what the others in it see; of a leg, ``call`` is its request."""

    call: str
    participant: str
    side: Side
    name: str
    organization: str
    media: PeerToPeer
    capacity: int = 2


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How things stand for a person now: the parts of a snapshot. ``calls``: ids of the calls that are not over."""

    duty: bool = False
    ringing: Sequence[RingingRequest] = ()
    requests: Sequence[LiveRequest] = ()
    calls: Sequence[str] = ()


# ---------------------------------------------------------------- events


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A person takes a seat. Must be recorded in order to happen: an error refuses the seat.

    ``again``: the person holds a seat in this call already (reload, another tab, same peer after a cut).
    """

    person: Person
    call: str
    peer: str
    side: Side
    again: bool


@dataclass(frozen=True, kw_only=True)
class Left:
    """A seat became empty. Recorded if it can be: an error is logged and the seat stays empty.

    ``left``: on purpose; ``gone``: silent for 85 s; ``dismissed``: signed out, disabled or the call was closed.
    """

    person: Person
    call: str
    peer: str
    side: Side
    reason: Leaving


@dataclass(frozen=True, kw_only=True)
class MediaReported:
    """A side receives the other's media, or no longer does."""

    person: Person
    call: str
    peer: str
    side: Side
    media: Literal["connected", "lost"]


@dataclass(frozen=True, kw_only=True)
class QualityMeasured:
    """Ten seconds of one side's call."""

    person: Person
    call: str
    peer: str
    side: Side
    quality: Quality


@dataclass(frozen=True, kw_only=True)
class Switched:
    """A side drew or lifted its curtain, began or ended saving data, lost or got power. Recorded if it can: it has happened."""

    person: Person
    call: str
    peer: str
    side: Side
    what: Switch


@dataclass(frozen=True, kw_only=True)
class SocketMoved:
    """The socket behind a seat ended (``parting`` says how), or the seat has one again (``parting`` is empty)."""

    person: Person
    call: str
    peer: str
    side: Side
    parting: Parting


@dataclass(frozen=True, kw_only=True)
class FaultTold:
    """A side tells of its own trouble. ``detail``: a code or a whole number of seconds."""

    person: Person
    call: str
    peer: str
    side: Side
    kind: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class RingWasShown:
    """A device shows the ring of ``request`` to this person."""

    person: Person
    request: str


@dataclass(frozen=True, kw_only=True)
class PhotoFailed:
    """The station took no still, and why: a code of ``photo-state``."""

    person: Person
    call: str
    still: str
    why: str


Event = Entered | Left | MediaReported | QualityMeasured | Switched | SocketMoved | FaultTold | RingWasShown | PhotoFailed


class House(Protocol):
    """Implemented by the roof. Every method may take its time and may refuse (``Refusal``)."""

    async def greet(self, request: web.Request) -> Person | Closing:
        """Who sends this upgrade (by its login cookie), or why the socket ends at once."""

    async def snapshot(self, person: Person) -> Standing:
        """How things stand for ``person``, read anew."""

    async def admit(self, person: Person, enter: Enter) -> Admission | str:
        """The right to the seat, with fresh TURN credentials, or the code of a refusal (``no-such-call``, ``call-over``)."""

    async def leg(self, person: Person, leg: HoldLeg) -> Admission | str:
        """The right to a leg of a request that rings, or the code of a refusal (``no-such-request``, ``not-shown``)."""

    async def observe(self, event: Event) -> None:
        """Write down what happened. ``Refusal`` refuses the command it came from."""

    async def say(self, person: Person, message: Say) -> Chat:
        """Keep the line; the same id again returns the same line. Goes to everybody in the call."""

    async def seen(self, person: Person, message: ChatSeen | VoiceNoteReached) -> ChatMark | VoiceNoteMark | None:
        """Keep the mark; what the others are told, or None when it moved nothing."""

    async def photo_wanted(self, person: Person, message: PhotoWanted, *, curtain: bool) -> bool:
        """Write the wish down; whether the patient has to be asked first. Refused: ``curtain``, ``refused``, ``call-over``."""

    async def online(self, participant: str) -> None:
        """The first lease of ``participant`` began: reachable from now on."""

    async def offline(self, participant: str) -> None:
        """The last lease of ``participant`` ran out."""

    async def revoked(self, logins: Collection[str]) -> Mapping[str, Closing]:
        """Those of ``logins`` that are no longer valid, and why. Asked every few seconds for all open sessions."""
