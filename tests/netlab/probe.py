"""Numbered UDP packets across the line, with the instants at which they left and came."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass, field

from tests.netlab import rooms
from tests.netlab.rooms import SITE, Rooms

HEADERS = 28        # bytes of IP and UDP
PORT = 9_000
SO_RCVBUFFORCE = 33 # Linux; the module has no name for it
SILENCE = 1.5       # seconds without a packet after which no more will come


@dataclass
class Flight:
    """What left the station and what came to the server: instants by number, of the monotonic clock."""

    size: int                   # bytes of each packet, headers included
    left: dict[int, float] = field(default_factory=dict)
    came: dict[int, float] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)

    @property
    def kbps(self) -> float:
        """What came through, from the first packet's coming to the last one's."""
        times = sorted(self.came.values())
        return (len(times) - 1) * self.size * 8 / (times[-1] - times[0]) / 1_000

    @property
    def delays_ms(self) -> list[float]:
        return [(self.came[number] - self.left[number]) * 1_000 for number in sorted(self.came)]

    @property
    def lost(self) -> float:
        return 1 - len(self.came) / len(self.left)

    @property
    def runs(self) -> list[int]:
        """How many packets in a row were lost, for each loss."""
        found, run = [], 0
        for number in sorted(self.left):
            if number not in self.came:
                run += 1
            elif run:
                found.append(run)
                run = 0
        return found


def bound(address: str, port: int = 0) -> socket.socket:
    """A UDP socket at this address of the room in which this thread stands."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4_000_000)      # what waits while the machine is busy is not lost
    made.bind((address, port))
    return made


async def fly(made: Rooms, *, packets: int, size: int, every: float, sender: socket.socket | None = None) -> Flight:
    """So many packets of ``size`` bytes from the station to the server, one each ``every`` seconds; from a socket of the station's."""
    flight = Flight(size)
    with rooms.within(made.server):
        there = bound(SITE, PORT)
    with rooms.within(made.station):
        here = sender.dup() if sender else bound("0.0.0.0")
    with here, there:
        there.setblocking(False)
        listening = asyncio.create_task(_listen(there, flight))
        begun = time.monotonic()
        for number in range(packets):
            await asyncio.sleep(begun + number * every - time.monotonic())     # the pace of a sender
            flight.left[number] = time.monotonic()
            with suppress(OSError):         # the system knows already that there is no way
                here.sendto(struct.pack("!I", number) + bytes(size - HEADERS - 4), (SITE, PORT))
        await listening
    return flight


async def connects(made: Rooms, port: int) -> bool:
    """Whether the station's TCP connection to this port of the server comes about within a second."""
    with rooms.within(made.station):
        here = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with here:
        here.setblocking(False)
        try:
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(here, (SITE, port)), 1)
        except TimeoutError:
            return False
        return True


async def _listen(there: socket.socket, flight: Flight) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            data, (source, _) = await asyncio.wait_for(loop.sock_recvfrom(there, 2_048), SILENCE)
        except TimeoutError:
            return
        flight.sources.add(source)
        flight.came[struct.unpack_from("!I", data)[0]] = time.monotonic()
