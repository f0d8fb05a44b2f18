"""The command line as real processes: ``run`` for one command, ``Server`` for a site that can be killed and started again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.forks import ROOT, Forked

ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/")
PATIENCE = 40.0    # seconds for a start beside everything else that the tests do


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """This process's environment without our own variables, and with these ``TELEHEALTH_*``; no bytecode in the tree."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TELEHEALTH_")}
    ours = {f"TELEHEALTH_{name}": value for name, value in {"DATA": str(folder), "PORT": "0", **settings}.items()}
    return plain | ours | ({} if "PYTHONPYCACHEPREFIX" in plain else {"PYTHONDONTWRITEBYTECODE": "1"})


def run(folder: Path, *arguments: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """``telehealth arguments…`` to its end, with what was said."""
    return subprocess.run(
        [sys.executable, "-m", "telehealth", *arguments], cwd=ROOT, env=environment(folder, **settings), input=typed,
        capture_output=True, text=True, timeout=PATIENCE)


def furnish(folder: Path, **settings: str) -> None:
    """Keys and tables in ``folder``."""
    for arguments in (["keys", "make"], ["migrate"]):
        done = run(folder, *arguments, **settings)
        assert done.returncode == 0, done.stderr


@dataclass
class Server:
    """``telehealth serve`` over ``folder``; what it says goes to ``log``. ``url`` is known once it has started."""

    folder: Path
    arguments: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    url: str = ""
    anew: bool = False          # a program of its own from nothing, not forked from one that is loaded
    process: Forked | subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder.parent / f"{self.folder.name}.log"

    @property
    def running(self) -> Forked | subprocess.Popen[bytes]:
        assert self.process is not None
        return self.process

    def start(self) -> float:
        """Start, and wait until ``/readyz`` says yes; how many seconds that took."""
        begun, before = time.monotonic(), self.log.stat().st_size if self.log.exists() else 0
        self.process = self._begin(["serve", *self.arguments], environment(self.folder, **self.settings))
        while not self._is_ready(before):
            if self.running.poll() is not None or time.monotonic() - begun > PATIENCE:
                raise AssertionError(self.log.read_text())
            time.sleep(0.02)
        # The port stays the same from now on, as a browser expects it.
        self.settings["PORT"] = self.url.rpartition(":")[2]
        return time.monotonic() - begun

    def _begin(self, arguments: list[str], environment: dict[str, str]) -> Forked | subprocess.Popen[bytes]:
        if not self.anew:
            return Forked(arguments, environment, self.log)
        with self.log.open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "telehealth", *arguments], cwd=ROOT, stdout=log, stderr=log, env=environment)

    def kill(self) -> None:
        """SIGKILL: no goodbye, nothing flushed."""
        self.running.kill()
        self.running.wait(PATIENCE)

    def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to end; how many seconds that took."""
        begun = time.monotonic()
        self.running.send_signal(number)
        self.running.wait(PATIENCE)
        return time.monotonic() - begun

    def _is_ready(self, before: int) -> bool:
        found = ADDRESS.findall(self.log.read_text()[before:] if before == 0 else self.log.read_bytes()[before:].decode())
        if not found:
            return False
        self.url = found[-1]
        return status(f"{self.url}/readyz") == 200


def status(url: str) -> int:
    """The status of a GET; 0 when nobody listens."""
    try:
        with urlopen(url, timeout=3) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except (URLError, OSError):
        return 0


@contextmanager
def served(folder: Path, *arguments: str, **settings: str) -> Iterator[Server]:
    """A server that has started from nothing, and is gone after the block."""
    server = Server(folder, arguments, dict(settings), anew=True)
    server.start()
    try:
        yield server
    finally:
        if server.running.poll() is None:
            server.kill()
