"""A stage for calls between real browsers: a server process that can be killed, two Chromiums with different fake cameras."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import socket
import struct
import sys
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any
from urllib.request import urlopen

from playwright.async_api import Browser, BrowserContext, Error, Page, Playwright

from records import migrations
from records.archive import Archive, utc_now
from records.guard import keyring
from telehealth import parts
from telehealth.settings import Settings
from tests import builders, processes
from tests.builders import PASSWORD, People, Someone

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTH, HEIGHT, FRAMES = 640, 360, 20
FLAGS = [
    "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--disable-quic", "--no-first-run",
    "--disable-features=WebRtcHideLocalIpsWithMdns", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]
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
    """``python -m telehealth serve`` as a process of its own, on a port that it keeps."""

    folder: Path
    port: int
    environment: dict[str, str]
    process: Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = Popen([sys.executable, "-m", "telehealth", "serve"], env=self.environment, stderr=log, stdout=DEVNULL)
        async with asyncio.timeout(20):
            while not await asyncio.to_thread(self._answers):
                await asyncio.sleep(0.05)       # another program starts: there is no event to wait for

    def kill(self) -> None:
        """SIGKILL: no goodbye, nothing flushed."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
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
    """Chromiums of this test; each is a process of its own with its own camera and microphone."""

    playwright: Playwright
    folder: Path
    server: Server
    browsers: list[Browser] = field(default_factory=list)

    async def browser(self, name: str, colour: tuple[int, int, int], hertz: int, *, more: list[str] | None = None,
                      autoplay: bool = True) -> BrowserContext:
        """A Chromium whose camera shows ``colour`` with a moving bar and whose microphone hears a tone."""
        camera, microphone = self.folder / f"{name}.y4m", self.folder / f"{name}.wav"
        write_camera(camera, colour)
        write_tone(microphone, hertz)
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}"]
        if autoplay:
            flags.append("--autoplay-policy=no-user-gesture-required")
        browser = await self.playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags + (more or []))
        self.browsers.append(browser)
        return await browser.new_context(locale="vi-VN", permissions=["camera", "microphone"],
                                         viewport={"width": 1366, "height": 768})

    async def sign_in(self, context: BrowserContext, person: Someone) -> Page:
        page = await context.new_page()
        await page.goto(f"{self.server.url}/sign-in")
        await page.fill("#user_name", person.user_name)
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{self.server.url}/")
        return page

    async def close(self) -> None:
        for browser in self.browsers:
            await browser.close()


@asynccontextmanager
async def opened(playwright: Playwright, folder: Path, running: Server) -> AsyncIterator[Stage]:
    stage = Stage(playwright, folder, running)
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


def write_camera(path: Path, colour: tuple[int, int, int]) -> None:
    """A Y4M film (4:2:0, 10 frames a second): a plain colour and a bright bar that walks across it."""
    y, u, v = _yuv(colour)
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n" % (WIDTH, HEIGHT))
        for frame in range(FRAMES):
            start = frame * WIDTH // FRAMES
            row = bytearray([y]) * WIDTH
            row[start:start + WIDTH // 8] = bytes([min(255, y + 90)]) * len(row[start:start + WIDTH // 8])
            file.write(b"FRAME\n" + bytes(row) * HEIGHT)
            file.write(bytes([u]) * (WIDTH * HEIGHT // 4) + bytes([v]) * (WIDTH * HEIGHT // 4))


def write_tone(path: Path, hertz: int) -> None:
    """Two seconds of a sine tone, 48 kHz mono; Chromium repeats it."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        samples = (round(9_000 * math.sin(2 * math.pi * hertz * at / 48_000)) for at in range(96_000))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


def _yuv(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """ITU-R BT.601, full range."""
    red, green, blue = colour
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    return round(y), round(128 + 0.564 * (blue - y)), round(128 + 0.713 * (red - y))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
