"""How many sockets there may be, and from where. Refuses before the upgrade only what no page needs to read."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from aiohttp import web

from signaling.house import Dismissal
from signaling.limits import Limits
from signaling.messages import Closing
from signaling.outbox import Outbox


class Gate:
    """Counts sockets: in all, per account, and per address while nobody knows yet whose they are."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._unknown: Counter[str] = Counter()
        self._accounts: Counter[str] = Counter()
        self._owners: dict[Outbox, str] = {}
        self.outboxes: set[Outbox] = set()
        self.draining = False
        self._places = 0

    def check(self, request: web.Request) -> None:
        """Raises 403 for a foreign origin, 429 when there are too many, 503 while the server goes down."""
        if not is_own_origin(request):
            raise web.HTTPForbidden
        if self.draining:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "1"})
        is_full = self._places >= self._limits.sockets
        if is_full or self._unknown[request.remote or ""] >= self._limits.unknown_per_address:
            raise web.HTTPTooManyRequests(headers={"Retry-After": "1"})

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """While it lasts, the socket counts for the whole server."""
        self._places += 1
        try:
            yield
        finally:
            self._places -= 1

    @contextlib.contextmanager
    def unknown(self, address: str) -> Iterator[None]:
        """While it lasts, the socket counts for its address."""
        self._unknown[address] += 1
        try:
            yield
        finally:
            _take_off(self._unknown, address)

    def opened(self, ws: web.WebSocketResponse[bool], request: web.Request) -> Outbox:
        """The way out to a page whose upgrade has succeeded. Raises ConnectionError when it is gone already."""
        if request.transport is None:
            raise ConnectionResetError
        outbox = Outbox(ws, request.transport, self._limits)
        self.outboxes.add(outbox)
        return outbox

    def enter(self, outbox: Outbox, participant: str) -> None:
        """The socket is this person's. Raises Dismissal(TOO_MANY_SOCKETS)."""
        if self._accounts[participant] >= self._limits.sockets_per_account:
            raise Dismissal(Closing.TOO_MANY_SOCKETS)
        self._accounts[participant] += 1
        self._owners[outbox] = participant

    def leave(self, outbox: Outbox) -> None:
        self.outboxes.discard(outbox)
        participant = self._owners.pop(outbox, None)
        if participant is not None:
            _take_off(self._accounts, participant)


def is_own_origin(request: web.Request) -> bool:
    """Whether the upgrade comes from a page of this site, or from no page at all (which has no cookie to misuse)."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    parts = urlsplit(origin)
    if request.secure and parts.scheme != "https":
        return False        # a page read over plain HTTP may have been written by anybody on the line
    return parts.scheme in ("http", "https") and parts.netloc == request.host


def _take_off(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
