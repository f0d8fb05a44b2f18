"""What stands in an address. An id that is none is an address that does not exist."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from records.errors import NotFound


def id_of(request: web.Request, name: str) -> UUID:
    """The id in the part of the address called ``name``. Raises NotFound."""
    try:
        return UUID(request.match_info[name])
    except ValueError:
        raise NotFound from None
