"""Browsers for the tests: one Playwright for all, and for each test a stage with a server process, keys, places and people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from records.archive import Archive
from tests import live_cases
from tests.browser import stage as stages
from tests.browser.chromiums import CHROMIUM, Chromiums, opened
from tests.browser.stage import Stage
from tests.builders import People
from tests.live_cases import Case


@dataclass
class Theatre:
    """The stage with what is written down behind it."""

    stage: Stage
    archive: Archive
    people: People

    async def accepted(self) -> Case:
        return await live_cases.accepted(self.archive, self.people)


@pytest.fixture(scope="session")
async def chromiums(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chromiums]:
    """The browsers of this run."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed (Debian: chromium)")
    async with opened(tmp_path_factory.mktemp("cameras")) as made:
        yield made


@pytest.fixture
async def theatre(chromiums: Chromiums, tmp_path: Path) -> AsyncIterator[Theatre]:
    async with played(chromiums, tmp_path) as theatre:
        yield theatre


@asynccontextmanager
async def played(chromiums: Chromiums, scratch: Path) -> AsyncIterator[Theatre]:
    """A theatre of its own in ``scratch`` while the block runs."""
    folder = scratch / "var"
    folder.mkdir()
    archive, people = await stages.furnish(folder)
    with stages.server(folder) as server:
        await server.start()
        async with stages.opened(chromiums, scratch, server) as stage:
            yield Theatre(stage, archive, people)
    await archive.close()
