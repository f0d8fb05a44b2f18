"""Servers that start in a moment: forked from a process that has loaded their code, since loading it is most of a start.

What they run is the command line itself, in a process of its own that can be killed. How a start from nothing goes is tested in
tests/telehealth/test_starting.py.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["telehealth.app", "telehealth.cli"])
ROOT = Path(__file__).parent.parent


class Forked:
    """``telehealth arguments…`` with this environment; what it says is added to the file ``log``. As much of Popen as tests use."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        log.touch()
        self._process: BaseProcess = _FORKS.Process(target=_run, args=(arguments, environment, str(log)), daemon=True)
        main, sys.modules["__main__"] = sys.modules["__main__"], sys.modules[__name__]
        try:
            self._process.start()       # a child loads our main module anew: pytest, which it has no use for
        finally:
            sys.modules["__main__"] = main

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Raises TimeoutError when it still runs."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"process {self.pid} still runs")
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _run(arguments: list[str], environment: dict[str, str], log: str) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(here, there)
    from telehealth.cli import commands  # noqa: PLC0415  loaded already where we are forked from

    commands(arguments, prog_name="telehealth")
