"""How the line behaved in the calls of the demo: stretches of figures, and breaks told as sockets and pages tell them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from signaling.messages import Quality


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """``samples`` of ten seconds. ``sends``: the station's rung; ``kbps``, ``lost`` and ``concealed`` (percent) as it arrives.

    The doctor sends on ``answers``, over a line that is a little better. ``path`` and ``network`` are the station's.
    """

    samples: int
    sends: str = "medium"
    answers: str = "medium"
    kbps: float = 420
    lost: float = 0.4
    concealed: float = 0.2
    round_trip: float = 70
    room: float = 1.3           # what the line would carry, as a multiple of what is sent
    path: str = "srflx"
    network: str = ""


@dataclass(frozen=True, kw_only=True)
class Break:
    """The media stops for ``seconds``. ``told``: what the station says on return; with nothing, its socket never went."""

    seconds: int
    told: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Word:
    """A row of the time line: what ``side`` tells of itself, or that the server was restarted."""

    kind: str
    side: str = ""
    detail: str = ""


Step = Stretch | Break | Word
Course = tuple[Step, ...]

PLAIN: Course = ()                                          # long ago: nothing was measured
PLAIN_CUT: Course = (Break(seconds=14),)
GOOD: Course = (Stretch(samples=4), Stretch(samples=12, sends="clear", answers="clear", kbps=1300, round_trip=48))
RAIN: Course = (
    Stretch(samples=6), Stretch(samples=7, sends="small", kbps=130, lost=9, concealed=3, round_trip=320), Stretch(samples=5))
CUT: Course = (
    Stretch(samples=9, network="cellular"), Break(seconds=38, told=(("line-out", "38"),)),
    Stretch(samples=5, sends="stills", kbps=52, lost=3, round_trip=240, network="cellular"),
    Stretch(samples=4, network="cellular"))
THIN: Course = (
    Stretch(samples=3, sends="small", kbps=90, lost=12, concealed=6, round_trip=180),
    Stretch(samples=16, sends="stills", answers="voice", kbps=34, lost=13, concealed=2, round_trip=140),
    Stretch(samples=4, sends="voice-notes", answers="voice-notes", kbps=11, lost=22, concealed=0, round_trip=640),
    Stretch(samples=3, sends="voice", answers="voice", kbps=22, lost=8, concealed=2, round_trip=190))
POWER: Course = (
    Stretch(samples=8, network="wifi"), Break(seconds=96, told=(("power-battery", ""), ("line-out", "96"))),
    Stretch(samples=6, sends="small", kbps=170, network="wifi"))
RELAY: Course = (
    Stretch(samples=8, path="relay-udp", round_trip=120), Break(seconds=9),
    Stretch(samples=7, path="relay-tls", round_trip=150))
CAMERA: Course = (
    Word(kind="camera-fault", side="worker", detail="blocked"),
    Stretch(samples=10, sends="voice", kbps=26, answers="medium", room=12))
RESTART: Course = (Stretch(samples=7), Word(kind="restarted"), Stretch(samples=7))
RECENT: dict[int, Course] = {       # by the patient's number, on the last three weeks
    49: THIN, 17: CUT, 4: CAMERA, 58: POWER, 28: RAIN, 43: RESTART, 59: RELAY,
}


def qualities(step: Stretch, chance: Random) -> tuple[Quality, Quality]:
    """Ten seconds as the station and as the doctor measure them."""
    near = chance.uniform(0.9, 1.1)
    up, down = step.kbps * near, step.kbps * near * (1.1 if step.sends == step.answers else 0.9)
    trip = round(step.round_trip * chance.uniform(0.85, 1.2), 1)
    station = Quality(
        received_kbps=round(down, 1), sent_kbps=round(up, 1), lost_percent=round(step.lost * chance.uniform(0.2, 0.5), 2),
        round_trip_ms=trip, concealed_percent=round(step.concealed * chance.uniform(0.2, 0.5), 2), jitter_ms=round(trip / 9, 1),
        available_kbps=round(up * step.room, 1), path=step.path, network=step.network, rung=step.sends,  # type: ignore[arg-type]
        bytes_used=round((up + down) * 1250))
    doctor = Quality(
        received_kbps=round(up * (1 - step.lost / 100), 1), sent_kbps=round(down, 1),
        lost_percent=round(step.lost * chance.uniform(0.85, 1.15), 2), round_trip_ms=trip,
        concealed_percent=round(step.concealed * chance.uniform(0.85, 1.15), 2), jitter_ms=round(trip / 8, 1),
        available_kbps=round(down * 1.4, 1), path="srflx", network="ethernet", rung=step.answers)
    return station, doctor
