"""What the session log says of a real call on a line that was cut: the right side, about the right length, in one sentence."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from sqlalchemy import select

import web.i18n
from records.acts import Actor
from records.care import session_facts, tables
from records.care.session_facts import Facts
from tests.netlab.lab import Lab
from web import sentences

pytestmark = [pytest.mark.browser, pytest.mark.coturn, pytest.mark.timeout(240)]


async def test_a_call_whose_station_was_cut_says_so_with_its_seconds(lab: Lab) -> None:
    async with lab.call("4g") as call:
        await call.heard()
        before = now = await facts(lab)
        again_at = await call.line.cut(15)
        await call.voice_back(again_at)

        async with asyncio.timeout(20):
            while not {"line-out", "connected"} <= {event.kind for event in now.events[len(before.events):]}:
                await asyncio.sleep(0.5)        # the page tells it when its socket is back; no page of ours waits for that
                now = await facts(lab)

    assert [(one.kind, one.side, one.back) for one in now.causes] == [("network-lost", "worker", True)], now.events
    assert 14 <= now.causes[0].seconds <= 30
    assert re.fullmatch(r"\d\d:\d\d .* nhận sau \d+ giây; \d\d:\d\d trạm mất mạng \d\d giây; tự nối lại; đang diễn ra\.", said(now))


async def facts(lab: Lab) -> Facts:
    async with lab.archive.act(Actor.of_system("test")) as act:
        newest = await act.db.scalar(select(tables.Request.id).order_by(tables.Request.asked_at.desc()).limit(1))
    assert newest
    async with lab.archive.act(lab.people.root.actor) as act:
        return await session_facts.read(act, newest)


def said(facts: Facts) -> str:
    texts = web.i18n.Texts.load(Path(web.i18n.__file__).parent / "locale")

    def translate(text: str, **values: object) -> str:
        found = texts.one("vi", text)
        return found % values if values else found

    return sentences.sentence(translate, facts.session, facts.events, facts.causes, facts.signed_at)
