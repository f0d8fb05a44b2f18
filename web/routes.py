"""Every address of the site on one page, with the roles that may enter. PUBLIC lets everybody in, ANYONE whoever signed in."""

from __future__ import annotations

from web import static_files
from web.pages import home, me, sign_in, site
from web.routing import ANYONE, PUBLIC, Route

ROUTES: list[Route] = [
    # The house
    Route("GET", "/static/{digest}/{path:.+}", static_files.show, PUBLIC),
    Route("GET", "/robots.txt", site.robots, PUBLIC),
    Route("GET", "/manifest.webmanifest", site.manifest, PUBLIC),
    Route("GET", "/.well-known/security.txt", site.security, PUBLIC),
    Route("POST", "/language", site.choose_language, PUBLIC),
    # Coming and going
    Route("GET", "/sign-in", sign_in.show, PUBLIC),
    Route("POST", "/sign-in", sign_in.enter, PUBLIC),
    Route("POST", "/sign-out", sign_in.leave, ANYONE),
    Route("GET", "/", home.show, ANYONE),
    Route("GET", "/me", me.show, ANYONE),
    Route("POST", "/me/logins/end", me.end_logins, ANYONE),
    Route("POST", "/me/password", me.change_password, ANYONE),
]
