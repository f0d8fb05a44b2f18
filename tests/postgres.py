"""A PostgreSQL server for the tests: its own data folder in the temporary folder, a free port, no fsync. Stopped at the end.

As root the server runs as the user ``postgres``, because PostgreSQL refuses to be root.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

SETTINGS = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "120",
    "shared_buffers": "32MB", "listen_addresses": "127.0.0.1", "max_wal_size": "256MB",
}


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``pg_ctl`` of the newest PostgreSQL here; None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


class Server:
    """A running server. ``database()`` makes a database and gives its URL; ``drop(url)`` takes it away."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        self.programs, self.folder, self.port = programs, folder, port

    def url(self, name: str) -> str:
        return f"postgresql://telehealth@127.0.0.1:{self.port}/{name}"

    def database(self, like: str = "") -> str:
        """A new database: empty, or a copy of the one at the URL ``like``, to which nobody is connected."""
        name, template = f"t{uuid4().hex}", like.rpartition("/")[2] or "template0"
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        self._do(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def start(self) -> None:
        self._ctl("start", "-w", "-o", f"-p {self.port} -k {self.folder}")

    def stop(self, how: str = "immediate") -> None:
        """``fast`` writes down what was committed; ``immediate`` may lose it, since nothing here waits for the disk."""
        self._ctl("stop", "-m", how, "-w")

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _ctl(self, *arguments: str) -> None:
        log = self.folder / "log"
        as_owner([self.programs / "pg_ctl", "-D", self.folder / "data", "-s", "-l", log, *arguments])


def as_owner(command: list[str | Path]) -> None:
    """Run ``command`` as the user who may own a PostgreSQL server."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running() -> Iterator[Server]:
    """A server from here to the end of the block."""
    programs = binaries()
    if programs is None:
        raise FileNotFoundError("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="telehealth-postgres-", dir="/tmp"))
    server = Server(programs, folder, free_port())
    try:
        _initialise(server)
        server.start()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(server: Server) -> None:
    if os.geteuid() == 0:
        shutil.chown(server.folder, "postgres", "postgres")
    as_owner([server.programs / "initdb", "-D", server.folder / "data", "-U", "telehealth", "-A", "trust", "-E", "UTF8",
              "--locale=C.UTF-8", "--no-sync"])
    settings = "".join(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    path = server.folder / "data" / "postgresql.auto.conf"
    path.write_text(settings)
