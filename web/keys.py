"""What pages find on the application and on a request, by typed key. Declares; makes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from aiohttp import web

if TYPE_CHECKING:
    from records.acts import Actor
    from records.archive import Archive
    from records.care.pictures import Darkroom
    from records.care.voice_notes import VoiceNote
    from records.people.logins import Limits, SignedIn
    from signaling.far_ends import FarEnds
    from signaling.messages import Closing
    from signaling.presence import Presence
    from signaling.rooms import Rooms
    from web.i18n import Texts
    from web.pages.sign_in import Gate
    from web.passwords import Passwords
    from web.practice_words import Script
    from web.routing import Table
    from web.static_files import Statics
    from web.templating import Templates
    from web.voice_uploads import Uploads


class Desk(Protocol):
    """Who is rung for a request. A page calls it after its act has committed; telehealth/desk.py is plugged in."""

    async def asked(self, request_id: UUID) -> None: ...
    async def accepted(self, request_id: UUID, practitioner_id: UUID, leg: str = "") -> None: ...
    async def declined(self, request_id: UUID, practitioner_id: UUID) -> None: ...
    async def cancelled(self, request_id: UUID) -> None: ...
    async def duty_changed(self, practitioner_id: UUID) -> None: ...
    async def note_signed(self, encounter_id: UUID) -> None: ...
    async def case_changed(self, encounter_id: UUID, photo_id: UUID | None = None) -> None: ...
    async def line_measured(self, request_id: UUID) -> None: ...


class Calls(Protocol):
    """What a page that moved a call (finish, unfinish), or kept a voice note, calls after its act; telehealth/calls.py."""

    async def moved(self, call_id: UUID) -> None: ...
    def spoken(self, call_id: UUID, note: VoiceNote) -> None: ...


class Practice(Protocol):
    """Starts the simulated doctor of a practice call, and hears when the worker ends it; telehealth/practice.py."""

    async def begin(self, request_id: UUID, script: Script) -> None: ...
    async def finished(self, request_id: UUID) -> None: ...


class Dismiss(Protocol):
    """Closes every socket of a person (``who`` is a practitioner's id) or of one browser (a login's id)."""

    async def __call__(self, who: UUID, closing: Closing) -> None: ...


ARCHIVE: web.AppKey[Archive] = web.AppKey("archive")
ROOMS: web.AppKey[Rooms] = web.AppKey("rooms")
PRESENCE: web.AppKey[Presence] = web.AppKey("presence")
DESK: web.AppKey[Desk] = web.AppKey("desk")
CALLS: web.AppKey[Calls] = web.AppKey("calls")
PRACTICE: web.AppKey[Practice] = web.AppKey("practice")
FAR_ENDS: web.AppKey[FarEnds] = web.AppKey("far_ends")
DISMISS: web.AppKey[Dismiss] = web.AppKey("dismiss")
IN_CALL: web.AppKey[Callable[[UUID], bool]] = web.AppKey("in_call")       # may this practitioner not be locked out now?
ONLINE: web.AppKey[Callable[[], Iterable[UUID]]] = web.AppKey("online")    # the logins that hold a socket
LIMITS: web.AppKey[Limits] = web.AppKey("limits")
PASSWORDS: web.AppKey[Passwords] = web.AppKey("passwords")
GATE: web.AppKey[Gate] = web.AppKey("gate")
UPLOADS: web.AppKey[Uploads] = web.AppKey("uploads")
DARKROOM: web.AppKey[Darkroom] = web.AppKey("darkroom")
TEMPLATES: web.AppKey[Templates] = web.AppKey("templates")
TEXTS: web.AppKey[Texts] = web.AppKey("texts")
STATICS: web.AppKey[Statics] = web.AppKey("statics")
ROUTES: web.AppKey[Table] = web.AppKey("routes")

ACTOR: web.RequestKey[Actor] = web.RequestKey("actor")
SIGNED_IN: web.RequestKey[SignedIn | None] = web.RequestKey("signed_in")
LOCALE: web.RequestKey[str] = web.RequestKey("locale")
STARTED: web.RequestKey[bool] = web.RequestKey("started")        # the answer has begun: nothing else can be answered

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
