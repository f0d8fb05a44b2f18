"""What can go wrong in the records. Each class is one sentence and one stable code; web/errors.py translates them."""

from __future__ import annotations

from uuid import UUID


class RecordsError(Exception):
    """Something in the records refused; ``code`` is stable and safe to show."""

    code = "records-error"


class NotFound(RecordsError):
    """There is no such thing, as far as this actor may know."""

    code = "not-found"


class NotAllowed(RecordsError):
    """The actor may not do this. ``hidden`` when the actor may not even know that the thing exists (shown as 404)."""

    code = "not-allowed"

    def __init__(self, action: str, object_type: str, object_id: object = None, *, hidden: bool = False) -> None:
        super().__init__(f"{action} {object_type}")
        self.action, self.object_type, self.object_id, self.hidden = action, object_type, object_id, hidden


class Invalid(RecordsError):
    """What was given does not fit. ``fields`` maps the name of a field to a stable code of what is wrong with it."""

    code = "invalid"

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(sorted(fields)))
        self.fields = fields


class Conflict(RecordsError):
    """Somebody else changed it first, or its state no longer allows this. ``reason`` is a stable code."""

    code = "conflict"

    def __init__(self, reason: str = "changed") -> None:
        super().__init__(reason)
        self.reason = reason


class CannotOpen(RecordsError):
    """A sealed text did not open: wrong key, altered bytes, or moved to another row."""

    code = "cannot-open"

    def __init__(self, object_type: str = "", object_id: object = "", patient_id: UUID | None = None) -> None:
        # One message whatever was wrong: the reason would help somebody who alters bytes and watches.
        super().__init__("a sealed text did not open")
        self.object_type, self.object_id, self.patient_id = object_type, object_id, patient_id


class Sealed(RecordsError):
    """The keys are missing, wrong or badly protected: nothing sealed is read or written until they return."""

    code = "sealed"


class Unavailable(RecordsError):
    """The database does not answer, or its disk is full. ``reason``: ``database`` or ``disk-full``."""

    code = "unavailable"

    def __init__(self, reason: str = "database") -> None:
        super().__init__(reason)
        self.reason = reason


class Crowded(RecordsError):
    """Too many pictures are being received and developed: nothing was taken, the same again a little later may be."""

    code = "crowded"
