"""Pages and JSON go out in gzip: a thin line carries a fifth of them.

No oracle comes of it (BREACH): other sites cannot make a signed-in browser ask (SameSite=Lax cookies, the same-origin guard),
and no page repeats what stands in its address beside a secret; the login token is in no page.
"""

from __future__ import annotations

from aiohttp import hdrs, web

from web.keys import Handler

TYPES = {"text/html", "application/json", "text/csv"}
WORTH_IT = 600            # bytes: below this the headers weigh as much as the gain


@web.middleware
async def compress(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whole answers only: streams, files and what is small or already compressed pass as they are."""
    response = await handler(request)
    if isinstance(response, web.Response) and _may(request, response):
        response.headers.setdefault(hdrs.VARY, hdrs.ACCEPT_ENCODING)
        response.enable_compression(web.ContentCoding.gzip)
    return response


def _may(request: web.Request, response: web.Response) -> bool:
    size = len(response.body) if isinstance(response.body, bytes | bytearray) else 0
    return (response.content_type in TYPES and size >= WORTH_IT and not response.prepared
            and hdrs.CONTENT_ENCODING not in response.headers
            and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""))
