"""One direction of a line: a queue, a wire of a certain rate, losses, and the time packets fly. Knows packets, not where they come from."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from random import Random

from tests.netlab.lines import Shape


@dataclass
class Counts:
    """What came to this direction and what became of it. Bytes with IP headers; ``sent`` is what occupied the wire, lost or not."""

    packets: int = 0
    bytes: int = 0
    sent_packets: int = 0
    sent_bytes: int = 0
    lost: int = 0           # on the way
    overflowed: int = 0     # found the queue full
    cut: int = 0            # came, waited or flew while there was no line

    def as_json(self) -> dict[str, int]:
        return asdict(self)


class Direction:
    """Packets go in by ``take`` and come out at ``deliver``, in order. Times are of the running loop."""

    def __init__(self, deliver: Callable[[bytes], None], random: Random) -> None:
        self.counts = Counts()
        self._deliver = deliver
        self._random = random
        self._loop = asyncio.get_running_loop()
        self._shape = Shape()
        self._is_cut = self._losing = False
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._sending = False
        self._free_at = 0.0                 # when the wire has sent what it is sending
        self._flying: deque[tuple[float, bytes]] = deque()
        self._landing: asyncio.TimerHandle | None = None

    def become(self, shape: Shape) -> None:
        """Another shape from the next packet on; what no longer fits into the queue is dropped from its end."""
        self._shape, self._losing = shape, False
        while len(self._waiting) > 1 and self._wait_ms(0) > shape.queue_ms:
            self._waiting_bytes -= len(self._waiting.pop())
            self.counts.overflowed += 1

    def cut(self) -> None:
        """No line: what waits and flies is gone, and so is what comes."""
        self._is_cut = True
        self.counts.cut += len(self._waiting) + len(self._flying)
        self._waiting.clear()
        self._flying.clear()
        self._waiting_bytes = 0

    def restore(self) -> None:
        self._is_cut = False

    def take(self, packet: bytes) -> None:
        self.counts.packets += 1
        self.counts.bytes += len(packet)
        if self._is_cut:
            self.counts.cut += 1
        elif self._shape.kbps is None:
            self._sent(packet, self._loop.time())
        elif self._waiting and self._wait_ms(len(packet)) > self._shape.queue_ms:
            self.counts.overflowed += 1
        else:
            self._waiting.append(packet)
            self._waiting_bytes += len(packet)
            if not self._sending:
                self._send()

    def _wait_ms(self, more: int) -> float:
        rate = self._shape.kbps
        return 0.0 if rate is None else (self._waiting_bytes + more) * 8 / rate

    def _send(self) -> None:
        packet = self._waiting.popleft()
        self._waiting_bytes -= len(packet)
        # From when the wire became free, not from now: a late timer must not make the line slower.
        begun = self._free_at if self._sending else max(self._free_at, self._loop.time())
        self._free_at = begun + (len(packet) * 8 / self._shape.kbps / 1_000 if self._shape.kbps else 0)
        self._sending = True
        self._loop.call_at(self._free_at, self._wire_free, packet)

    def _wire_free(self, packet: bytes) -> None:
        if not self._is_cut:
            self._sent(packet, self._free_at)
        if self._waiting:
            self._send()
        else:
            self._sending = False

    def _sent(self, packet: bytes, at: float) -> None:
        self.counts.sent_packets += 1
        self.counts.sent_bytes += len(packet)
        if self._is_lost():
            self.counts.lost += 1
            return
        due = at + (self._shape.delay_ms + self._random.uniform(0, self._shape.jitter_ms)) / 1_000
        if self._flying:
            due = max(due, self._flying[-1][0])     # nothing overtakes
        self._flying.append((due, packet))
        if self._landing is None:
            self._landing = self._loop.call_at(due, self._land)

    def _is_lost(self) -> bool:
        """Gilbert's model: in the bad state all is lost, its mean length is ``burst`` packets, its share of the time ``loss``."""
        loss, burst = self._shape.loss, self._shape.burst
        if not 0 < loss < 1:
            return loss >= 1
        if burst <= 1:
            return self._random.random() < loss
        turn = 1 / burst if self._losing else loss / (burst * (1 - loss))
        if self._random.random() < turn:
            self._losing = not self._losing
        return self._losing

    def _land(self) -> None:
        now = self._loop.time() + 0.0005    # half a timer's step: what is due so soon lands with this one
        while self._flying and self._flying[0][0] <= now:
            self._deliver(self._flying.popleft()[1])
        self._landing = self._loop.call_at(self._flying[0][0], self._land) if self._flying else None
