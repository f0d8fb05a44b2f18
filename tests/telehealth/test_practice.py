"""Practice calls through the real server: a real simulated doctor in its own process, and a worker without a browser."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientSession, UnixConnector, WSMsgType
from sqlalchemy import select

from records.acts import Actor
from records.archive import Archive
from records.care import call_events, encounters, practice, progress, requests, sessions, tables
from records.errors import NotAllowed, NotFound
from records.people import duty, patients, rehearsal
from signaling.messages import SUBPROTOCOL, Closing
from telehealth import practice as rehearsals
from telehealth.app import SITE
from tests.builders import People, Someone
from tests.signaling.memory_house import new_id
from tests.signaling.pages import Page
from tests.signaling_client import Peer, close_page, open_page
from tests.site import Site

GREY = (120, 128, 128)


class Worker:
    """A nurse at a page without a browser."""

    def __init__(self, browser: ClientSession, page: Page) -> None:
        self.browser, self.page = browser, page

    async def begins(self, id: UUID | None = None) -> str:
        """Presses "Gọi thử"; returns the request."""
        async with self.browser.post("/practice", data={"id": str(id or uuid4())}, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            return answer.headers["Location"].rpartition("/")[2]

    async def waits_for_the_call(self, request: str) -> str:
        """The call of the request, once it was taken."""
        async with asyncio.timeout(30):
            while True:
                state = await self.state(request)
                if state["call"]:
                    return str(state["call"])
                await self.page.next("request-changed")

    async def state(self, request: str) -> dict[str, Any]:
        async with self.browser.get(f"/requests/{request}/state") as answer:
            state: dict[str, Any] = await answer.json()
            return state

    async def ends(self, call: str) -> int:
        async with self.browser.post(f"/calls/{call}/practice-end", json={}) as answer:
            return answer.status


@pytest.fixture
async def nurse(site: Site) -> AsyncIterator[Worker]:
    browser = await site.sign_in(site.people.nurse)
    page = await open_page(browser)
    yield Worker(browser, page)
    await close_page(page)


async def meets(worker: Worker, call: str) -> Peer:
    """The worker's side of the call, connected."""
    peer = Peer(worker.page, call, GREY, 440)
    entered = await peer.enter()
    other = entered["peers"][0] if entered["peers"] else (await worker.page.next("peer-joined"))["peer"]
    await peer.offer(other["peer"])
    return peer


async def rows(archive: Archive, table: Any) -> list[Any]:
    async with archive.act(Actor.of_system("test")) as act:
        return list(await act.db.scalars(select(table)))


async def test_one_worker_alone_sees_and_hears_the_simulated_doctor(site: Site, nurse: Worker) -> None:
    request = await nurse.begins()
    assert (await nurse.state(request))["title"] == "Đang gọi Bác sĩ mô phỏng"

    call = await nurse.waits_for_the_call(request)
    peer = await meets(nurse, call)
    async with asyncio.timeout(20):
        pictures = [bytes((await peer.tracks["video"].recv()).planes[0]) for _ in range(12)]
        assert pictures[0] != pictures[-1]
        assert max(bytes((await peer.tracks["audio"].recv()).planes[0])) > 0
    await nurse.page.command("media-report", call=call, media="connected")
    said = await nurse.page.next("chat")

    assert (said["name"], said["text"]) == ("Bác sĩ mô phỏng", "Tôi nghe và thấy bạn. Đây là cuộc gọi thử.")
    assert await nurse.ends(call) == 200
    assert (await nurse.page.next("call-changed"))["state"]
    await peer.connection.close()
