"""Legs: connections that stand ready while a request rings, so that pictures flow a moment after it was accepted.

Each request that rings has one page of its station and the pages of two doctors at most, the first whose devices showed
the ring; one where the station's line is thin. Who may hold a leg is asked at the house. Nothing here awaits.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from signaling import messages
from signaling.house import Admission, Refusal
from signaling.relaying import Relayed, relayed
from signaling.sessions import Session

AT_MOST, ON_A_THIN_LINE = 2, 1


@dataclass(eq=False)
class End:
    """One page's end of its legs. A station's page has as many legs as there are doctors; a doctor's page has one."""

    admission: Admission
    peer: str
    session: Session

    @property
    def participant(self) -> str:
        return self.admission.participant


@dataclass(eq=False)
class Ring:
    """The ends of one request. ``winner``: the peer of the doctor who took it, once it was accepted."""

    request: str
    station: End | None = None
    doctors: list[End] = field(default_factory=list)
    at_most: int = AT_MOST
    winner: str = ""

    def ends(self) -> list[End]:
        return [*self.doctors, *([self.station] if self.station else [])]

    def doctor(self, participant: str) -> End | None:
        return next((end for end in self.doctors if end.participant == participant), None)

    def across(self, session: Session) -> tuple[End | None, list[End]]:
        """The end that ``session`` holds here, and those at the other side of its legs."""
        if self.station is not None and self.station.session is session:
            return self.station, self.doctors
        mine = next((end for end in self.doctors if end.session is session), None)
        return mine, [self.station] if self.station else []


@dataclass(eq=False)
class Asked:
    """Somebody asks the house for a leg. ``closed``: meanwhile it was decided that there is none for them."""

    participant: str
    closed: bool = False


class Legs:
    """The legs of all requests that ring."""

    def __init__(self) -> None:
        self._rings: dict[str, Ring] = {}
        self._asking: dict[str, list[Asked]] = {}

    def __len__(self) -> int:
        return len(self._rings)

    def owns(self, request: str) -> bool:
        return request in self._rings

    def peers(self, request: str) -> list[str]:
        """The peers that hold an end, the doctors in the order in which they came, then the station."""
        ring = self._rings.get(request)
        return [end.peer for end in ring.ends()] if ring else []

    def winner(self, request: str) -> str:
        """The peer of the doctor who accepted, if a leg stood there; "" otherwise."""
        ring = self._rings.get(request)
        return ring.winner if ring else ""

    @contextlib.contextmanager
    def asking(self, request: str, participant: str) -> Iterator[Asked]:
        """While the house is asked: whatever ends this person's part in the request closes what is given here."""
        asked = Asked(participant)
        self._asking.setdefault(request, []).append(asked)
        try:
            yield asked
        finally:
            self._asking[request].remove(asked)
            if not self._asking[request]:
                del self._asking[request]

    # ------------------------------------------------------------ while it rings

    def hold(self, session: Session, admission: Admission, leg: messages.HoldLeg) -> None:
        """Take an end, and connect it to whoever waits at the other side.

        Raises Refusal: ``legs-taken`` (two doctors were faster), ``leg-elsewhere`` (another page of this doctor has it),
        ``peer-taken``, ``over``.
        """
        ring = self._rings.get(admission.call) or Ring(admission.call)
        end = End(admission, leg.peer, session)
        if ring.winner:
            raise Refusal("over")
        if any(one.peer == end.peer and one.participant != end.participant for one in ring.ends()):
            raise Refusal("peer-taken")
        if admission.side == "worker":
            self._seat_station(ring, end, min(admission.capacity, ON_A_THIN_LINE if leg.thin else AT_MOST))
        else:
            self._seat_doctor(ring, end)
        self._rings[ring.request] = ring

    def relay(self, session: Session, message: Relayed) -> None:
        """Hand the message to the other end of the leg. Raises Refusal: ``not-in-call``, ``no-such-peer``."""
        mine, others = self._rings[message.call].across(session)
        if mine is None:
            raise Refusal("not-in-call")
        receiver = next((end for end in others if end.peer == message.to), None)
        if receiver is None:
            raise Refusal("no-such-peer")
        receiver.session.send(relayed(mine.peer, message))

    def _seat_station(self, ring: Ring, station: End, at_most: int) -> None:
        """The newest page of the station has the legs."""
        if ring.station is not None and ring.station.peer != station.peer:
            self._leave_station(ring)
        ring.station, ring.at_most = station, at_most
        for late in ring.doctors[at_most:]:
            self._remove(ring, late)
        for doctor in ring.doctors:
            _open(ring, doctor)

    def _seat_doctor(self, ring: Ring, doctor: End) -> None:
        mine = ring.doctor(doctor.participant)
        if mine is None and len(ring.doctors) >= ring.at_most:
            raise Refusal("legs-taken")
        if mine is None:
            ring.doctors.append(doctor)
        elif mine.session.socket is not None and not is_same_tab(mine.session, doctor.session):
            raise Refusal("leg-elsewhere")
        else:
            if mine.peer != doctor.peer:
                _close(ring, mine)
            ring.doctors[ring.doctors.index(mine)] = doctor
        _open(ring, doctor)

    # ------------------------------------------------------------ when it is decided

    def decide(self, request: str, participant: str, peer: str) -> None:
        """``participant`` took the request in the page of ``peer``: that leg becomes the call, every other one is over.

        The two go on talking under the request's id until ``close``: what is on its way between them still arrives.
        """
        self._shut(request)
        ring = self._rings.get(request)
        if ring is None or ring.winner:
            return
        for loser in [end for end in ring.doctors if (end.participant, end.peer) != (participant, peer)]:
            self._remove(ring, loser)
        if ring.station is None or not ring.doctors:
            self.close(request)
        else:
            ring.winner = peer

    def close(self, request: str) -> None:
        """It rings no longer, or the call has both sides: no legs. A connection that became the call's is not told."""
        self._shut(request)
        ring = self._rings.pop(request, None)
        if ring is None or ring.winner:
            return
        for doctor in ring.doctors:
            _close(ring, doctor)

    def withdraw(self, participant: str, *, request: str = "", but: str = "") -> None:
        """This doctor cannot: of ``request``, or of every request ``but`` one, the leg is over."""
        for ring in list(self._rings.values()):
            end = ring.doctor(participant)
            if end is not None and ring.request != but and request in ("", ring.request):
                self._remove(ring, end)
        for one in list(self._asking):
            if one != but and request in ("", one):
                self._shut(one, participant)

    def ended(self, session: Session) -> None:
        """The page is gone, and its ends with it."""
        for ring in list(self._rings.values()):
            mine, _ = ring.across(session)
            if mine is None:
                continue
            if ring.winner:
                self.close(ring.request)
            elif mine is ring.station:
                self._leave_station(ring)
            else:
                self._remove(ring, mine)

    def _shut(self, request: str, participant: str = "") -> None:
        for asked in self._asking.get(request, ()):
            asked.closed |= participant in ("", asked.participant)

    def _leave_station(self, ring: Ring) -> None:
        """The doctors keep their places for the station's next page."""
        for doctor in ring.doctors:
            _close(ring, doctor)
        ring.station = None
        self._tidy(ring)

    def _remove(self, ring: Ring, doctor: End) -> None:
        _close(ring, doctor)
        ring.doctors.remove(doctor)
        self._tidy(ring)

    def _tidy(self, ring: Ring) -> None:
        if not ring.ends():
            self._rings.pop(ring.request, None)


def is_same_tab(one: Session, other: Session) -> bool:
    return one is other or (one.tab.id, one.person.login) == (other.tab.id, other.person.login)


def _open(ring: Ring, doctor: End) -> None:
    if ring.station is not None:
        for end, other in ((ring.station, doctor), (doctor, ring.station)):
            end.session.send(messages.LegOpened(request=ring.request, peer=end.peer, other=other.peer,
                                                polite=end is doctor, media=end.admission.media))


def _close(ring: Ring, doctor: End) -> None:
    if ring.station is not None:
        for end, other in ((ring.station, doctor), (doctor, ring.station)):
            end.session.send(messages.LegClosed(request=ring.request, other=other.peer))
