"""What microphones hear and cameras see in the lab: Vietnamese speech, and somebody who moves before a wall with detail. Invented."""

from __future__ import annotations

import array
import math
import subprocess
import wave
from pathlib import Path
from random import Random
from typing import BinaryIO

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, RATE, FRAMES = 1_280, 720, 15, 45
HERTZ = 48_000
# Without full stops: a pause in what is said must not look like a pause of the line.
WORDS = {
    "station": "Thưa bác sĩ bà con ho đờm vàng đã ba ngày nay, khó thở khi leo dốc lên nương, huyết áp một trăm năm mươi trên chín mươi, "
               "mạch chín mươi sáu, nhiệt độ ba mươi bảy phẩy năm, đang uống am lô đi pin mỗi sáng một viên, nhà ở Nà Ít cách trạm bốn cây số",
    "doctor": "Vâng tôi nghe rõ rồi, chị cho bà ngồi dậy thở chậm, đo lại oxy ở ngón tay giúp tôi, xem môi có tím không và chân có phù không, "
              "bà dị ứng pe ni xi lin thì ta không dùng nhóm ấy, chị chuẩn bị cho bà uống nước ấm và theo dõi thêm mười lăm phút nữa",
}


def speak(side: str, path: Path) -> None:
    """A side's words as WAV, 48 kHz mono, without the silence at both ends; Chromium repeats it."""
    spoken = path.with_suffix(".spoken.wav")
    subprocess.run(["espeak-ng", "-v", "vi", "-s", "150", "-w", str(spoken), WORDS[side]], check=True, capture_output=True)
    with wave.open(str(spoken)) as file:
        rate, samples = file.getframerate(), array.array("h", file.readframes(file.getnframes()))
    loud = [at for at, sample in enumerate(samples) if abs(sample) > 300]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(HERTZ)
        file.writeframes(_resampled(samples[loud[0]:loud[-1]], rate).tobytes())
    spoken.unlink()


def _resampled(samples: array.array[int], rate: int) -> array.array[int]:
    """Straight lines between the samples: espeak-ng speaks at 22,050 Hz and has nothing above half of that."""
    made = array.array("h")
    for at in range(len(samples) * HERTZ // rate - HERTZ // rate - 1):
        whole, part = divmod(at * rate, HERTZ)
        made.append((samples[whole] * (HERTZ - part) + samples[whole + 1] * part) // HERTZ)
    return made


def film(side: str, path: Path) -> None:
    """A Y4M film of 1280x720 at 15 frames a second; Chromium repeats it, and it ends as it begins. Y4M costs no decoding."""
    random = Random(side)
    wall, person = _wall(random), _person(random)
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n" % (WIDTH, HEIGHT, RATE))
        for frame in range(FRAMES):
            turn = 2 * math.pi * frame / FRAMES
            picture = wall.copy()
            picture.paste(person, (round(WIDTH / 2 - 230 + 60 * math.sin(turn)), round(90 + 18 * math.cos(2 * turn))), person)
            ImageDraw.Draw(picture).ellipse((600, 430, 680, 440 + round(28 * abs(math.sin(5 * turn)))), fill=(120, 40, 50))
            _write_frame(file, picture)


def _wall(random: Random) -> Image.Image:
    """A room: plaster, posters with small print, a window."""
    wall = Image.effect_noise((WIDTH, HEIGHT), 24).convert("RGB")
    wall = Image.blend(wall, Image.new("RGB", wall.size, (190, 200, 185)), 0.7)
    pen = ImageDraw.Draw(wall)
    for left, top, right, bottom in ((60, 60, 330, 400), (930, 40, 1_230, 330)):
        pen.rectangle((left, top, right, bottom), fill=(235, 232, 220))
        for y in range(top + 12, bottom - 8, 9):
            for x in range(left + 12, right - 20, 14):
                pen.line((x, y, x + random.randint(4, 12), y), fill=(60, 60, 90), width=2)
    pen.rectangle((0, 600, WIDTH, HEIGHT), fill=(120, 90, 60))
    return wall


def _person(random: Random) -> Image.Image:
    """Head and shoulders with some texture."""
    person = Image.new("RGBA", (460, 630), (0, 0, 0, 0))
    pen = ImageDraw.Draw(person)
    pen.ellipse((120, 20, 340, 320), fill=(205, 160, 125))
    pen.rounded_rectangle((20, 320, 440, 630), 90, fill=(70, 110, 170))
    pen.pieslice((110, 5, 350, 260), 180, 360, fill=(30, 25, 25))
    for _ in range(900):
        x, y = random.randint(40, 420), random.randint(340, 620)
        pen.line((x, y, x + 7, y + 3), fill=(50 + random.randint(0, 50), 90, 150), width=1)
    for x in (180, 280):
        pen.ellipse((x - 14, 150, x + 14, 170), fill=(250, 250, 250))
        pen.ellipse((x - 6, 152, x + 6, 168), fill=(20, 20, 20))
    return person.filter(ImageFilter.SMOOTH)


def _write_frame(file: BinaryIO, picture: Image.Image) -> None:
    y, cb, cr = picture.convert("YCbCr").split()
    half = (WIDTH // 2, HEIGHT // 2)
    file.write(b"FRAME\n" + y.tobytes() + cb.resize(half).tobytes() + cr.resize(half).tobytes())
