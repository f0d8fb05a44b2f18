"""GET /conditions/{version}.json: the list of conditions, once per browser; the page searches in it by itself."""

from __future__ import annotations

import gzip
import hashlib
import json
from functools import cache

from aiohttp import hdrs, web

from records.codes import conditions
from web.static_files import FOR_EVER


@cache
def _file() -> tuple[bytes, bytes, str]:
    """The list as JSON, the same in gzip, and the digest that stands in its address."""
    found = conditions.load()
    rows = [[one.code, int(one.often), one.vi, one.en, one.synonyms] for one in found.by_code.values()]
    about = {"version": found.version, "date": found.date, "source": found.source}
    plain = json.dumps({**about, "conditions": rows}, ensure_ascii=False, separators=(",", ":")).encode()
    return plain, gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:12]


def address() -> str:
    """Changes with the list, so browsers may keep it for ever."""
    return f"/conditions/{_file()[2]}.json"


async def show(request: web.Request) -> web.Response:
    """An old digest gets today's list, but is not kept. Nothing of a patient is in it."""
    plain, small, digest = _file()
    headers = {hdrs.CACHE_CONTROL: FOR_EVER if request.match_info["version"] == digest else "no-cache",
               hdrs.VARY: "Accept-Encoding"}
    if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
        return web.Response(body=small, headers={**headers, hdrs.CONTENT_ENCODING: "gzip"}, content_type="application/json")
    return web.Response(body=plain, headers=headers, content_type="application/json")
