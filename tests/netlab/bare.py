"""The same call as one writes it on an afternoon: two pages, one peer connection, one socket, no ladder, no repair. What ours is measured against.

    python -m tests.netlab.bare ADDRESS PORT CERTIFICATE KEY CONFIGURATION

serves ``bare.html`` over TLS, and a socket that passes on whatever comes to everybody else. CONFIGURATION is the JSON of its
RTCPeerConnection: the same relays as ours.
"""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

from aiohttp import web

PAGE = Path(__file__).with_name("bare.html")


def application(configuration: str) -> web.Application:
    sockets: set[web.WebSocketResponse] = set()

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=PAGE.read_text(), content_type="text/html")

    async def configure(_: web.Request) -> web.Response:
        return web.Response(text=configuration, content_type="application/json")

    async def pass_on(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        sockets.add(socket)
        async for message in socket:
            for other in sockets - {socket}:
                await other.send_str(message.data)
        sockets.discard(socket)
        return socket

    app = web.Application()
    app.add_routes([web.get("/", show), web.get("/configuration", configure), web.get("/socket", pass_on)])
    return app


def main(address: str, port: str, certificate: str, key: str, configuration: str) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    web.run_app(application(configuration), host=address, port=int(port), ssl_context=context, print=None, access_log=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
