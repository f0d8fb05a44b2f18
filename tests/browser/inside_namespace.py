"""Chromium with Chromium through a real coturn, relay only. Runs inside a network namespace of its own: see test_relay.py.

coturn refuses loopback peers (safety: the relay reaches nothing inside), so the relay needs an address that is none.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import STDOUT, Popen

import aioice
import pytest
from playwright.async_api import Page

from signaling import turn
from tests import live_cases
from tests.browser import stage as stages
from tests.browser.chromiums import Chromiums
from tests.browser.stage import moving
from tests.builders import Someone

pytestmark = [pytest.mark.browser, pytest.mark.coturn, pytest.mark.timeout(180)]

ADDRESS = os.environ["TELEHEALTH_TEST_RELAY"]
SECRET = "a3f1" * 16
CONFIGURATION = Path(__file__).parents[2] / "deploy" / "turnserver.conf"
ORANGE, BLUE = (210, 90, 30), (30, 80, 200)
# Every peer connection of the page, and the kinds of candidates of the pair that carries its media.
WATCH = """
window.connections = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...more) { super(...more); window.connections.push(this); }
};"""
PATHS = """async () => {
  const found = [];
  for (const one of window.connections) {
    const report = await one.getStats();
    for (const pair of report.values()) {
      if (pair.type !== "candidate-pair" || pair.state !== "succeeded" || !pair.nominated) continue;
      found.push([report.get(pair.localCandidateId).candidateType, report.get(pair.remoteCandidateId).candidateType]);
    }
  }
  return found;
}"""


@asynccontextmanager
async def coturn(folder: Path) -> AsyncIterator[None]:
    """coturn with the very file that a province installs; only the four lines marked CHANGE are filled in."""
    text = CONFIGURATION.read_text()
    text = re.sub(r"(?m)^(listening-ip|relay-ip|allowed-peer-ip)=.*$", rf"\1={ADDRESS}", text)
    text = re.sub(r"(?m)^static-auth-secret=.*$", f"static-auth-secret={SECRET}", text)
    path = folder / "turnserver.conf"
    path.write_text(text)
    with (folder / "coturn.log").open("wb") as log:
        process = Popen(["turnserver", "-c", str(path), "--pidfile", str(folder / "coturn.pid")], stdout=log, stderr=STDOUT)
    try:
        await _listening()
        yield
    finally:
        process.terminate()
        process.wait(10)


async def _listening() -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection(ADDRESS, 3478)
            except OSError:
                await asyncio.sleep(0.05)       # a foreign program starts: there is no event to wait for
                continue
            writer.close()
            return


async def _allocates(username: str, password: str) -> bool:
    """Whether coturn gives a relay address for these credentials."""
    try:
        transport, _ = await aioice.turn.create_turn_endpoint(
            asyncio.DatagramProtocol, server_addr=(ADDRESS, 3478), username=username, password=password)
    except aioice.stun.TransactionFailed:
        return False
    transport.close()
    return True


async def test_credentials_open_the_relay_until_they_expire(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    good = turn.credentials(SECRET.encode(), "someone", now=now, lifetime=timedelta(hours=1), urls=[])
    late = turn.credentials(SECRET.encode(), "someone", now=now - timedelta(hours=2), lifetime=timedelta(hours=1), urls=[])
    forged = turn.credentials(b"another secret", "someone", now=now, lifetime=timedelta(hours=1), urls=[])

    async with coturn(tmp_path):
        assert await _allocates(good.username, good.credential)
        assert not await _allocates(late.username, late.credential)
        assert not await _allocates(forged.username, forged.credential)


async def test_a_call_goes_through_the_relay_and_nothing_else(chromiums: Chromiums, tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    secret = tmp_path / "turn-secret"
    secret.write_text(SECRET)
    secret.chmod(0o400)
    archive, people = await stages.furnish(folder)
    settings = {"TURN_URLS": f"turn:{ADDRESS}:3478?transport=udp", "ICE_POLICY": "relay", "TURN_SECRET_FILE": str(secret)}
    async with coturn(tmp_path):
        with stages.server(folder, **settings) as server:
            await server.start()
            async with stages.opened(chromiums, tmp_path, server) as stage:
                case = await live_cases.accepted(archive, people)
                pages = [await _enter(stage, case, *who) for who in (
                    (ORANGE, 440, people.nurse), (BLUE, 1_320, people.doctor))]
                await asyncio.gather(moving(pages[0], BLUE, within=25), moving(pages[1], ORANGE, within=25))
                paths = [pair for page in pages for pair in await page.evaluate(PATHS)]
    await archive.close()

    assert paths and all(pair == ["relay", "relay"] for pair in paths)


async def _enter(stage: stages.Stage, case: live_cases.Case, colour: tuple[int, int, int], hertz: int,
                 person: Someone) -> Page:
    context = await stage.browser(colour, hertz)
    await context.add_init_script(WATCH)
    page = await stage.sign_in(context, person)
    await page.goto(f"{stage.server.url}/calls/{case.call}")
    return page
