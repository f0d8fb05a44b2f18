"""The door: who comes in, in which order, and how each fault is answered."""

from __future__ import annotations


async def test_a_page_is_welcomed_and_told_how_things_stand(server):
    nurse = server.person()

    page = await server.open(nurse)

    assert page.seen("welcome")[0]["participant"] == nurse.participant
    assert (await page.next("snapshot"))["duty"] is False


async def test_two_people_meet_in_a_call_and_their_offers_pass(server):
    call, worker, doctor = await server.pair()

    await worker.send(type="offer", call=call.id, to=doctor.peer, round=1, sdp="v=0")

    relayed = await doctor.next("relayed-offer")
    assert (relayed["sender"], relayed["sdp"]) == (worker.peer, "v=0")
