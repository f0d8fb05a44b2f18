"""GET /: each role's own first page."""

from __future__ import annotations

from aiohttp import web

from records.acts import Role
from web.keys import ACTOR, Handler
from web.pages import me, today, waiting

# In this order, for those who hold several roles. A role's first page is shown here, at "/".
FIRST_PAGES: tuple[tuple[Role, Handler], ...] = ((Role.WORKER, today.show), (Role.DOCTOR, waiting.show))
ELSEWHERE = ((Role.ADMINISTRATOR, "/sessions"), (Role.AUDITOR, "/audit"))


async def show(request: web.Request) -> web.StreamResponse:
    """Today for a worker, the waiting list for a doctor; administrators and auditors go to their lists."""
    roles = request[ACTOR].roles
    for role, page in FIRST_PAGES:
        if role in roles:
            return await page(request)
    for role, address in ELSEWHERE:
        if role in roles:
            raise web.HTTPSeeOther(address)
    return await me.show(request)
