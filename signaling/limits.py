"""How much of everything one socket, account or address may use. Figures and reasons; knows no sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]                     # seconds on a monotonic clock


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Every figure of signaling in one place. Seconds, bytes and counts."""

    hello: float = 5.0                          # the first message after the upgrade
    greet: float = 10.0                         # who is it, and how do things stand: a stuck database must not hold sockets
    ping: float = 15.0                          # silence of a page until it is asked
    ping_in_call: float = 2.0
    answer: float = 10.0                        # an unanswered ping ends the socket
    lease: float = 25.0                         # reachable for so long after its last word
    gone: float = 60.0                          # after the lease: the seat is given up
    resume: float = 60.0                        # after its socket ended, a session may be taken up again
    replay_messages: int = 256
    replay_bytes: int = 256 * 1024
    queue_messages: int = 64
    queue_bytes: int = 256 * 1024
    send: float = 5.0                           # one send that takes longer ends the socket
    rate: float = 20.0                          # messages per second and socket
    burst: int = 60
    candidates: int = 100                       # a multi-homed laptop gathers dozens at once
    refusals: int = 20                          # refused that often in a row, the socket is closed
    commands: int = 64                          # waiting for the house, per session
    remembered: int = 512                       # command ids, per tab
    sockets_per_account: int = 20
    unknown_per_address: int = 50               # sockets whose person is not known yet
    sockets: int = 2_000
    revocations: float = 4.0                    # how often the house is asked for ended logins; 5 s at most


class Bucket:
    """A budget that refills: ``burst`` at once, ``rate`` per second."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate, self._burst, self._left, self._at = rate, float(burst), float(burst), now

    def take(self, now: float) -> bool:
        """Use one; False when nothing is left."""
        left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        self._left = left - 1.0 if left >= 1.0 else left
        return left >= 1.0
