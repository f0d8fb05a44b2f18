"""What every answer carries: the browser's own defences, set in one place just before an answer begins."""

from __future__ import annotations

from aiohttp import hdrs, web

from web.keys import SIGNED_IN, STARTED, Handler

CONTENT_POLICY = "; ".join([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types service-worker",             # the one policy: the address of /sw.js
])
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), screen-wake-lock=(self), geolocation=(), payment=(), usb=()",
    "Server": "telehealth",
}
# A script, a sheet, JSON, a sign or a sound is never a page: what only pages obey would weigh more than many of them do.
PIECES = {"application/json": "default-src 'none'", "image/svg+xml": "default-src 'none'", "text/css": "",
          "text/javascript": "", "audio/webm": "", "audio/ogg": "", "audio/mp4": ""}
FOR_PIECES = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy", "Server")
STRICT_TRANSPORT = "max-age=31536000"           # one year


@web.middleware
async def defend(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Pages, errors and redirects, with what is known of the request once the proxy has been believed."""
    try:
        response = await handler(request)
    except web.HTTPException as answer:
        fill(request, answer)
        raise
    if not response.prepared:
        fill(request, response)
    return response


async def complete(request: web.Request, response: web.StreamResponse) -> None:
    """Signal ``on_response_prepare``: the last moment, and the only one for streams and upgrades."""
    request[STARTED] = True
    fill(request, response)


def fill(request: web.Request, response: web.StreamResponse) -> None:
    """Sets what is missing; what a page has set itself stays."""
    for name, value in _defences(response).items():
        response.headers.setdefault(name, value)
    if request.secure:
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    # Pages of somebody who has signed in may show patients: nothing of them stays on a shared computer.
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store" if request.get(SIGNED_IN) else "no-cache")


def _defences(response: web.StreamResponse) -> dict[str, str]:
    policy = PIECES.get(response.content_type)
    if policy is None:
        return HEADERS
    short = {name: HEADERS[name] for name in FOR_PIECES}
    return {**short, "Content-Security-Policy": policy} if policy else short
