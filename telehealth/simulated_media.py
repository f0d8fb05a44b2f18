"""What the simulated doctor sends: a drawn picture with a clock, and two soft notes. Tells silence and black from more."""

from __future__ import annotations

import asyncio
import fractions
import math
import struct
import time
from pathlib import Path
from typing import Any

import av
from aiortc import MediaStreamTrack
from PIL import Image, ImageDraw, ImageFont

STILL = Path(__file__).with_name("simulated_doctor.png")    # drawn once: not every machine has a font with Vietnamese marks
FRAMES = 10                             # per second: enough to be seen moving, light for the server
RATE = 48_000                           # samples per second
PACE = 0.02                             # seconds of sound in one frame
BRIGHT = 40                             # of 255, luma: brighter than the black that a disabled camera sends


class Picture(MediaStreamTrack):
    """The still, a clock, and a bar that walks along below its name."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._still = Image.open(STILL).convert("RGB")
        self._font = ImageFont.load_default(16)
        self._begun, self._number = time.monotonic(), -1

    async def recv(self) -> av.VideoFrame:
        self._number += 1
        await _until(self._begun + self._number / FRAMES)
        frame: av.VideoFrame = av.VideoFrame.from_image(self.draw(self._number))    # type: ignore[no-untyped-call]
        frame.pts, frame.time_base = self._number * 90_000 // FRAMES, fractions.Fraction(1, 90_000)
        return frame

    def draw(self, number: int) -> Image.Image:
        picture = self._still.copy()
        pen, width = ImageDraw.Draw(picture), picture.width
        minutes, seconds = divmod(number // FRAMES, 60)
        pen.text((width // 2, 186), f"{minutes:02}:{seconds:02}", font=self._font, fill="#16241f", anchor="mm")
        left = (number * 8) % (width + 80) - 80
        pen.rectangle((left, 84, left + 80, 89), fill="#6fcbb6")
        return picture


class Tone(MediaStreamTrack):
    """Two soft notes every two seconds."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._sound = _notes()
        self._begun, self._number = time.monotonic(), -1

    async def recv(self) -> av.AudioFrame:
        self._number += 1
        await _until(self._begun + self._number * PACE)
        samples = round(RATE * PACE)
        at = self._number * samples * 2 % len(self._sound)
        frame = av.AudioFrame(format="s16", layout="mono", samples=samples)
        frame.planes[0].update(self._sound[at:at + samples * 2])
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._number * samples, fractions.Fraction(1, RATE)
        return frame


def _notes() -> bytes:
    """Two seconds, mono, 16 bit."""
    samples = [0.0] * (2 * RATE)
    for begin, hertz in ((0.0, 523.25), (0.22, 659.25)):
        for at in range(int(0.35 * RATE)):
            fade = math.sin(math.pi * at / (0.35 * RATE))
            samples[int(begin * RATE) + at] += 2_500 * fade * math.sin(2 * math.pi * hertz * at / RATE)
    return struct.pack(f"<{len(samples)}h", *(round(sample) for sample in samples))


def is_something(frame: Any) -> bool:
    """A disabled microphone sends zeros, a disabled camera black: everything else counts."""
    values = memoryview(frame.planes[0]).cast("B")
    if isinstance(frame, av.VideoFrame):
        return max(values[::101]) > BRIGHT
    return any(values[::2][:2_000]) if frame.format.name.startswith("s16") else any(values[:2_000])


async def _until(instant: float) -> None:
    await asyncio.sleep(max(0.0, instant - time.monotonic()))
