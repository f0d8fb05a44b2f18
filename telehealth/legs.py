"""Who may connect while it rings. The records say who waits on which side; signaling knows who is connected."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from records.archive import Archive
from records.care import line_checks, request_views
from records.errors import Conflict, NotAllowed, NotFound, RecordsError
from signaling import messages
from signaling.house import Admission, Person, Refusal
from signaling.legs import AT_MOST, ON_A_THIN_LINE

Media = Callable[[str, str], messages.PeerToPeer]                # (request, participant) -> servers with fresh credentials


async def admit(archive: Archive, media: Media, person: Person, leg: messages.HoldLeg) -> Admission | str:
    """The right to a leg of a request that rings, or a refusal: no-such-request, over, not-shown, in-call.

    ``capacity``: how many legs the station's line bears. Raises Refusal when the records do not answer.
    """
    request_id = UUID(leg.request)
    try:
        async with archive.act(person.actor) as act:
            side = await request_views.side_of(act, request_id)
            line = await line_checks.of_request(act, request_id)
    except (NotFound, NotAllowed):
        return "no-such-request"
    except Conflict as conflict:
        return conflict.reason
    except RecordsError as error:
        raise Refusal(error.code) from error
    return Admission(call=leg.request, participant=person.participant, side=side, name=person.name,
                     organization=person.organization, media=media(leg.request, person.participant),
                     capacity=ON_A_THIN_LINE if line and line.is_thin else AT_MOST)
