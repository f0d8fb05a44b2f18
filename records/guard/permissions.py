"""Which role may do what, by tag. Denied by default: a deed that has no line here is nobody's.

Roles alone give nothing away: access.py also asks whose patient, which station, and who was rung or accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from records.acts import Role

W, D, A, U = Role.WORKER, Role.DOCTOR, Role.ADMINISTRATOR, Role.AUDITOR

_BY_ROLES: dict[frozenset[Role], str] = {
    frozenset({W}): """
        patient:register patient:amend patient:search patient:list patient:name patient:join patient:unnamed
        encounter:start encounter:list encounter:intake encounter:write encounter:today encounter:cancel
        observation:record attachment:store attachment:remove
        consent:save consent:emergency consent:photo
        request:ask request:emergency request:cancel request:again practice:start practice:end
    """,
    frozenset({D}): """
        duty:begin duty:end
        request:ring request:accept request:decline request:show request:shown
        call:finish call:unfinish attachment:want
        note:write note:save note:draft note:sign note:amend note:addendum note:list note:delete
    """,
    frozenset({W, D}): """
        patient:read encounter:read observation:read attachment:read attachment:open attachment:still consent:read
        request:read request:state call:read call:enter
        message:read message:write message:seen message:say
        voice-note:write voice-note:list voice-note:read
        note:read note:print note:versions advice:read advice:print
    """,
    frozenset({W, D, A}): "line:keep",
    frozenset({A}): """
        organization:write cover:write
        practitioner:write practitioner:disable practitioner:enable practitioner:password
        session:export
    """,
    frozenset({A, U}): """
        organization:list practitioner:list session:list session:read
    """,
    frozenset({U}): """
        audit:read audit:search audit:emergencies audit:verify
    """,
}

# What the software does by itself: deadlines, the simulated doctor of a practice call, the command line.
_SYSTEM = """
    request:read request:state request:offer request:show request:withdraw request:fail request:return
    call:read call:enter call:finish message:write message:read
    encounter:read encounter:finish patient:read consent:read duty:end
    organization:list organization:write cover:write practitioner:list practitioner:write
    practitioner:disable practitioner:enable practitioner:password audit:verify audit:read
"""
SYSTEM = frozenset(_SYSTEM.split())


def _table() -> Mapping[str, frozenset[Role]]:
    table: dict[str, frozenset[Role]] = {}
    for roles, tags in _BY_ROLES.items():
        for tag in tags.split():
            table[tag] = table.get(tag, frozenset()) | roles
    return MappingProxyType(table)


PERMISSIONS: Mapping[str, frozenset[Role]] = _table()
