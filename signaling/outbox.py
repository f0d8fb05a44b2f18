"""The way out to one page: a bounded queue before a WebSocket. A full queue ends this socket and nobody else's."""

from __future__ import annotations

import asyncio
from collections import deque

from aiohttp import ClientConnectionResetError, WSMsgType, web

from signaling.house import Parting
from signaling.limits import Limits
from signaling.messages import Closing

DIRECT_BYTES = 16 * 1024        # asyncio's low-water mark: with less than that buffered a write never has to wait
LAST_WORDS = 2.0                # seconds that a closing socket gets for what is still queued


class Outbox:
    """Implements ``sessions.Socket`` for one WebSocket."""

    __slots__ = ("_bytes", "_finish", "_flush", "_limits", "_queue", "_transport", "_ws", "closing", "parting")

    def __init__(self, ws: web.WebSocketResponse[bool], transport: asyncio.Transport, limits: Limits) -> None:
        self._ws, self._transport, self._limits = ws, transport, limits
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._flush: asyncio.Task[None] | None = None
        self._finish: asyncio.Task[None] | None = None
        self.closing: Closing | None = None
        self.parting: Parting = "dropped"        # how the socket ended: a page that closes says so

    def push(self, frame: bytes) -> None:
        if self.closing is not None or self._transport.is_closing():
            return
        if self._flush is None and self._transport.get_write_buffer_size() + len(frame) < DIRECT_BYTES:
            self._write(frame)
            return
        # Queue, never await: a peer whose link stalls must not hold up the one who is talking.
        self._queue.append(frame)
        self._bytes += len(frame)
        if len(self._queue) > self._limits.queue_messages or self._bytes > self._limits.queue_bytes:
            self.end(Closing.TOO_SLOW)
        elif self._flush is None:
            self._flush = asyncio.get_running_loop().create_task(self._drain())

    def end(self, closing: Closing) -> None:
        if self.closing is None:
            self.closing = closing
            self._finish = asyncio.get_running_loop().create_task(self._close(closing))

    async def finished(self) -> None:
        """The socket is closed and nothing of it is left running."""
        if self._finish is not None:
            await self._finish
        elif self._flush is not None:
            self._flush.cancel()

    def _write(self, frame: bytes) -> None:
        # With so little buffered, send_frame() has nothing to wait for: one step runs it to its end, without a task.
        try:
            self._ws.send_frame(frame, WSMsgType.TEXT).send(None)
        except (StopIteration, ClientConnectionResetError):
            return

    async def _drain(self) -> None:
        try:
            while self._queue:
                async with asyncio.timeout(self._limits.send):
                    await self._ws.send_frame(self._queue[0], WSMsgType.TEXT)
                self._bytes -= len(self._queue.popleft())
        except TimeoutError:
            self.end(Closing.TOO_SLOW)
        except ConnectionError:
            self._queue.clear()
        finally:
            self._flush = None

    async def _close(self, closing: Closing) -> None:
        try:
            if self._flush is not None:
                await asyncio.wait([self._flush], timeout=0 if closing is Closing.TOO_SLOW else LAST_WORDS)
            async with asyncio.timeout(self._limits.send):
                await self._ws.close(code=closing)
        except TimeoutError:
            pass
        finally:
            if self._flush is not None:
                self._flush.cancel()
            self._transport.close() if self._ws.closed and not self._queue else self._transport.abort()
