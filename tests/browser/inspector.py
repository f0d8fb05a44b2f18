"""Looks at a page as an inspector does: writes down every fault that a friend would notice, and takes its picture for somebody to look at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from babel.messages.pofile import read_po
from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request

LOCALES = ("vi", "en")
LAPTOP, PHONE, ZOOMED = (1366, 768), (360, 740), (683, 384)     # zoomed: the laptop at 200 %
CATALOGUE = Path(__file__).parents[2] / "web" / "locale" / "en"
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
MARKED = re.compile("[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
# What stands on the page for eyes and ears: language, headings, texts, what is wider than the window, the main button's foot.
READ = """() => {
  const seen = (element) => element.checkVisibility({visibilityProperty: true});
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent && seen(parent) && !parent.closest("[lang=vi]:not(html),script,template")) texts.push(node.data);
  }
  for (const element of document.body.querySelectorAll("[aria-label],[placeholder],[title],[alt]")) {
    if (seen(element) && !element.closest("[lang=vi]:not(html)")) for (const name of ["aria-label", "placeholder", "title", "alt"]) texts.push(element.getAttribute(name) ?? "");
  }
  for (const element of document.body.querySelectorAll("*")) {
    if (seen(element)) for (const part of ["::before", "::after"]) texts.push(getComputedStyle(element, part).content.replace(/^"|"$/g, ""));
  }
  const squeezed = [...document.body.querySelectorAll("section,main,aside,div,form,ol,video[data-remote]")].filter((one) => seen(one) &&
    (one.tagName === "VIDEO" ? one.clientHeight < 120 :
      getComputedStyle(one).overflowY === "auto" && one.clientHeight < 60 && one.scrollHeight > one.clientHeight + 20));
  const wide = [...document.body.querySelectorAll("*")].filter((one) => seen(one) && one.getBoundingClientRect().right > innerWidth + 1);
  const main = [...document.querySelectorAll(".button.is-main")].find(seen);
  return {
    texts: texts.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean),
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll("h1")].filter(seen).length,
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    widest: wide.slice(-1).map((one) => `${one.tagName}.${one.className}`).join(),
    squeezed: squeezed.map((one) => `${one.tagName}.${one.className}`).join(),
    foot: main ? main.getBoundingClientRect().bottom + scrollY : 0,
  };
}"""


@dataclass
class Inspector:
    """``content``: words that are the same in every language. ``pictures``: where to; ``thorough``: they are taken, also zoomed and in the dark."""

    url: str
    content: list[str]
    pictures: Path
    thorough: bool = False
    faults: list[str] = field(default_factory=list)
    english: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.english = english()
        self.content = sorted({one for one in self.content if one}, key=len, reverse=True)

    def listen(self, context: BrowserContext) -> None:
        """Write down what this browser asks of other hosts, and what its pages complain about."""
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.fault(path_of(error.page), f"script: {error.error}"))

    def fault(self, where: str, text: str) -> None:
        self.faults.append(f"{where}: {text}")

    async def look(self, page: Page, name: str, locale: str, *, main: bool = False) -> None:
        """Judge this state in both sizes. ``main``: its main button has to be seen at once on a laptop."""
        await page.emulate_media(reduced_motion="reduce")
        for size in (LAPTOP, PHONE):
            where = f"{name} {locale} {size[0]}"
            await page.set_viewport_size({"width": size[0], "height": size[1]})
            await page.evaluate("document.fonts.ready")
            self._judge(where, await page.evaluate(READ), locale, main and size == LAPTOP)
            if self.thorough:
                await page.screenshot(path=self.pictures / f"{name}-{locale}-{size[0]}.png", full_page=True)
            if (locale, size) in (("vi", LAPTOP), ("en", PHONE)):
                await self._faultless(where, page)
        await self._zoom(page, name, locale)
        if self.thorough and locale == "vi":
            await self._darken(page, name)
        await page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})

    async def _zoom(self, page: Page, name: str, locale: str) -> None:
        await page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
        self._fits(f"{name} {locale} 200 %", await page.evaluate(READ))
        if self.thorough and locale == "vi":
            await page.screenshot(path=self.pictures / f"{name}-vi-zoom.png", full_page=True)

    async def _darken(self, page: Page, name: str) -> None:
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        for size in (LAPTOP, PHONE):
            await page.set_viewport_size({"width": size[0], "height": size[1]})
            await page.screenshot(path=self.pictures / f"{name}-vi-{size[0]}-dark.png", full_page=True)
        await self._faultless(f"{name} dark", page)
        await page.emulate_media(color_scheme="light")

    def _judge(self, where: str, seen: dict[str, Any], locale: str, main: bool) -> None:
        self._fits(where, seen)
        if seen["lang"] != locale:
            self.fault(where, f"<html lang> is {seen['lang']}")
        if seen["headings"] != 1:
            self.fault(where, f"{seen['headings']} headings of the first level")
        if main and not 0 < seen["foot"] <= LAPTOP[1]:
            self.fault(where, f"the main button ends at {seen['foot']:.0f} px")
        if locale == "en":
            for text in dict.fromkeys(seen["texts"]):
                self._is_english(where, text)

    def _fits(self, where: str, seen: dict[str, Any]) -> None:
        if seen["over"] > 0:
            self.fault(where, f"{seen['over']} px too wide: {seen['widest']}")
        if seen["squeezed"]:
            self.fault(where, f"squeezed until nobody can read it: {seen['squeezed']}")

    def _is_english(self, where: str, text: str) -> None:
        if text in self.content:
            return
        if self.english.get(text, text) != text:
            return self.fault(where, f"not translated: {text}")
        rest = text
        for words in self.content:
            rest = re.sub(re.escape(words), "", rest, flags=re.IGNORECASE)
        if MARKED.search(rest):
            self.fault(where, f"Vietnamese: {text}")

    async def _faultless(self, where: str, page: Page) -> None:
        found = await Axe().run(page, options=AXE)
        for one in found.response["violations"]:
            if one["impact"] in ("serious", "critical"):
                self.fault(where, f"axe {one['id']}: {' | '.join(node['html'][:160] for node in one['nodes'][:3])}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url, "blob:", "data:")):
            self.fault("network", f"asks {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        # A page that says 404 is told so by the browser, too; a server that was killed on purpose answers nothing.
        if message.type in ("error", "warning") and not re.search(r"status of (4|5)\d\d|ERR_CONNECTION|WebSocket connection", message.text):
            self.fault(path_of(message.page), f"console: {message.text}")


def english() -> dict[str, str]:
    """Every Vietnamese text without values, and its English."""
    found: dict[str, str] = {}
    for path in sorted(CATALOGUE.glob("*.po")):
        with path.open("rb") as file:
            found |= {message.id: message.string for message in read_po(file) if isinstance(message.id, str) and message.id}
    return found


def path_of(page: Page | None) -> str:
    return page.url if page else ""
