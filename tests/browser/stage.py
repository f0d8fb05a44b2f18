"""A stage for calls between real browsers: a server process that can be killed, two Chromiums with different fake cameras."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.async_api import BrowserContext, Error, Page

from records import migrations
from records.archive import Archive, utc_now
from records.guard import keyring
from telehealth import parts
from telehealth.settings import Settings
from tests import builders, processes
from tests.browser.chromiums import Chromiums
from tests.builders import PASSWORD, People, Someone
from tests.forks import Forked

# What is seen of the other side: the mean colour of a small copy of the picture, and its frames.
LOOK = """async () => {
  const video = document.querySelector("[data-remote]");
  if (!video) return {colour: [0, 0, 0], pixels: [], time: 0, frames: 0, state: ""};
  const canvas = new OffscreenCanvas(32, 18);
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  pen.drawImage(video, 0, 0, 32, 18);
  const data = pen.getImageData(0, 0, 32, 18).data;
  const sum = [0, 0, 0];
  for (let at = 0; at < data.length; at += 4) for (let part = 0; part < 3; part++) sum[part] += data[at + part];
  return {colour: sum.map((part) => part / 576), pixels: Array.from(data), time: video.currentTime,
          frames: video.getVideoPlaybackQuality().totalVideoFrames, state: document.querySelector("[data-call-root]")?.dataset.state};
}"""

# Until the other's video shows its next frame, or the page changes: its policy refuses what wait_for_function would need.
NEXT_FRAME = """() => new Promise((resolve) => {
  const video = document.querySelector("[data-remote]");
  const watch = new MutationObserver(done);
  function done() { watch.disconnect(); resolve(true); }
  watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  video?.requestVideoFrameCallback(done);
})"""


@dataclass
class Server:
    """``telehealth serve`` as a process of its own, on a port that it keeps."""

    folder: Path
    port: int
    environment: dict[str, str]
    process: Forked | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.process = Forked(["serve"], self.environment, self.folder / "server.log")
        async with asyncio.timeout(20):
            while not await asyncio.to_thread(self._answers):
                await asyncio.sleep(0.05)       # another program starts: there is no event to wait for

    def kill(self) -> None:
        """SIGKILL: no goodbye, nothing flushed."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(15)

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, (self.folder / "server.log").read_text()
        try:
            with urlopen(f"{self.url}/healthz", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def server(folder: Path, **settings: str) -> Iterator[Server]:
    """A server over a fresh folder; ``settings`` are further TELEHEALTH_* variables, without that beginning."""
    port = _free_port()
    made = Server(folder, port, processes.environment(folder, PORT=str(port), **settings))
    try:
        yield made
    finally:
        made.close()


async def furnish(folder: Path) -> tuple[Archive, People]:
    """Keys, tables, places and people in ``folder``. The caller closes the archive."""
    settings = Settings(data=folder)
    settings.keys.parent.mkdir(parents=True, mode=0o700)
    keyring.make_key_file(settings.keys)
    archive = parts.make_archive(settings, utc_now)
    await migrations.upgrade(archive.engine)
    await archive.vault.ready()
    return archive, await builders.people(archive)


# ---------------------------------------------------------------- browsers


@dataclass
class Stage:
    """Browsers of this test, each with its own camera and microphone, cookies and storage."""

    chromiums: Chromiums
    folder: Path
    server: Server
    contexts: list[BrowserContext] = field(default_factory=list)

    async def browser(self, colour: tuple[int, int, int], hertz: int, *, more: Sequence[str] = (), autoplay: bool = True) -> BrowserContext:
        """A browser whose camera shows ``colour`` with a moving bar and whose microphone hears a tone."""
        flags = [*more, *(["--autoplay-policy=no-user-gesture-required"] if autoplay else [])]
        self.contexts.append(await self.chromiums.context(colour, hertz, flags))
        return self.contexts[-1]

    async def sign_in(self, context: BrowserContext, person: Someone) -> Page:
        page = await context.new_page()
        await page.goto(f"{self.server.url}/sign-in")
        await page.fill("#user_name", person.user_name)
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{self.server.url}/")
        return page

    async def close(self) -> None:
        for context in self.contexts:
            await context.close()


@asynccontextmanager
async def opened(chromiums: Chromiums, folder: Path, running: Server) -> AsyncIterator[Stage]:
    stage = Stage(chromiums, folder, running)
    try:
        yield stage
    finally:
        await stage.close()


async def look(page: Page) -> dict[str, Any]:
    """What the page shows of the other side now."""
    seen: dict[str, Any] = await page.evaluate(LOOK)
    return seen


async def moving(page: Page, colour: tuple[int, int, int], *, within: float = 15) -> dict[str, Any]:
    """Wait until the other's picture is there, is of this colour, and changes. Returns the last look."""
    before = None
    async with asyncio.timeout(within):
        while True:
            seen = await look(page)
            if seen["frames"] > 0 and nearest(seen["colour"]) == nearest(colour):
                if before is not None and seen["frames"] > before["frames"] and differs(seen["pixels"], before["pixels"]):
                    return seen
                before = before or seen
            with suppress(Error):       # a page that is being left answers nothing
                await page.evaluate(NEXT_FRAME)


def nearest(colour: Any) -> int:
    """Which of red, green and blue is the strongest."""
    return max(range(3), key=lambda part: colour[part])


def differs(one: list[int], other: list[int]) -> bool:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 500


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
