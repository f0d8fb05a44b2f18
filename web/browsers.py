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


def kind(request: web.Request) -> str:
    """Whose settings look alike: android (Chrome and its kin on a phone), firefox, safari, or chrome for all others."""
    agent = request.headers.get(hdrs.USER_AGENT, "")
    if "Firefox" in agent or "FxiOS" in agent:
        return "firefox"
    if "Android" in agent:
        return "android"
    return "safari" if "Safari" in agent and "Chrom" not in agent else "chrome"


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((said for mark, said in names if mark in agent), "")
