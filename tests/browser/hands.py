"""A pair of hands at a browser that counts what it spends: a click, tap or Enter is one; typing and Tab are none."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect


@dataclass
class Hands:
    """Somebody at a page."""

    page: Page
    clicks: int = 0

    async def click(self, what: str | Locator) -> None:
        self.clicks += 1
        await self._find(what).click()

    async def enter(self) -> None:
        self.clicks += 1
        await self.page.keyboard.press("Enter")

    async def type(self, what: str | Locator, text: str) -> None:
        """Typing, and Tab to the next field."""
        await self._find(what).fill(text)
        await self.page.keyboard.press("Tab")

    async def sees(self, what: str | Locator, *, within: float = 10) -> Locator:
        """Wait until it is on the page."""
        found = self._find(what)
        await expect(found).to_be_visible(timeout=within * 1000)
        return found

    def start(self) -> None:
        """Begin to count anew."""
        self.clicks = 0

    def _find(self, what: str | Locator) -> Locator:
        return self.page.locator(what).locator("visible=true").first if isinstance(what, str) else what
