"""Names a browser and its system from its User-Agent, for a person who looks for their own among several. A hint, no proof."""

from __future__ import annotations

from aiohttp import hdrs, web

# The first that fits wins: Edge and Samsung say Chrome too, Chrome says Safari too.
BROWSERS = (
    ("Edg", "Edge"), ("SamsungBrowser", "Samsung"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)


def name(request: web.Request) -> str:
    """"Chrome, Windows"; empty when nothing is recognised."""
    agent = request.headers.get(hdrs.USER_AGENT, "")
    return ", ".join(found for found in (_first(BROWSERS, agent), _first(SYSTEMS, agent)) if found)


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((said for mark, said in names if mark in agent), "")
