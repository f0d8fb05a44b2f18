"""Every address of the site on one page, with the roles that may enter. PUBLIC lets everybody in, ANYONE whoever signed in."""

from __future__ import annotations

from web import static_files
from web.pages import audit, calls, home, me, people, places, sessions, sign_in, site
from web.routing import ADMINISTRATOR, ANYONE, AUDITOR, CARE, DOCTOR, PUBLIC, Route

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
    Route("POST", "/me/here", me.here, ANYONE),
    Route("POST", "/me/logins/end", me.end_logins, ANYONE),
    Route("POST", "/me/password", me.change_password, ANYONE),
    # The call
    Route("GET", "/calls/{id}", calls.show, CARE),
    Route("GET", "/calls/{id}/state", calls.state, CARE),
    Route("GET", "/calls/{id}/messages", calls.list_messages, CARE),
    Route("POST", "/calls/{id}/finish", calls.finish, DOCTOR),
    Route("POST", "/calls/{id}/unfinish", calls.unfinish, DOCTOR),
    # The session log, places and staff
    Route("GET", "/sessions", sessions.list_sessions, ADMINISTRATOR),
    Route("GET", "/sessions.csv", sessions.download, ADMINISTRATOR),
    Route("GET", "/sessions/{request_id}", sessions.show_session, ADMINISTRATOR),
    Route("GET", "/places", places.list_places, ADMINISTRATOR),
    Route("POST", "/places", places.add_place, ADMINISTRATOR),
    Route("GET", "/places/new", places.new_place, ADMINISTRATOR),
    Route("GET", "/places/{place_id}", places.show_place, ADMINISTRATOR),
    Route("POST", "/places/{place_id}", places.change_place, ADMINISTRATOR),
    Route("POST", "/places/{place_id}/points", places.add_point, ADMINISTRATOR),
    Route("POST", "/places/{place_id}/cover", places.set_cover, ADMINISTRATOR),
    Route("GET", "/people", people.list_people, ADMINISTRATOR),
    Route("POST", "/people", people.add_person, ADMINISTRATOR),
    Route("GET", "/people/new", people.new_person, ADMINISTRATOR),
    Route("GET", "/people/{person_id}", people.show_person, ADMINISTRATOR),
    Route("POST", "/people/{person_id}", people.change_person, ADMINISTRATOR),
    Route("POST", "/people/{person_id}/disable", people.disable, ADMINISTRATOR),
    Route("POST", "/people/{person_id}/enable", people.enable, ADMINISTRATOR),
    Route("POST", "/people/{person_id}/password", people.set_password, ADMINISTRATOR),
    # The trail
    Route("GET", "/audit", audit.show_audit, AUDITOR),
    Route("POST", "/audit/patients", audit.find_patients, AUDITOR),
    Route("GET", "/audit/patients/{patient_id}", audit.show_readers, AUDITOR),
]
