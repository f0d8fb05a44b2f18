"""The trail under one name: noting what is done (entries), reading who did it (readings), checking it (verifying)."""

from records.guard.entries import append, head, purpose_of, record, refused
from records.guard.readings import Emergency, Reading, emergencies, readers_of
from records.guard.verifying import Checkpoint, Verdict, verify

__all__ = [
    "Checkpoint", "Emergency", "Reading", "Verdict", "append", "emergencies", "head", "purpose_of", "readers_of",
    "record", "refused", "verify",
]
