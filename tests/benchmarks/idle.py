"""Memory of an idle server: resident size of the real process over the demo's records, against a bare aiohttp server.

    python -m tests.benchmarks.idle

Prints both in MiB, and how long the first and the second start took until /readyz said yes. Aims: 120 MiB, second start 3 s.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import processes

BARE = """
from aiohttp import web
app = web.Application()
async def ready(request): return web.Response(text="ok")
app.router.add_get("/readyz", ready)
web.run_app(app, host="127.0.0.1", port=int(__import__("sys").argv[1]), print=None)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "var"
        with processes.served(folder, "--prepare") as first:
            print(f"first start, with the demo: {_resident(first.running.pid):6.1f} MiB", flush=True)
            first.end()
            seconds = first.start()
            ours = _resident(first.running.pid)
            print(f"second start: ready in {seconds:.1f} s, {ours:.1f} MiB idle", flush=True)
            first.end()
        bare = _bare(int(first.settings["PORT"]))
        print(f"bare aiohttp: {bare:.1f} MiB   ratio {ours / bare:.1f}")


def _bare(port: int) -> float:
    process = subprocess.Popen([sys.executable, "-c", BARE, str(port)])
    try:
        while processes.status(f"http://127.0.0.1:{port}/readyz") != 200:
            time.sleep(0.02)
        return _resident(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def _resident(pid: int) -> float:
    """Resident set in MiB (proc(5), statm, second field, in pages)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
