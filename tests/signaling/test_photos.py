"""A still that the doctor asks for: only the doctor asks, only the station of the same call is asked and answers."""

from __future__ import annotations

import pytest

from signaling import house
from signaling.house import Refusal
from tests.signaling.memory_house import Calls, new_id


@pytest.mark.parametrize("asks", [False, True])
async def test_the_station_is_asked_and_told_whether_the_patient_comes_first(server, asks):
    call, worker, doctor = await server.pair()
    server.house.asks, still = asks, new_id()

    assert (await doctor.command("photo-wanted", call=call.id, still=still))["type"] == "ack"

    asked = await worker.next("photo-asked")
    assert (asked["call"], asked["still"], asked["ask"]) == (call.id, still, asks)
    await doctor.sync()
    assert doctor.seen("photo-asked") == []


async def test_a_repeated_wish_reaches_the_station_once(server):
    call, worker, doctor = await server.pair()
    wish = {"type": "photo-wanted", "id": new_id(), "call": call.id, "still": new_id()}

    for _ in range(2):
        await doctor.send(**wish)
        assert (await doctor.outcome(wish["id"]))["type"] == "ack"

    await worker.sync()
    assert len(worker.seen("photo-asked")) == 1


async def test_nobody_else_asks_for_a_still(server):
    call, worker, _ = await server.pair()
    _, _, stranger = await server.pair()

    assert (await worker.command("photo-wanted", call=call.id, still=new_id()))["code"] == "doctor-only"
    assert (await stranger.command("photo-wanted", call=call.id, still=new_id()))["code"] == "not-in-call"
    assert server.house.counts["photo_wanted"] == 0
    await worker.sync()
    assert worker.seen("photo-asked") == []


async def test_an_empty_chair_is_not_asked(server):
    call, worker, doctor = await server.pair()
    await worker.command("leave", call=call.id)

    assert (await doctor.command("photo-wanted", call=call.id, still=new_id()))["code"] == "nobody-there"


async def test_behind_the_curtain_the_station_hears_nothing(server):
    call, worker, doctor = await server.pair()
    await worker.command("media-state", call=call.id, microphone=True, camera=True, curtain=True)

    assert (await doctor.command("photo-wanted", call=call.id, still=new_id()))["code"] == "curtain"

    await worker.command("media-state", call=call.id, microphone=True, camera=True, curtain=False)
    assert worker.seen("photo-asked") == []
    assert (await doctor.command("photo-wanted", call=call.id, still=new_id()))["type"] == "ack"


async def test_what_cannot_be_written_down_is_not_asked(server):
    call, worker, doctor = await server.pair()
    server.house.faults["photo_wanted"] = Refusal("refused")

    assert (await doctor.command("photo-wanted", call=call.id, still=new_id()))["code"] == "refused"
    await worker.sync()
    assert worker.seen("photo-asked") == []


async def test_the_doctor_hears_how_far_the_station_is_and_only_the_end_is_written_down(server):
    call, worker, doctor = await server.pair()
    still = new_id()

    for state in ("asking", "taking", "busy", "camera-off"):
        assert (await worker.command("photo-state", call=call.id, still=still, state=state))["type"] == "ack"
        told = await doctor.next("peer-photo")
        assert (told["still"], told["state"]) == (still, state)

    assert [(event.still, event.why) for event in server.house.of(house.PhotoFailed)] == [(still, "camera-off")]


async def test_only_the_station_says_how_far_it_is(server):
    call, worker, doctor = await server.pair()
    _, stranger, _ = await server.pair()

    assert (await doctor.command("photo-state", call=call.id, still=new_id(), state="failed"))["code"] == "station-only"
    assert (await stranger.command("photo-state", call=call.id, still=new_id(), state="failed"))["code"] == "not-in-call"
    assert (await doctor.command("photo-wanted", call=Calls().id, still=new_id()))["code"] == "not-in-call"
    await worker.sync()
    assert doctor.seen("peer-photo") == worker.seen("peer-photo") == []
