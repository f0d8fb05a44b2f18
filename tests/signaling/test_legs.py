"""Legs while it rings: who is connected with whom, what passes between them, and how each ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from signaling.house import Refusal
from signaling.messages import Closing
from tests.signaling.memory_house import Calls, new_id
from tests.signaling.pages import Page, Server


@dataclass
class Ringing:
    """A request that rings: the station's page, and as many doctors' pages as are wanted."""

    server: Server
    request: Calls
    station: Page

    async def doctor(self) -> Page:
        page = await self.server.open(self.server.person("BS. Lý Văn Thành"))
        assert page.person is not None
        self.request.sides[page.person.participant] = "doctor"
        return page

    async def hold(self, page: Page, **fields: Any) -> str:
        """Ask for a leg; "ack" or the code of the refusal."""
        answer = await page.command("leg", request=self.request.id, peer=page.peer, **fields)
        return str(answer.get("code", "ack"))

    async def pair(self) -> Page:
        """A doctor whose leg with the station is open."""
        doctor = await self.doctor()
        assert await self.hold(self.station) == await self.hold(doctor) == "ack"
        await doctor.next("leg-opened")
        return doctor

    async def says(self, page: Page, to: Page, sdp: str) -> None:
        await page.send(type="offer", call=self.request.id, to=to.peer, round=1, sdp=sdp)
        await page.sync()

    def accept(self, doctor: Page) -> None:
        assert doctor.person is not None
        self.server.rooms.legs.decide(self.request.id, doctor.person.participant, doctor.peer)


@pytest.fixture
async def ringing(server: Server) -> Ringing:
    station = await server.open(server.person())
    assert station.person is not None
    request = Calls(sides={station.person.participant: "worker"})
    server.house.requests[request.id] = request
    return Ringing(server, request, station)


async def test_station_and_doctor_are_connected_whoever_comes_first(ringing: Ringing) -> None:
    doctor = await ringing.doctor()
    assert await ringing.hold(doctor) == "ack"
    await doctor.sync()
    assert doctor.seen("leg-opened") == []

    assert await ringing.hold(ringing.station) == "ack"

    at_doctor, at_station = await doctor.next("leg-opened"), await ringing.station.next("leg-opened")
    assert (at_doctor["peer"], at_doctor["other"], at_doctor["polite"]) == (doctor.peer, ringing.station.peer, True)
    assert (at_station["peer"], at_station["other"], at_station["polite"]) == (ringing.station.peer, doctor.peer, False)
    assert at_doctor["media"]["type"] == "peer-to-peer"


async def test_what_they_say_passes_with_a_sender_set_by_the_server(ringing: Ringing) -> None:
    doctor = await ringing.pair()

    await ringing.says(ringing.station, doctor, "v=0 offer")
    await doctor.send(type="candidate", call=ringing.request.id, to=ringing.station.peer, round=1, candidate="")

    offer, candidate = await doctor.next("relayed-offer"), await ringing.station.next("relayed-candidate")
    assert (offer["sender"], offer["sdp"], offer["call"]) == (ringing.station.peer, "v=0 offer", ringing.request.id)
    assert candidate["sender"] == doctor.peer


async def test_two_doctors_get_a_leg_and_the_third_does_not(ringing: Ringing) -> None:
    await ringing.pair()
    second, third = await ringing.doctor(), await ringing.doctor()

    assert await ringing.hold(second) == "ack"
    assert await ringing.hold(third) == "legs-taken"


async def test_a_thin_line_bears_one_leg(ringing: Ringing) -> None:
    first, second = await ringing.doctor(), await ringing.doctor()
    await ringing.hold(first)
    await ringing.hold(second)

    assert await ringing.hold(ringing.station, thin=True) == "ack"

    assert (await first.next("leg-opened"))["other"] == ringing.station.peer
    await second.sync()
    assert second.seen("leg-opened") == []
    assert await ringing.hold(second) == "legs-taken"


async def test_doctors_never_hear_each_other(ringing: Ringing) -> None:
    first = await ringing.pair()
    second = await ringing.doctor()
    await ringing.hold(second)

    await first.send(type="offer", call=ringing.request.id, to=second.peer, round=1, sdp="v=0")

    assert (await first.next("refused"))["code"] == "no-such-peer"
    await second.sync()
    assert second.seen("relayed-offer") == []


async def test_who_holds_no_leg_of_the_request_says_nothing_into_it(ringing: Ringing) -> None:
    doctor = await ringing.pair()
    stranger = await ringing.server.open(ringing.server.person())

    await stranger.send(type="offer", call=ringing.request.id, to=doctor.peer, round=1, sdp="v=0")

    assert (await stranger.next("refused"))["code"] == "not-in-call"
    await doctor.sync()
    assert doctor.seen("relayed-offer") == []


async def test_a_foreign_request_gives_no_leg(ringing: Ringing) -> None:
    stranger = await ringing.server.open(ringing.server.person())

    assert await ringing.hold(stranger) == "no-such-request"
    assert ringing.server.rooms.legs.peers(ringing.request.id) == []


async def test_what_the_house_refuses_happens_in_no_way(ringing: Ringing) -> None:
    doctor = await ringing.doctor()
    ringing.server.house.faults["leg"] = Refusal("not-shown")

    assert await ringing.hold(doctor) == "not-shown"
    assert len(ringing.server.rooms.legs) == 0


async def test_nobody_takes_somebody_elses_peer(ringing: Ringing) -> None:
    await ringing.pair()
    second = await ringing.doctor()
    second.peer = ringing.station.peer

    assert await ringing.hold(second) == "peer-taken"


async def test_a_doctor_with_two_pages_counts_once(ringing: Ringing) -> None:
    doctor = await ringing.pair()
    again = await ringing.server.open(doctor.person)

    assert await ringing.hold(again) == "leg-elsewhere"
    assert ringing.server.rooms.legs.peers(ringing.request.id) == [doctor.peer, ringing.station.peer]


async def test_a_doctor_who_reloads_takes_the_place_again(ringing: Ringing) -> None:
    doctor = await ringing.pair()

    again = await ringing.server.open(doctor.person, tab=doctor.tab)

    assert (await ringing.station.next("leg-closed"))["other"] == doctor.peer
    assert await ringing.hold(again) == "ack"
    assert (await again.next("leg-opened"))["other"] == ringing.station.peer


async def test_a_station_that_reloads_is_connected_with_the_same_doctor_anew(ringing: Ringing) -> None:
    doctor = await ringing.pair()
    before = ringing.station

    ringing.station = await ringing.server.open(before.person, tab=before.tab)
    assert (await doctor.next("leg-closed"))["other"] == before.peer
    assert await ringing.hold(ringing.station) == "ack"

    assert (await doctor.next("leg-opened"))["other"] == ringing.station.peer


async def test_after_a_new_session_the_same_peers_keep_their_connection(ringing: Ringing) -> None:
    doctor = await ringing.pair()

    assert await ringing.hold(doctor) == "ack"

    assert (await doctor.next("leg-opened"))["other"] == ringing.station.peer
    assert ringing.station.seen("leg-closed") == doctor.seen("leg-closed") == []


async def test_whoever_is_slower_is_closed_and_the_winner_is_not(ringing: Ringing) -> None:
    winner = await ringing.pair()
    loser = await ringing.doctor()
    await ringing.hold(loser)
    await loser.next("leg-opened")

    ringing.accept(winner)

    assert (await loser.next("leg-closed"))["other"] == ringing.station.peer
    assert (await ringing.station.next("leg-closed"))["other"] == loser.peer
    assert ringing.server.rooms.legs.winner(ringing.request.id) == winner.peer
    await winner.sync()
    assert winner.seen("leg-closed") == []


async def test_what_was_on_its_way_when_it_was_accepted_still_arrives(ringing: Ringing) -> None:
    winner = await ringing.pair()
    ringing.accept(winner)

    await ringing.says(ringing.station, winner, "v=0 late")
    assert (await winner.next("relayed-offer"))["sdp"] == "v=0 late"

    ringing.server.rooms.legs.close(ringing.request.id)
    await ringing.station.send(type="offer", call=ringing.request.id, to=winner.peer, round=2, sdp="v=0")
    assert (await ringing.station.next("refused"))["code"] == "not-in-call"


async def test_a_loser_says_nothing_more(ringing: Ringing) -> None:
    winner = await ringing.pair()
    loser = await ringing.doctor()
    await ringing.hold(loser)
    ringing.accept(winner)

    await loser.send(type="offer", call=ringing.request.id, to=ringing.station.peer, round=1, sdp="v=0")

    assert (await loser.next("refused"))["code"] == "not-in-call"
    assert await ringing.hold(loser) == "over"


async def test_accepted_in_a_page_without_a_leg_every_leg_is_over(ringing: Ringing) -> None:
    doctor = await ringing.pair()
    assert doctor.person is not None

    ringing.server.rooms.legs.decide(ringing.request.id, doctor.person.participant, "")

    assert (await doctor.next("leg-closed"))["other"] == ringing.station.peer
    assert len(ringing.server.rooms.legs) == 0


async def test_a_leg_asked_for_while_it_was_decided_is_refused(ringing: Ringing) -> None:
    winner, late = await ringing.pair(), await ringing.doctor()
    ringing.server.house.wait["leg"] = asyncio.Event()
    asked = ringing.server.house.counts["leg"]
    command = await late.send(type="leg", id=new_id(), request=ringing.request.id, peer=late.peer)
    await ringing.server.house.until(lambda: ringing.server.house.counts["leg"] > asked)

    ringing.accept(winner)
    ringing.server.rooms.legs.close(ringing.request.id)
    ringing.server.house.wait["leg"].set()

    assert (await late.outcome(command))["code"] == "over"
    assert len(ringing.server.rooms.legs) == 0


async def test_who_declines_while_the_house_is_asked_gets_none(ringing: Ringing) -> None:
    first, late = await ringing.doctor(), await ringing.doctor()
    assert late.person is not None
    ringing.server.house.wait["leg"] = asyncio.Event()
    commands = [await page.send(type="leg", id=new_id(), request=ringing.request.id, peer=page.peer) for page in (first, late)]
    await ringing.server.house.until(lambda: ringing.server.house.counts["leg"] == 2)

    ringing.server.rooms.legs.withdraw(late.person.participant, request=ringing.request.id)
    ringing.server.house.wait["leg"].set()

    assert (await late.outcome(commands[1]))["code"] == "over"
    assert (await first.outcome(commands[0]))["type"] == "ack"


async def test_a_doctor_in_a_call_has_no_other_leg(ringing: Ringing) -> None:
    doctor = await ringing.pair()
    assert doctor.person is not None

    ringing.server.rooms.legs.withdraw(doctor.person.participant, but=ringing.request.id)
    await doctor.sync()
    assert doctor.seen("leg-closed") == []

    ringing.server.rooms.legs.withdraw(doctor.person.participant, but=new_id())
    assert (await doctor.next("leg-closed"))["other"] == ringing.station.peer


async def test_signed_out_is_out_of_the_leg(ringing: Ringing) -> None:
    doctor = await ringing.pair()
    assert doctor.person is not None

    ringing.server.presence.dismiss(Closing.SIGNED_OUT, login=doctor.person.login)

    assert (await ringing.station.next("leg-closed"))["other"] == doctor.peer
    assert ringing.server.rooms.legs.peers(ringing.request.id) == [ringing.station.peer]
    assert await doctor.closing() == Closing.SIGNED_OUT


async def test_when_the_request_is_over_nothing_is_kept(ringing: Ringing) -> None:
    doctor = await ringing.pair()

    ringing.server.rooms.legs.close(ringing.request.id)

    assert (await doctor.next("leg-closed"))["other"] == ringing.station.peer
    assert (await ringing.station.next("leg-closed"))["other"] == doctor.peer
    assert len(ringing.server.rooms.legs) == 0


async def test_a_short_gap_of_the_line_leaves_the_leg_and_loses_nothing(ringing: Ringing) -> None:
    doctor = await ringing.pair()
    doctor.cut()
    await ringing.says(ringing.station, doctor, "v=0 in the gap")

    again = await ringing.server.resume(doctor)

    assert (await again.next("relayed-offer"))["sdp"] == "v=0 in the gap"
    assert ringing.station.seen("leg-closed") == []
