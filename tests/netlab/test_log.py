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
        before = await told(lab, {"connected"})
        again_at = await call.line.cut(15)
        await call.voice_back(again_at)
        now = await told(lab, {"line-out", "connected"}, since=len(before.events))

    assert [(one.kind, one.side, one.back) for one in now.causes] == [("network-lost", "worker", True)], now.events
    assert 14 <= now.causes[0].seconds <= 30
    assert re.fullmatch(r"\d\d:\d\d .* nhận sau \d+ giây; \d\d:\d\d trạm mất mạng \d\d giây; tự nối lại; đang diễn ra\.", said(now))


async def told(lab: Lab, kinds: set[str], *, since: int = 0) -> Facts:
    """The log once it has these events behind the first ``since``: the pages tell them when their sockets allow."""
    async with asyncio.timeout(20):
        now = await facts(lab)
        while not kinds <= {event.kind for event in now.events[since:]}:
            await asyncio.sleep(0.5)        # another process writes it: there is no event to wait for
            now = await facts(lab)
    return now


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
