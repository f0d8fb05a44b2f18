"""How an installation begins, and how its command line finds places and people. Pages never call this: only the system may."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select

from records.acts import Act
from records.errors import Conflict, NotAllowed, NotFound
from records.people import organizations
from records.people.organizations import PlaceForm
from records.people.tables import Organization, Patient, Practitioner


async def is_empty(act: Act) -> bool:
    """Whether nobody has written anything yet: no place, no person, no patient."""
    _only_system(act)
    return not any([await act.db.scalar(select(exists().where(table.id.is_not(None))))
                    for table in (Organization, Practitioner, Patient)])


async def found(act: Act, organization_id: UUID, form: PlaceForm) -> UUID:
    """The first organization, of which all others become part. Raises Conflict when there is one already."""
    _only_system(act)
    if await act.db.scalar(select(exists().where(Organization.id.is_not(None)))):
        raise Conflict("founded-already")
    return await organizations.add(act, organization_id, form)


async def place(act: Act, code: str) -> UUID:
    """The id of the organization with this code. Raises NotFound."""
    _only_system(act)
    return _there(await act.db.scalar(select(Organization.id).where(Organization.code == code)))


async def person(act: Act, user_name: str) -> tuple[UUID, UUID]:
    """Ids of the practitioner with this user name and of their organization. Raises NotFound."""
    _only_system(act)
    query = select(Practitioner.id, Practitioner.organization_id).where(Practitioner.user_name == user_name)
    row = (await act.db.execute(query)).first()
    if row is None:
        raise NotFound
    return row.id, row.organization_id


def _there(found: UUID | None) -> UUID:
    if found is None:
        raise NotFound
    return found


def _only_system(act: Act) -> None:
    if not act.actor.is_system:
        raise NotAllowed("system:only", "organization", hidden=True)
