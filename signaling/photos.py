"""A still that the doctor asks the station for: who may ask, who is asked, who is told. No picture passes here."""

from __future__ import annotations

from signaling import messages
from signaling.house import House, PhotoFailed, Refusal
from signaling.rooms import Rooms
from signaling.sessions import Session

GOES_ON = ("asking", "taking", "busy")      # states that say nothing about how it ends


async def want(rooms: Rooms, house: House, session: Session, wanted: messages.PhotoWanted) -> None:
    """Ask the station. Raises Refusal: not-in-call, doctor-only, nobody-there, and what the house refuses."""
    seat = rooms.seat(session, wanted.call)
    if seat.admission.side != "doctor":
        raise Refusal("doctor-only")
    station = seat.room.on("worker")
    if station is None:
        raise Refusal("nobody-there")
    ask = await house.photo_wanted(session.person, wanted, curtain=station.shown.curtain)
    # The station may have come back on another page while it was written down.
    station = rooms.seat(session, wanted.call).room.on("worker")
    if station is None:
        raise Refusal("nobody-there")
    station.session.send(messages.PhotoAsked(call=wanted.call, still=wanted.still, ask=ask))


async def tell(rooms: Rooms, house: House, session: Session, told: messages.PhotoState) -> None:
    """Tell the others how far the station is. Raises Refusal: not-in-call, station-only, and what the house refuses."""
    seat = rooms.seat(session, told.call)
    if seat.admission.side != "worker":
        raise Refusal("station-only")
    if told.state not in GOES_ON:
        await house.observe(PhotoFailed(person=session.person, call=told.call, still=told.still, why=told.state))
    seat.room.tell(messages.PeerPhoto(call=told.call, still=told.still, state=told.state), but=seat)
