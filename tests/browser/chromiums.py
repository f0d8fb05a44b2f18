"""Chromiums with fake cameras and microphones, started once for all tests that want the same; each test gets a context of its own."""

from __future__ import annotations

import math
import os
import struct
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTH, HEIGHT, FRAMES = 640, 360, 20
FLAGS = [
    "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--disable-quic", "--no-first-run",
    "--disable-features=WebRtcHideLocalIpsWithMdns", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]

Colour = tuple[int, int, int]
Kind = tuple[Colour, int, tuple[str, ...]]


@dataclass
class Chromiums:
    """One process for each camera, microphone and set of flags. Films and tones lie in ``folder``."""

    playwright: Playwright
    folder: Path
    running: dict[Kind, Browser] = field(default_factory=dict)

    async def context(self, colour: Colour, hertz: int, more: Sequence[str] = ()) -> BrowserContext:
        """A context of a Chromium whose camera shows ``colour`` with a moving bar and whose microphone hears a tone."""
        kind = (colour, hertz, tuple(more))
        if kind not in self.running or not self.running[kind].is_connected():
            self.running[kind] = await self._launch(colour, hertz, more)
        return await self.running[kind].new_context(
            locale="vi-VN", permissions=["camera", "microphone"], viewport={"width": 1366, "height": 768})

    async def _launch(self, colour: Colour, hertz: int, more: Sequence[str]) -> Browser:
        name = f"{'-'.join(map(str, colour))}-{hertz}"
        camera, microphone = self.folder / f"{name}.y4m", self.folder / f"{name}.wav"
        write_camera(camera, colour)
        write_tone(microphone, hertz)
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}", *more]
        return await self.playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags)

    async def close(self) -> None:
        for browser in self.running.values():
            await browser.close()


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Chromiums]:
    """Chromiums for as long as the block runs."""
    async with async_playwright() as playwright:
        made = Chromiums(playwright, folder)
        yield made
        await made.close()


def write_camera(path: Path, colour: Colour) -> None:
    """A Y4M film (4:2:0, 10 frames a second): a plain colour and a bright bar that walks across it."""
    y, u, v = yuv(colour)
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


def yuv(colour: Colour) -> tuple[int, int, int]:
    """ITU-R BT.601, full range."""
    red, green, blue = colour
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    return round(y), round(128 + 0.564 * (blue - y)), round(128 + 0.713 * (red - y))
