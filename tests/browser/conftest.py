"""Browsers for the tests: one Playwright per test, a stage with a server process, keys, places and people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Playwright, async_playwright

from records.archive import Archive
from tests import live_cases
from tests.browser import stage as stages
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


@pytest.fixture
async def playwright_here() -> AsyncIterator[Playwright]:
    if not Path(stages.CHROMIUM).exists():
        pytest.skip("Chromium is not installed (Debian: chromium)")
    async with async_playwright() as playwright:
        yield playwright


@pytest.fixture
async def theatre(playwright_here: Playwright, tmp_path: Path) -> AsyncIterator[Theatre]:
    async with played(playwright_here, tmp_path) as theatre:
        yield theatre


@asynccontextmanager
async def played(playwright: Playwright, scratch: Path) -> AsyncIterator[Theatre]:
    """A theatre of its own in ``scratch`` while the block runs."""
    folder = scratch / "var"
    folder.mkdir()
    archive, people = await stages.furnish(folder)
    with stages.server(folder) as server:
        await server.start()
        async with stages.opened(playwright, scratch, server) as stage:
            yield Theatre(stage, archive, people)
    await archive.close()
