"""Slow headers and slow bodies are cut off; slow but steady lines are served."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from web.deadlines import Deadlines
from web.routing import PUBLIC, Route

SHORT = Deadlines(header=0.3, silence=0.4, slowest=80_000, grace=0.2, look_every=0.05, small=0)
PATIENT = Deadlines(header=0.3, silence=0.4, slowest=80_000, grace=0.2, look_every=0.05, small=12)
HURRIED = Deadlines(header=0.3, silence=0.4, slowest=80_000, grace=0.2, look_every=0.05, small=12, small_grace=0.3)
STEADY = Deadlines(header=0.3, silence=0.4, slowest=0, grace=0.2, look_every=0.05)
HEADER = b"POST /t/body HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: 12\r\n\r\n"


async def swallow(request: web.Request) -> web.Response:
    return web.Response(text=f"{len(await request.read())} bytes")


@pytest.fixture
async def connect(start_site):
    """Opens a plain connection to a site with the given deadlines."""
    writers = []

    async def open_one(deadlines: Deadlines):
        site = await start_site(deadlines=deadlines, more=(Route("POST", "/t/body", swallow, PUBLIC),))
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writers.append(writer)
        return reader, writer, HEADER.replace(b"{host}", f"127.0.0.1:{site.port}".encode())

    yield open_one
    for writer in writers:
        writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What still comes until the other side closes."""
    async with asyncio.timeout(5):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def test_a_connection_that_says_nothing_is_closed(connect):
    reader, _, _ = await connect(SHORT)

    assert await rest(reader) == b""


async def test_the_first_header_must_be_complete_in_time(connect):
    reader, writer, header = await connect(SHORT)

    writer.write(header[:20])

    assert await rest(reader) == b""


async def test_a_later_header_must_be_complete_in_time_too(connect):
    reader, writer, header = await connect(SHORT)
    writer.write(header + b"x" * 12)
    async with asyncio.timeout(5):
        await reader.readuntil(b"12 bytes")

    writer.write(header[:20])

    assert await rest(reader) == b""


async def test_a_connection_may_rest_between_two_requests(connect):
    reader, writer, header = await connect(SHORT)
    for _ in range(2):
        writer.write(header + b"x" * 12)
        async with asyncio.timeout(5):
            assert await reader.readuntil(b"12 bytes")
            waited = asyncio.Event()
            asyncio.get_running_loop().call_later(SHORT.header * 2, waited.set)
            await waited.wait()


async def test_a_body_that_falls_silent_is_cut_off(connect):
    reader, writer, header = await connect(STEADY)

    writer.write(header + b"half")

    assert await rest(reader) == b""


@pytest.mark.parametrize("deadlines", [SHORT, HURRIED])
async def test_a_body_that_crawls_is_cut_off(connect, deadlines):
    reader, writer, header = await connect(deadlines)

    writer.write(header)
    answer = asyncio.create_task(rest(reader))
    for _ in range(11):
        writer.write(b"x")
        await asyncio.wait({answer}, timeout=0.1)

    assert answer.done()
    assert await answer == b""


@pytest.mark.parametrize("deadlines", [STEADY, PATIENT])
async def test_a_slow_but_steady_body_arrives(connect, deadlines):
    """Also a small one that crawls: a piece of a voice note on a line that loses every fifth packet."""
    reader, writer, header = await connect(deadlines)

    writer.write(header)
    answer = asyncio.create_task(reader.readuntil(b"12 bytes"))
    for _ in range(12):
        writer.write(b"x")
        await asyncio.wait({answer}, timeout=0.1)

    async with asyncio.timeout(5):
        assert b"200 OK" in await answer
