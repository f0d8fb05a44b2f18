"""Draws telehealth/simulated_doctor.png, what one sees of the simulated doctor, in Noto Sans with all Vietnamese marks.

Everything to be read stands in the middle: a phone crops the sides, and buttons lie over the edges.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = "/usr/share/fonts/truetype/noto/NotoSans-{}.ttf"
TARGET = Path(__file__).parent.parent / "telehealth" / "simulated_doctor.png"
WIDTH, HEIGHT, FINE = 320, 240, 4       # pixels; drawn four times as large, then made small
PINE, DEEP, PALE, MINT, INK, AMBER = "#09564a", "#063f37", "#edf5f1", "#6fcbb6", "#16241f", "#f3c56b"


def main() -> None:
    """Draw and write."""
    picture = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), PINE)
    watermark = _watermark(picture.size)
    picture.paste(watermark, (0, 0), watermark)
    pen = ImageDraw.Draw(picture)
    _figure(pen)
    _words(pen, 50, "BÁC SĨ MÔ PHỎNG", 17, "Bold", "white")
    _words(pen, 71, "GỌI THỬ", 15, "Bold", AMBER)
    _words(pen, 205, "Simulated doctor", 10, "Regular", INK)
    _words(pen, 218, "practice call", 10, "Regular", INK)
    small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    small.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(TARGET, optimize=True)


def _watermark(size: tuple[int, int]) -> Image.Image:
    width, height = size
    sheet = Image.new("RGBA", (width * 2, height * 2), (0, 0, 0, 0))
    pen, font = ImageDraw.Draw(sheet), ImageFont.truetype(FONTS.format("Bold"), 15 * FINE)
    for row, y in enumerate(range(0, height * 2, 34 * FINE)):
        for x in range(-(row % 2) * 110 * FINE, width * 2, 220 * FINE):
            pen.text((x, y), "GỌI THỬ · PRACTICE", font=font, fill=(180, 216, 204, 40))
    slanted = sheet.rotate(20, center=size)
    return slanted.crop((width // 2, height // 2, width // 2 + width, height // 2 + height))


def _figure(pen: ImageDraw.ImageDraw) -> None:
    middle = WIDTH // 2
    pen.rectangle(_box(0, 36, WIDTH, 84), fill=DEEP)
    pen.ellipse(_box(middle - 24, 98, middle + 24, 146), fill="#d9ebe4")
    pen.rounded_rectangle(_box(middle - 64, 152, middle + 64, HEIGHT + 60), radius=40 * FINE, fill=PALE)
    pen.polygon([(x * FINE, y * FINE) for x, y in ((middle - 13, 152), (middle + 13, 152), (middle, 172))], fill=MINT)


def _words(pen: ImageDraw.ImageDraw, y: int, text: str, size: int, weight: str, colour: str) -> None:
    font = ImageFont.truetype(FONTS.format(weight), size * FINE)
    pen.text((WIDTH // 2 * FINE, y * FINE), text, font=font, fill=colour, anchor="mm")


def _box(*corners: int) -> tuple[int, ...]:
    return tuple(corner * FINE for corner in corners)


if __name__ == "__main__":
    main()
