"""What stands in the server's room: the real site over TLS and real coturn on two addresses, each a process that can be killed."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import STDOUT

import trustme

from tests import processes
from tests.netlab import rooms
from tests.netlab.rooms import RELAYS, SITE

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "deploy" / "turnserver.conf"
SECRET = "a3f1" * 16
PATIENCE = 30       # seconds for a service to begin beside two browsers
URL = f"https://{SITE}"


@dataclass(frozen=True)
class Papers:
    """The authority of this lab, which its browsers believe, and one certificate for all addresses. Paths of PEM files."""

    authority: Path
    certificate: Path
    key: Path

    @classmethod
    def issue(cls, folder: Path) -> Papers:
        papers = cls(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
        authority = trustme.CA(organization_name="Bad line lab")
        one = authority.issue_cert(SITE, *RELAYS)
        authority.cert_pem.write_to_path(papers.authority)
        papers.certificate.write_bytes(b"".join(blob.bytes() for blob in one.cert_chain_pems))
        one.private_key_pem.write_to_path(papers.key)
        return papers


@dataclass
class Service:
    """A program in the server's room. ``log`` is what it says."""

    room: str
    command: list[str]
    log: Path
    door: tuple[str, int]           # answers TCP once it has begun
    environment: dict[str, str] = field(default_factory=dict)
    process: Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *rooms.inside(self.room, *self.command), cwd=ROOT, env=self.environment or None, stdin=DEVNULL, stdout=log, stderr=STDOUT)
        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(self._answers):
                assert self.process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.05)       # another program starts: there is no event to wait for

    @property
    def address(self) -> str:
        return self.door[0]

    async def ensure(self) -> None:
        """Start it unless it runs."""
        if self.process is None or self.process.returncode is not None:
            await self.start()

    async def kill(self) -> None:
        """SIGKILL: no goodbye."""
        if self.process and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    async def stop(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), 10)
            await self.kill()

    def _answers(self) -> bool:
        with rooms.within(self.room):
            here = socket.socket()
        with here:
            here.settimeout(1)
            return here.connect_ex(self.door) == 0


def site(room: str, folder: Path, papers: Papers, **settings: str) -> Service:
    """``telehealth serve`` over a furnished folder, with TLS on 443. ``settings`` are further TELEHEALTH_* variables."""
    secret = folder.parent / "turn-secret"
    if not secret.exists():
        secret.write_text(SECRET)
        secret.chmod(0o400)
    environment = processes.environment(folder, **{
        "HOST": SITE, "PORT": "443", "TLS_CERT": str(papers.certificate), "TLS_KEY": str(papers.key), "TURN_SECRET_FILE": str(secret),
        **settings})
    return Service(room, [sys.executable, "-m", "telehealth", "serve"], folder.parent / "site.log", (SITE, 443), environment)


def relay(room: str, folder: Path, papers: Papers, address: str) -> Service:
    """coturn with the very file that a province installs; only the lines marked CHANGE are filled in."""
    text = CONFIGURATION.read_text()
    text = re.sub(r"(?m)^(listening-ip|relay-ip|allowed-peer-ip)=.*$", rf"\1={address}", text)
    text = re.sub(r"(?m)^static-auth-secret=.*$", f"static-auth-secret={SECRET}", text)
    text = re.sub(r"(?m)^cert=.*$", f"cert={papers.certificate}", text)
    text = re.sub(r"(?m)^pkey=.*$", f"pkey={papers.key}", text)
    path = folder / f"turnserver-{address}.conf"
    path.write_text(text)
    command = ["turnserver", "-c", str(path), "--pidfile", str(folder / f"coturn-{address}.pid")]
    return Service(room, command, folder / f"coturn-{address}.log", (address, 443))


def addresses(relays: int) -> str:
    """TELEHEALTH_TURN_URLS for so many relays: UDP, TCP, and TLS on 443, of each."""
    return " ".join(f"{scheme}:{address}:{port}?transport={transport}" for address in RELAYS[:relays]
                    for scheme, port, transport in (("turn", 3478, "udp"), ("turn", 3478, "tcp"), ("turns", 443, "tcp")))
