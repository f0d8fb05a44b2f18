"""``telehealth user``: adds the first people, and helps one who is locked out. Everything else is done on the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import click

from records.acts import Act, Actor, Role
from records.errors import NotFound
from records.people import founding, practitioners
from records.people.organizations import PlaceForm
from records.people.practitioners import POSITIONS, PersonForm
from telehealth.cli.opening import Trouble, archive, read_settings, run
from telehealth.settings import Settings
from web.passwords import Passwords

SHORTEST = 10   # characters of a password
Work = Callable[[Act, UUID], Awaitable[None]]


@click.group()
def user() -> None:
    """People who may sign in."""


@user.command()
@click.argument("user_name")
@click.option("--name", "full_name", required=True, help="Full name, as pages show it.")
@click.option("--organization", "code", required=True, help="Code of the organization where the person works.")
@click.option("--organization-name", default="", help="Found this organization first, when there is none at all.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([str(role) for role in Role]))
@click.option("--position", default="officer", type=click.Choice(POSITIONS), show_default=True)
@click.option("--title", default="", help='What stands before the name, as "Bs."')
@click.option("--licence", "licence_number", default="", help="Licence number; a doctor needs one.")
def add(user_name: str, code: str, organization_name: str, roles: tuple[str, ...], **words: Any) -> None:
    """Add a person; the password is asked for."""
    password = ask_password()
    run(_add(read_settings(), user_name, code, organization_name, frozenset(Role(one) for one in roles), password, words))
    click.echo(f"{user_name} may sign in now.")


@user.command()
@click.argument("user_name")
def password(user_name: str) -> None:
    """Set a new password, which is asked for; every login of the person ends."""
    typed = ask_password()

    async def change(act: Act, practitioner_id: UUID) -> None:
        await practitioners.set_password(act, practitioner_id, hashed)

    hashed = Passwords().hasher.hash(typed)
    run(_with(read_settings(), user_name, change))
    click.echo(f"{user_name} has a new password; every login was ended.")


@user.command()
@click.argument("user_name")
def disable(user_name: str) -> None:
    """Close an account: no sign-in, and every login ends within seconds."""
    run(_with(read_settings(), user_name, practitioners.disable))
    click.echo(f"{user_name} may not sign in any more.")


def ask_password() -> str:
    typed = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    if len(typed) < SHORTEST:
        raise Trouble(f"A password has at least {SHORTEST} characters.")
    return typed


def commander(organization_id: UUID | None = None) -> Actor:
    """The command line, acting at an organization. Whoever may start it has the database and the keys anyway."""
    return Actor(kind="system", system="command-line", organization_id=organization_id)


async def _add(
    settings: Settings, user_name: str, code: str, organization_name: str, roles: frozenset[Role], password: str,
    words: dict[str, Any],
) -> None:
    async with archive(settings) as records:
        async with records.act(commander()) as act:
            organization_id = await _place(act, code, organization_name)
        hashed = Passwords().hasher.hash(password)
        form = PersonForm(user_name=user_name, organization_id=organization_id, roles=roles, **words)
        async with records.act(commander(organization_id)) as act:
            await practitioners.add(act, uuid4(), form, hashed)


async def _place(act: Act, code: str, organization_name: str) -> UUID:
    if organization_name and await founding.is_empty(act):
        form = PlaceForm(code=code, name=organization_name, short_name=organization_name, care_level="CHUYEN_SAU",
                         kind="provincial_health_department")
        return await founding.found(act, uuid4(), form)
    try:
        return await founding.place(act, code)
    except NotFound:
        raise Trouble(f"There is no organization with the code {code}; in an empty installation name it with "
                      "--organization-name.") from None


async def _with(settings: Settings, user_name: str, work: Work) -> None:
    async with archive(settings) as records:
        try:
            async with records.act(commander()) as act:
                practitioner_id, organization_id = await founding.person(act, user_name)
        except NotFound:
            raise Trouble(f"There is nobody with the user name {user_name}.") from None
        async with records.act(commander(organization_id)) as act:
            await work(act, practitioner_id)
