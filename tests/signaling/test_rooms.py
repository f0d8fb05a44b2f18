"""Inside a call: seats, takeovers, who hears whom, and what is written down when."""

from __future__ import annotations

import asyncio

import pytest

from signaling import house, messages
from signaling.house import Refusal
from signaling.messages import Closing
from tests.signaling.memory_house import Calls, new_id


async def test_the_doctor_is_polite_and_the_station_is_not(server):
    _, worker, doctor = await server.pair()

    assert worker.seen("entered")[0]["polite"] is False
    entered = await doctor.next("entered")
    assert entered["polite"] is True
    assert [(peer["name"], peer["side"]) for peer in entered["peers"]] == [("Nông Thị Hoa", "worker")]


async def test_entering_is_written_down_before_anybody_sees_it(server):
    worker, doctor = await server.open(server.person()), await server.open(server.person())
    call = server.call(worker.person, doctor.person)
    await worker.enter(call)
    server.house.wait["Entered"] = asyncio.Event()
    await doctor.send(type="enter", id=new_id(), call=call.id, peer=doctor.peer)
    await server.house.until(lambda: server.house.counts["Entered"] == 2)

    await worker.sync()
    assert worker.seen("peer-joined") == []

    server.house.wait["Entered"].set()
    assert (await worker.next("peer-joined"))["peer"]["peer"] == doctor.peer


async def test_who_cannot_be_recorded_does_not_enter(server):
    worker, doctor = await server.open(server.person()), await server.open(server.person())
    call = server.call(worker.person, doctor.person)
    await worker.enter(call)
    server.house.faults["Entered"] = Refusal("unavailable")

    assert (await doctor.enter(call))["code"] == "unavailable"
    assert len(server.rooms.peers(call.id)) == 1

    del server.house.faults["Entered"]
    assert (await doctor.enter(call))["type"] == "ack"


async def test_a_stranger_does_not_enter(server):
    call, _, _ = await server.pair()
    stranger = await server.open(server.person())

    assert (await stranger.enter(call))["code"] == "no-such-call"
    assert (await stranger.enter(Calls()))["code"] == "no-such-call"


async def test_a_third_person_finds_the_room_full_unless_it_holds_three(server):
    call, _, _ = await server.pair()
    third = await server.open(server.person())
    call.sides[third.person.participant] = "doctor"

    assert (await third.enter(call))["code"] == "room-full"

    call.capacity = 3
    assert (await third.enter(call))["type"] == "ack"


async def test_nobody_enters_as_somebody_elses_peer(server):
    call, worker, _ = await server.pair()
    call.capacity = 3
    third = await server.open(server.person())
    call.sides[third.person.participant] = "doctor"
    third.peer = worker.peer

    assert (await third.enter(call))["code"] == "peer-taken"


async def test_the_same_peer_comes_back_and_its_media_is_kept(server):
    call, worker, doctor = await server.pair()
    worker.cut()
    await doctor.next("peer-away")

    again = await server.resume(worker)

    assert (await doctor.next("peer-joined"))["peer"]["peer"] == worker.peer
    assert doctor.seen("peer-left") == []
    assert (await again.enter(call))["type"] == "ack"
    assert (await doctor.next("peer-joined"))["peer"]["peer"] == worker.peer
    assert [event.again for event in server.house.of(house.Entered)] == [False, False, True]
    assert again.seen("call-moved") == []


async def test_after_a_lost_session_the_same_peer_takes_its_seat_back(server):
    call, worker, doctor = await server.pair()
    worker.cut()
    await doctor.next("peer-away")

    again = await server.connect(worker.person, tab=worker.tab)
    await again.hello(worker.resume() | {"token": "A" * 43})
    again.peer = worker.peer

    assert (await again.enter(call))["type"] == "ack"
    assert (await doctor.next("peer-joined"))["peer"]["peer"] == worker.peer
    assert doctor.seen("peer-left") == []


async def test_a_reloaded_page_takes_its_seat_back_as_another_peer(server):
    call, worker, doctor = await server.pair()

    again = await server.open(worker.person, tab=worker.tab)
    assert (await again.enter(call))["type"] == "ack"

    assert await worker.closing() == Closing.REPLACED
    left = await doctor.next("peer-left")
    assert (left["peer"], left["reason"]) == (worker.peer, "replaced")
    assert (await doctor.next("peer-joined"))["peer"]["peer"] == again.peer
    assert server.house.of(house.Left) == []


async def test_a_second_tab_is_told_where_the_call_is_and_may_move_it(server):
    call, worker, doctor = await server.pair()
    second = await server.open(worker.person)

    assert (await second.enter(call))["code"] == "call-elsewhere"
    assert not worker.seen("call-moved")

    assert (await second.enter(call, takeOver=True))["type"] == "ack"
    assert (await worker.next("call-moved"))["call"] == call.id
    assert (await doctor.next("peer-joined"))["peer"]["peer"] == second.peer
    await worker.sync()


async def test_the_older_tab_no_longer_speaks_in_the_call(server):
    call, worker, doctor = await server.pair()
    second = await server.open(worker.person)
    await second.enter(call, takeOver=True)

    await worker.send(type="offer", call=call.id, to=doctor.peer, round=1, sdp="v=0")
    assert (await worker.next("refused"))["code"] == "not-in-call"
    await worker.command("leave", call=call.id)

    await second.send(type="offer", call=call.id, to=doctor.peer, round=2, sdp="v=0")
    assert (await doctor.next("relayed-offer"))["round"] == 2
    assert len(server.rooms.peers(call.id)) == 2


async def test_offers_answers_and_candidates_bear_the_senders_name(server):
    call, worker, doctor = await server.pair()
    common = {"call": call.id, "round": 4}

    await worker.send(type="offer", to=doctor.peer, sdp="offer", **common)
    await doctor.send(type="answer", to=worker.peer, sdp="answer", **common)
    await worker.send(type="candidate", to=doctor.peer, candidate="{}", **common)

    offer, answer = await doctor.next("relayed-offer"), await worker.next("relayed-answer")
    candidate = await doctor.next("relayed-candidate")
    assert (offer["sender"], offer["sdp"], offer["round"]) == (worker.peer, "offer", 4)
    assert (answer["sender"], answer["sdp"]) == (doctor.peer, "answer")
    assert (candidate["sender"], candidate["candidate"]) == (worker.peer, "{}")


async def test_nothing_passes_between_two_calls(server):
    call, worker, _ = await server.pair()
    other, _, stranger = await server.pair()

    for where, to, code in [(call, stranger, "no-such-peer"), (other, stranger, "not-in-call"), (call, worker, "no-such-peer")]:
        await worker.send(type="offer", call=where.id, to=to.peer, round=1, sdp="v=0")
        assert (await worker.next("refused"))["code"] == code

    await stranger.sync()
    assert stranger.seen("relayed-offer") == []


async def test_what_is_sent_to_a_peer_in_a_gap_waits_for_it(server):
    call, worker, doctor = await server.pair()
    doctor.cut()
    await worker.next("peer-away")

    await worker.send(type="offer", call=call.id, to=doctor.peer, round=1, sdp="v=0")
    await worker.sync()

    again = await server.resume(doctor)
    assert (await again.next("relayed-offer"))["sdp"] == "v=0"


async def test_leaving_ends_nothing_and_the_seat_may_be_taken_again(server):
    call, worker, doctor = await server.pair()

    assert (await worker.command("leave", call=call.id))["type"] == "ack"

    assert (await doctor.next("peer-left"))["reason"] == "left"
    assert [left.reason for left in server.house.of(house.Left)] == ["left"]
    assert (await worker.enter(call))["type"] == "ack"
    assert (await doctor.next("peer-joined"))["peer"]["peer"] == worker.peer


async def test_leaving_succeeds_without_the_records(server, caplog):
    call, worker, doctor = await server.pair()
    server.house.faults["Left"] = RuntimeError("down")

    assert (await worker.command("leave", call=call.id))["type"] == "ack"

    assert (await doctor.next("peer-left"))["reason"] == "left"
    assert "Left was not recorded" in caplog.text


async def test_a_socket_that_drops_and_comes_back_is_written_down_with_its_side(server):
    call, worker, doctor = await server.pair()

    worker.cut()
    await doctor.next("peer-away")
    await server.resume(worker)
    await doctor.next("peer-joined")

    await server.house.until(lambda: len(server.house.of(house.SocketMoved)) == 2)
    assert [(one.call, one.side, one.parting) for one in server.house.of(house.SocketMoved)] == [
        (call.id, "worker", "dropped"), (call.id, "worker", "")]


async def test_a_page_that_goes_is_told_apart_from_a_line_that_drops(server):
    _, worker, doctor = await server.pair()

    await worker.ws.close(code=Closing.GOING_AWAY)
    await doctor.next("peer-away")

    await server.house.until(lambda: [one.parting for one in server.house.of(house.SocketMoved)] == ["closed"])


async def test_a_fresh_socket_beside_the_old_one_is_no_gap(server):
    _, worker, doctor = await server.pair()

    await server.resume(worker)
    await doctor.next("peer-joined")
    await doctor.sync()

    assert server.house.of(house.SocketMoved) == []


async def test_a_server_that_goes_down_blames_no_side(server):
    _, worker, _ = await server.pair()

    await server.endpoint.drain()
    await worker.closing()

    assert server.house.of(house.SocketMoved) == []


async def test_what_a_side_tells_of_its_trouble_is_written_down(server):
    call, worker, _ = await server.pair()

    await worker.command("fault", call=call.id, kind="line-out", seconds=38)
    await worker.command("fault", call=call.id, kind="camera-fault", detail="blocked")
    refused = await worker.command("fault", call=new_id(), kind="line-out", seconds=1)

    assert [(one.side, one.kind, one.detail) for one in server.house.of(house.FaultTold)] == [
        ("worker", "line-out", "38"), ("worker", "camera-fault", "blocked")]
    assert refused["code"] == "not-in-call"


async def test_a_browser_that_is_gone_loses_its_seat(start):
    server = await start(lease=0.1, gone=0.1)
    call, worker, doctor = await server.pair()

    worker.cut()

    assert (await doctor.next("peer-away"))["peer"] == worker.peer
    assert (await doctor.next("peer-left"))["reason"] == "gone"
    await server.house.until(lambda: [left.reason for left in server.house.of(house.Left)] == ["gone"])
    assert len(server.rooms.peers(call.id)) == 1


async def test_a_call_that_is_over_has_no_seats(server):
    call, worker, doctor = await server.pair()

    server.rooms.tell(call.id, messages.CallChanged(call=call.id, state="ended"))
    server.rooms.close(call.id)

    assert (await doctor.next("call-changed"))["state"] == "ended"
    assert len(server.rooms) == 0
    await worker.send(type="offer", call=call.id, to=doctor.peer, round=1, sdp="v=0")
    assert (await worker.next("refused"))["code"] == "not-in-call"
    await server.house.until(lambda: len(server.house.of(house.Left)) == 2)


async def test_who_is_at_the_door_while_the_call_ends_does_not_enter(server):
    worker, doctor = await server.open(server.person()), await server.open(server.person())
    call = server.call(worker.person, doctor.person)
    server.house.wait["Entered"] = asyncio.Event()
    enter = new_id()
    await worker.send(type="enter", id=enter, call=call.id, peer=worker.peer)
    await server.house.until(lambda: server.house.counts["Entered"] == 1)

    server.rooms.close(call.id)
    server.house.wait["Entered"].set()

    assert (await worker.outcome(enter))["code"] == "call-over"
    assert len(server.rooms) == 0
    assert [left.reason for left in server.house.of(house.Left)] == ["dismissed"]


async def test_who_signs_out_at_the_door_does_not_enter(server):
    worker, doctor = await server.open(server.person()), await server.open(server.person())
    call = server.call(worker.person, doctor.person)
    server.house.wait["Entered"] = asyncio.Event()
    await worker.send(type="enter", id=new_id(), call=call.id, peer=worker.peer)
    await server.house.until(lambda: server.house.counts["Entered"] == 1)

    server.presence.dismiss(Closing.SIGNED_OUT, login=worker.person.login)
    server.house.wait["Entered"].set()

    await server.house.until(lambda: [left.reason for left in server.house.of(house.Left)] == ["dismissed"])
    assert len(server.rooms) == 0


async def test_somebody_who_enters_in_a_gap_is_shown_as_away(server):
    worker, doctor = await server.open(server.person()), await server.open(server.person())
    call = server.call(worker.person, doctor.person)
    await doctor.enter(call)
    server.house.wait["Entered"] = asyncio.Event()
    await worker.send(type="enter", id=new_id(), call=call.id, peer=worker.peer)
    await server.house.until(lambda: server.house.counts["Entered"] == 2)
    worker.cut()
    again = await server.resume(worker)
    again.cut()
    await again.closing()

    server.house.wait["Entered"].set()

    assert (await doctor.next("peer-joined"))["peer"]["peer"] == worker.peer
    assert (await doctor.next("peer-away"))["peer"] == worker.peer


async def test_going_to_another_call_gives_the_first_seat_back(server):
    call, worker, doctor = await server.pair()
    other = server.call(worker.person, server.person())

    assert (await worker.enter(other))["type"] == "ack"

    assert (await doctor.next("peer-left"))["peer"] == worker.peer
    await server.house.until(lambda: [left.call for left in server.house.of(house.Left)] == [call.id])


async def test_microphone_and_camera_are_told_and_remembered(server):
    call, worker, doctor = await server.pair()

    assert (await worker.command("media-state", call=call.id, microphone=True, camera=False))["type"] == "ack"

    assert (await doctor.next("peer-media"))["camera"] is False
    assert [peer.camera for peer in server.rooms.peers(call.id)] == [False, True]


SAVING = {"microphone": True, "camera": True, "rung": "stills", "saver": True, "curtain": True, "power": "low", "battery": 8}


def state(peer):
    return {name: peer[name] for name in SAVING}


async def test_what_a_side_sends_is_told_and_who_enters_later_finds_it(server):
    call, worker, doctor = await server.pair()

    await worker.command("media-state", call=call.id, **SAVING)
    assert state(await doctor.next("peer-media")) == SAVING

    later = await server.open(doctor.person, tab=doctor.tab)
    await later.enter(call)
    assert [state(peer) for peer in (await later.next("entered"))["peers"]] == [SAVING]


async def test_a_reload_lifts_no_curtain(server):
    call, worker, doctor = await server.pair()
    await worker.command("media-state", call=call.id, **SAVING)

    again = await server.open(worker.person, tab=worker.tab)
    await again.enter(call)

    joined = (await doctor.next("peer-joined"))["peer"]
    assert (joined["peer"], state(joined)) == (again.peer, SAVING)


async def test_curtain_and_saver_are_written_down_once_for_each_change(server):
    call, worker, doctor = await server.pair()
    open_again = SAVING | {"curtain": False}

    for said in (SAVING, SAVING | {"battery": 7}, open_again, open_again | {"saver": False}):
        await worker.command("media-state", call=call.id, **said)
    await doctor.command("media-state", call=call.id, microphone=True, camera=False)

    assert [(event.what, event.side) for event in server.house.of(house.Switched)] == [
        ("curtain-up", "worker"), ("saver-on", "worker"), ("power-low", "worker"), ("curtain-down", "worker"),
        ("saver-off", "worker")]


async def test_power_that_goes_and_comes_back_is_written_down_and_mains_from_the_start_are_not(server):
    call, worker, doctor = await server.pair()

    for power in ("mains", "battery", "low", "low", "mains"):
        await worker.command("media-state", call=call.id, microphone=True, camera=True, power=power)
    await doctor.command("media-state", call=call.id, microphone=True, camera=True, power="low")

    assert [(event.what, event.side) for event in server.house.of(house.Switched)] == [
        ("power-battery", "worker"), ("power-low", "worker"), ("power-mains", "worker"), ("power-low", "doctor")]


async def test_a_curtain_that_cannot_be_written_down_is_drawn_all_the_same(server):
    call, worker, doctor = await server.pair()
    server.house.faults["Switched"] = Refusal("unavailable")

    assert (await worker.command("media-state", call=call.id, **SAVING))["type"] == "ack"
    assert (await doctor.next("peer-media"))["curtain"] is True


async def test_reports_of_media_and_quality_reach_the_house_only_from_a_seat(server):
    call, worker, _ = await server.pair()
    stranger = await server.open(server.person())
    quality = {"receivedKbps": 512.0, "sentKbps": 480.5, "lostPercent": 1.5, "roundTripMs": 180.0}

    for page, outcome in [(worker, "ack"), (stranger, "refused")]:
        assert (await page.command("media-report", call=call.id, media="connected"))["type"] == outcome
        assert (await page.command("measured", call=call.id, quality=quality))["type"] == outcome

    assert [event.media for event in server.house.of(house.MediaReported)] == ["connected"]
    assert [event.quality.lost_percent for event in server.house.of(house.QualityMeasured)] == [1.5]


async def test_a_line_of_chat_reaches_both_sides_and_only_from_a_seat(server):
    call, worker, doctor = await server.pair()
    stranger = await server.open(server.person())

    said = await worker.command("say", call=call.id, text="Huyết áp 150/90.")
    refused = await stranger.command("say", call=call.id, text="Tôi nghe đây.")

    assert (said["type"], refused["code"]) == ("ack", "not-in-call")
    for page in (worker, doctor):
        assert (await page.next("chat"))["text"] == "Huyết áp 150/90."
    assert server.house.counts["say"] == 1


async def test_what_was_seen_of_the_chat_is_told(server):
    call, worker, doctor = await server.pair()

    await doctor.command("chat-seen", call=call.id, number=3)

    mark = await worker.next("chat-mark")
    assert (mark["participant"], mark["number"]) == (doctor.person.participant, 3)


async def test_a_command_that_fails_is_answered_and_ends_only_its_own_socket(server, caplog):
    call, worker, doctor = await server.pair()
    server.house.faults["say"] = RuntimeError("a bug")

    assert (await worker.command("say", call=call.id, text="Alô"))["code"] == "internal"

    assert await worker.closing() == Closing.INTERNAL
    await doctor.sync()
    assert "Alô" not in caplog.text


@pytest.mark.parametrize("code", ["unavailable", "call-over"])
async def test_a_refusal_of_the_house_reaches_the_page_and_the_call_goes_on(server, code):
    call, worker, _ = await server.pair()
    server.house.faults["MediaReported"] = Refusal(code)

    assert (await worker.command("media-report", call=call.id, media="lost"))["code"] == code

    await worker.sync()


async def test_a_session_may_not_heap_up_commands(start):
    server = await start(commands=2)
    page = await server.open(server.person())
    server.house.wait["observe"] = asyncio.Event()
    waiting = [await page.send(type="ring-shown", id=new_id(), request=new_id()) for _ in range(2)]

    assert (await page.command("ring-shown", request=new_id()))["code"] == "busy"

    server.house.wait["observe"].set()
    assert [(await page.outcome(command))["type"] for command in waiting] == ["ack", "ack"]
