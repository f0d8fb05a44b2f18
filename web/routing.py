"""The form of a route: who may enter stands beside its address. A route that names nobody is public by intent only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web

from records.acts import Role
from web.keys import Handler

PUBLIC: frozenset[Role] = frozenset()
ANYONE: frozenset[Role] = frozenset(Role)       # whoever has signed in
WORKER = frozenset({Role.WORKER})
DOCTOR = frozenset({Role.DOCTOR})
CARE = WORKER | DOCTOR
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
AUDITOR = frozenset({Role.AUDITOR})


@dataclass(frozen=True)
class Route:
    """One address: ``roles`` may enter; PUBLIC lets everybody in. ``path`` as aiohttp writes it."""

    method: str
    path: str
    handler: Handler
    roles: frozenset[Role]


@dataclass
class Table:
    """Every route by (method, path). What is not in it is refused."""

    routes: dict[tuple[str, str], Route] = field(default_factory=dict)

    def add(self, app: web.Application, routes: Iterable[Route]) -> None:
        for route in routes:
            resource = app.router.add_route(route.method, route.path, route.handler).resource
            key = (route.method, resource.canonical if resource else route.path)   # canonical: without patterns
            if key in self.routes:
                raise ValueError(f"{route.method} {route.path} stands twice in the routes")
            self.routes[key] = route

    def find(self, request: web.Request) -> Route | None:
        """The route that answers ``request``; None when there is none (aiohttp will say 404 or 405)."""
        resource = request.match_info.route.resource
        if resource is None:
            return None
        return self.routes.get((request.method, resource.canonical))
