"""Decodes one picture in a process of its own, with limits. Imports nothing of ours, so it runs by its path alone.

Reads the picture from standard input; writes two JPEGs to standard output, each after its length (4 bytes, big end first): the
picture and a small one. Anything else about the file is dropped: EXIF, GPS, profiles. Exit code 3: not a picture we take.
"""

from __future__ import annotations

import io
import resource
import struct
import sys

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
MOST_MEMORY = 768 * 1024 * 1024         # bytes of address space: 40 megapixels in RGB twice, and the interpreter
MOST_SECONDS = 15                       # of processor time
LONG_SIDE, SMALL_SIDE = 1600, 320       # pixels
QUALITY, SMALL_QUALITY = 82, 70
REFUSED = 3


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        picture = read(sys.stdin.buffer.read())
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return REFUSED
    for side, quality in ((LONG_SIDE, QUALITY), (SMALL_SIDE, SMALL_QUALITY)):
        content = write(picture, side, quality)
        sys.stdout.buffer.write(struct.pack(">I", len(content)) + content)
    return 0


def read(content: bytes) -> Image.Image:
    """The picture, upright and in RGB. Raises what Pillow raises, and ValueError for too many pixels."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        picture.draft("RGB", (2 * LONG_SIDE, 2 * LONG_SIDE))
        return ImageOps.exif_transpose(picture).convert("RGB")


def write(picture: Image.Image, side: int, quality: int) -> bytes:
    """A JPEG of at most ``side`` pixels along its long side, with nothing but the pixels."""
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    bare = Image.new("RGB", small.size)
    bare.paste(small)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
