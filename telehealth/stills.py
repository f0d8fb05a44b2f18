"""Stills between signaling and the records: the doctor's wish on its way to the station, and why none was taken."""

from __future__ import annotations

from uuid import UUID

from records.archive import Archive
from records.care import stills
from records.errors import Conflict, RecordsError
from signaling import messages
from signaling.house import Person, PhotoFailed, Refusal


class Stills:
    """Writes down what becomes of a still before anybody is told."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def wanted(self, person: Person, message: messages.PhotoWanted, *, curtain: bool) -> bool:
        """Whether the patient has to be asked first. Raises Refusal: curtain, refused, or a reason of the records."""
        try:
            async with self._archive.act(person.actor) as act:
                found = await stills.want(act, UUID(message.call), UUID(message.still), curtain=curtain)
        except RecordsError as error:
            raise Refusal(error.reason if isinstance(error, Conflict) else error.code) from error
        if found in ("curtain", "refused"):
            raise Refusal(found)
        return found == "ask"

    async def failed(self, event: PhotoFailed) -> None:
        try:
            async with self._archive.act(event.person.actor) as act:
                await stills.failed(act, UUID(event.call), UUID(event.still), event.why)
        except RecordsError as error:
            raise Refusal(error.code) from error
