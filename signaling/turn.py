"""Time-limited TURN credentials. Knows the shared secret of coturn; knows nothing of rooms or people."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from signaling.messages import IceServer, PeerToPeer

AT_MOST = timedelta(hours=1)
CHECK = timedelta(minutes=1)    # coturn asks for the credential when an allocation is made and when it is refreshed


def credentials(secret: bytes, participant: str, *, now: datetime, lifetime: timedelta, urls: list[str]) -> IceServer:
    """A username and password that coturn accepts until ``now + lifetime``.

    The username is ``<expiry, whole Unix seconds>:<participant>``; the password is Base64 of
    HMAC-SHA1(secret, username), 28 characters.

    Raises ValueError if ``lifetime`` is not positive, or longer than an hour.
    Source: draft-uberti-behave-turn-rest-00; coturn option ``use-auth-secret``.
    """
    if not timedelta(0) < lifetime <= AT_MOST:
        raise ValueError("a TURN credential lives for more than nothing and at most an hour")
    username = f"{int((now + lifetime).timestamp())}:{participant}"
    password = base64.b64encode(hmac.digest(secret, username.encode(), "sha1")).decode()
    return IceServer(urls=urls, username=username, credential=password)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Where media may pass. Without ``turn_urls`` there is no relay, without ``stun_urls`` only local addresses."""

    clock: Callable[[], datetime]               # aware UTC
    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    secret: bytes = field(default=b"", repr=False)
    policy: Literal["all", "relay"] = "all"
    lifetime: timedelta = AT_MOST

    def media(self, call: str, participant: str) -> PeerToPeer:
        """How this participant reaches the other in this call: fresh credentials under a name that says nothing."""
        servers = [IceServer(urls=list(self.stun_urls))] if self.stun_urls else []
        if self.turn_urls:
            name = pseudonym(self.secret, call, participant)
            servers.append(credentials(self.secret, name, now=self.clock(), lifetime=self.lifetime, urls=list(self.turn_urls)))
        return PeerToPeer(ice_servers=servers, policy=self.policy)

    def check(self, who: str) -> PeerToPeer:
        """The same for a line check of the browser ``who``: long enough to begin one, useless for a call."""
        return replace(self, lifetime=CHECK).media("line-check", who)


def pseudonym(secret: bytes, call: str, participant: str) -> str:
    """16 hex digits, the same for one participant of one call: coturn counts its quota by it and learns nobody's id."""
    return hmac.digest(secret, f"{call} {participant}".encode(), "sha256").hex()[:16]
