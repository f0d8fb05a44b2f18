"""The call through a relay: the tests of inside_namespace.py, in a network namespace that this test makes for them."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.coturn, pytest.mark.timeout(240)]

ADDRESS = "10.77.0.1"       # lives and dies with the namespace; nothing leads out of it
ROOMS = f"""set -e
ip link set lo up
ip link add relay type veth peer name nowhere
ip addr add {ADDRESS}/24 dev relay
ip link set relay up
ip link set nowhere up
exec "$@"
"""


async def test_calls_through_coturn_in_a_namespace_of_their_own() -> None:
    for program in ("turnserver", "unshare", "ip"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: coturn, util-linux, iproute2)")
    if os.geteuid() != 0:
        pytest.skip("a network namespace needs root")
    inside = Path(__file__).with_name("inside_namespace.py")
    scopes = [f"asyncio_default_{one}_loop_scope=session" for one in ("fixture", "test")]

    process = await asyncio.create_subprocess_exec(
        "unshare", "--net", "sh", "-c", ROOMS, "sh", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(inside),
        "-o", scopes[0], "-o", scopes[1], env={**os.environ, "TELEHEALTH_TEST_RELAY": ADDRESS}, stdout=PIPE, stderr=STDOUT)
    said, _ = await process.communicate()

    assert process.returncode == 0, said.decode()
    assert b"2 passed" in said
