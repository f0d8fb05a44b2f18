"""Three network namespaces out of which nothing leads: station - radio line - server - clean line - doctor. Only root can make them.

Their names bear this process's number, so that two labs stand side by side, and what a lab that was killed left behind is found by
the next one and removed.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

NETNS = Path("/run/netns")
PREFIX = "bad-line"
CLONE_NEWNET = 0x40000000
# Addresses of nobody here: ranges for private and special use are what coturn refuses to relay to (deploy/turnserver.conf).
SITE, RELAYS, DOCTOR, GATE = "44.128.0.1", ("44.128.0.11", "44.128.0.12"), "44.128.3.2", "44.128.3.1"
STATION = {"wlan0": "44.128.1.2", "wwan0": "44.128.2.2"}      # by device: the station's wireless net, and its mobile one
_count = itertools.count(1)


@dataclass(frozen=True)
class Rooms:
    """Names of the namespaces."""

    station: str
    server: str
    doctor: str

    def __iter__(self) -> Iterator[str]:
        return iter((self.station, self.server, self.doctor))

    def move(self, device: str) -> None:
        """The station leaves its net for another: the old address goes, a new one comes, as the browser's system reports it."""
        for other in STATION:
            if other != device:
                _ip("-n", self.station, "address", "flush", "dev", other)
                _ip("-n", self.station, "link", "set", other, "down")
        _ip("-n", self.station, "address", "add", f"{STATION[device]}/32", "dev", device)
        _ip("-n", self.station, "link", "set", device, "up")
        _ip("-n", self.station, "route", "replace", "default", "dev", device)


def lacking() -> str | None:
    """Why no room can be made here, or None."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not Path("/dev/net/tun").exists():
        return "/dev/net/tun is missing"
    return None if shutil.which("ip") else "ip is not installed (Debian: iproute2)"


@contextmanager
def opened() -> Iterator[Rooms]:
    """The three rooms while the block runs; then whatever still runs in them is ended, and they are gone."""
    sweep()
    stem = f"{PREFIX}-{os.getpid()}-{next(_count)}"
    rooms = Rooms(f"{stem}-station", f"{stem}-server", f"{stem}-doctor")
    try:
        _furnish(rooms)
        yield rooms
    finally:
        for name in rooms:
            _remove(name)


def sweep() -> None:
    """Remove the rooms of labs whose process is gone."""
    for path in NETNS.glob(f"{PREFIX}-*"):
        found = re.match(rf"{PREFIX}-(\d+)-", path.name)
        if found and not Path("/proc", found[1]).exists():
            _remove(path.name)


@contextmanager
def within(name: str) -> Iterator[None]:
    """This thread stands in the room while the block runs: sockets and devices made in it belong there. Raises OSError."""
    home, there = (os.open(path, os.O_RDONLY) for path in ("/proc/thread-self/ns/net", NETNS / name))
    try:
        _enter(there)
        yield
    finally:
        _enter(home)
        os.close(home)
        os.close(there)


def inside(name: str, *command: str) -> list[str]:
    """The command inside a room; it is killed when the thread that starts it ends."""
    return ["setpriv", "--pdeathsig", "KILL", "ip", "netns", "exec", name, *command]


def _enter(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _furnish(rooms: Rooms) -> None:
    for name in rooms:
        _ip("netns", "add", name)
        _write(name, "net/ipv6/conf/all/disable_ipv6", "net/ipv6/conf/default/disable_ipv6")
        _ip("-n", name, "link", "set", "lo", "up")
    _write(rooms.server, "net/ipv4/ip_forward")
    for device in STATION:
        _tun(rooms.station, device)
    _tun(rooms.server, "radio")
    _ip("-n", rooms.server, "link", "set", "radio", "up")
    for address in (SITE, *RELAYS):
        _ip("-n", rooms.server, "address", "add", f"{address}/32", "dev", "lo")
    for address in STATION.values():
        _ip("-n", rooms.server, "route", "add", f"{address}/32", "dev", "radio", "src", SITE)
    _ip("link", "add", "clean", "netns", rooms.server, "type", "veth", "peer", "name", "eth0", "netns", rooms.doctor)
    _ip("-n", rooms.server, "address", "add", f"{GATE}/24", "dev", "clean")
    _ip("-n", rooms.doctor, "address", "add", f"{DOCTOR}/24", "dev", "eth0")
    _ip("-n", rooms.server, "link", "set", "clean", "up")
    _ip("-n", rooms.doctor, "link", "set", "eth0", "up")
    _ip("-n", rooms.doctor, "route", "add", "default", "via", GATE)
    rooms.move("wlan0")


def _tun(name: str, device: str) -> None:
    _ip("-n", name, "tuntap", "add", "dev", device, "mode", "tun")
    _ip("-n", name, "link", "set", device, "txqueuelen", "4000")      # the line's own queue decides, also when its process had to wait


def _write(name: str, *switches: str) -> None:
    for switch in switches:
        subprocess.run(["ip", "netns", "exec", name, "sh", "-c", f"echo 1 >/proc/sys/{switch}"], check=True)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr}")


def _remove(name: str) -> None:
    listed = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout
    for process in listed.split():
        with suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)
    subprocess.run(["ip", "netns", "delete", name], capture_output=True)
