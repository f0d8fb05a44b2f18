"""The bad line itself: a process between two TUN devices in two network namespaces. It is told over a Unix socket how to be.

    python -m tests.netlab.shaper STATION_NAMESPACE SERVER_NAMESPACE SOCKET DEVICE=ADDRESS…

The devices are the station's, made before, each with the one address that its net carries; the server's is ``radio``. One JSON object a line comes in, one goes out: the counts. Keys, all
optional: ``shape`` (fields of ``lines.Shape``, both ways) or ``up``, ``down``; ``cut`` true or false; ``open``: ``all``, ``no-udp``, ``tls-443``;
``device``: which of the station's devices the line ends in, the first at first. It ends when its standard input does, so it never outlives who started it.
"""

from __future__ import annotations

import asyncio
import fcntl
import ipaddress
import json
import os
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.netlab import rooms
from tests.netlab.direction import Direction
from tests.netlab.lines import Shape

RADIO = "radio"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
LONGEST = 65_535        # bytes of an IPv4 packet
AT_ONCE = 64            # packets read before others have their turn
TCP, UDP = 6, 17
URGENT = -15            # added to this process's niceness


def attach(namespace: str, device: str) -> int:
    """A descriptor that reads and writes the IP packets of a TUN device in another network namespace. Raises OSError."""
    with rooms.within(namespace):
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
        return tun


def may_pass(rule: str, packet: bytes) -> bool:
    """Whether a firewall lets this IPv4 packet through: ``all``, ``no-udp``, or ``tls-443``: TCP from or to port 443 and nothing else."""
    if rule == "all":
        return True
    kind = packet[9]
    if rule == "no-udp":
        return kind != UDP
    start = (packet[0] & 15) * 4
    return kind == TCP and 443 in struct.unpack_from("!HH", packet, start)


@dataclass(frozen=True)
class End:
    """One of the station's devices: its descriptor, and the IPv4 address that its net carries. Packets of other addresses go nowhere."""

    device: int
    address: bytes


class Shaper:
    """Both directions, and what may be changed while packets pass."""

    def __init__(self, stations: dict[str, End], server: int, random: Random) -> None:
        self._stations = stations
        self._station = next(iter(stations.values()))
        self._rule = "all"
        self.up = Direction(lambda packet: _write(server, packet), random)
        self.down = Direction(lambda packet: self._arrive(packet), random)
        loop = asyncio.get_running_loop()
        loop.add_reader(server, self._read, server, self.down, lambda _: True)
        for end in stations.values():
            loop.add_reader(end.device, self._read, end.device, self.up, lambda packet, end=end: end is self._station and packet[12:16] == end.address)

    def _read(self, device: int, direction: Direction, belongs: Callable[[bytes], bool]) -> None:
        for _ in range(AT_ONCE):
            try:
                packet = os.read(device, LONGEST)
            except OSError:         # nothing more for now, or the device is down
                return
            if packet[0] >> 4 == 4 and belongs(packet) and may_pass(self._rule, packet):
                direction.take(packet)

    def _arrive(self, packet: bytes) -> None:
        """What is sent to an address that the station has left arrives nowhere."""
        if packet[16:20] == self._station.address:
            _write(self._station.device, packet)

    def obey(self, order: dict[str, Any]) -> dict[str, dict[str, int]]:
        """Do what the order says and give the counts. Raises KeyError, TypeError for what it does not know."""
        self._rule = order.get("open", self._rule)
        self._station = self._stations[order["device"]] if "device" in order else self._station
        for name, direction in (("up", self.up), ("down", self.down)):
            if shape := order.get(name) or order.get("shape"):
                direction.become(Shape(**shape))
            if "cut" in order:
                (direction.cut if order["cut"] else direction.restore)()
        return {"up": self.up.counts.as_json(), "down": self.down.counts.as_json()}


def _write(device: int, packet: bytes) -> None:
    with suppress(OSError):         # the device is down: a packet into the void
        os.write(device, packet)


async def serve(shaper: Shaper, socket: Path) -> None:
    """Obey orders until standard input ends."""
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for line in reader:
            writer.write(json.dumps(shaper.obey(json.loads(line))).encode() + b"\n")
            await writer.drain()
        writer.close()

    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _ended(ended.set))
    async with await asyncio.start_unix_server(talk, socket):
        await ended.wait()


def _ended(done: Callable[[], None]) -> Callable[[], None]:
    def read() -> None:
        if not os.read(sys.stdin.fileno(), 1_024):
            done()
    return read


async def main(station: str, server: str, socket: str, *ends: str) -> None:
    with suppress(OSError):
        os.nice(URGENT)         # two browsers at work must not make the line slower than it is
    named = dict(end.split("=") for end in ends)
    stations = {device: End(attach(station, device), ipaddress.ip_address(address).packed) for device, address in named.items()}
    await serve(Shaper(stations, attach(server, RADIO), Random()), Path(socket))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
