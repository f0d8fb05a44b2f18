"""What comes in and goes out of the note editor: the posted form, the JSON of the panel. Checks forms; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import BaseModel, Field

from records.care.note_content import Diagnosis, Written
from records.care.note_rows import Note
from records.care.notes import LicenceExpired, State
from records.codes import conditions
from records.codes.conditions import Condition
from records.errors import Invalid
from web import dates, forms, note_words
from web.i18n import N_, gettext
from web.keys import LOCALE

LICENCE = N_("Giấy phép hành nghề đã hết hạn hoặc chưa có số, nên chưa ký được. Bản nháp vẫn được giữ. Hãy báo người quản trị.")
MOST = 8                        # codes sent; more than six are refused with a sentence


class DraftForm(BaseModel):
    """The doctor's part as the page sends it. ``id`` was made by the page; ``version`` is the one it saw, 0 at first."""

    id: UUID = Field(default_factory=uuid4)
    version: int = 0
    diagnoses: list[str] = Field(default_factory=list, max_length=MOST)
    assessment: str = ""
    finding: str = ""
    advice: str = ""
    follow_up: str = ""
    danger_signs: str = ""

    @classmethod
    def of(cls, note: Note | None) -> DraftForm:
        if note is None:
            return cls()
        words = note.written
        return cls(id=note.id, version=note.version, diagnoses=[one.code for one in words.diagnoses],
                   assessment=words.assessment, finding=words.finding, advice=words.advice, follow_up=words.follow_up,
                   danger_signs=words.danger_signs)

    @property
    def written(self) -> Written:
        return Written(diagnoses=[Diagnosis(code=code, name="") for code in self.diagnoses], assessment=self.assessment,
                       finding=self.finding, advice=self.advice, follow_up=self.follow_up, danger_signs=self.danger_signs)

    def chosen(self) -> list[Condition]:
        return [found for code in self.diagnoses if (found := conditions.get(code))]


@dataclass(frozen=True)
class Typed:
    """A posted form. ``typed_code``: a diagnosis that names nothing in the list; ``suggestions`` may be meant."""

    draft: DraftForm
    typed_code: str = ""
    suggestions: list[Condition] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    goes_on_writing: bool = False       # a diagnosis was taken away or made the main one; the review comes later


def from_form(posted: Mapping[str, Any]) -> Typed:
    """The form without script: diagnoses that were chosen, and one that is typed or picked from suggestions."""
    main, removed = str(posted.get("main", "")), str(posted.get("remove", ""))
    kept = [str(code) for code in posted.getall("diagnoses", []) if code != removed]    # type: ignore[attr-defined]
    kept.sort(key=lambda code: code != main)
    typed = normalize("NFC", str(posted.getall("diagnosis", [""])[-1])).strip()         # type: ignore[attr-defined]
    found = conditions.typed(typed) if typed else None
    words = {name: normalize("NFC", str(posted.get(name, ""))).strip()
             for name in ("assessment", "finding", "advice", "follow_up", "danger_signs")}
    draft = DraftForm(id=_uuid(posted.get("id")), version=_number(posted.get("version")),
                      diagnoses=[*kept, *([found.code] if found else [])][:MOST], **words)
    if typed and not found:
        return Typed(draft, typed, conditions.search(typed), {"diagnoses": "not-in-list"})
    return Typed(draft, goes_on_writing=bool(main or removed))


def draft(request: web.Request, note: Note) -> dict[str, Any]:
    """A draft for the panel."""
    form = DraftForm.of(note)
    return {**form.model_dump(mode="json"), "savedAt": dates.clock(note.saved_at), "addendum": note.follows_id is not None}


def signed(request: web.Request, state: State) -> dict[str, Any]:
    """A signed note for the panel: only what its last line says, and where to read it."""
    at, place = state.signed_at, f"/encounters/{state.encounter_id}"
    text = gettext(request)("Đã ký %(time)s, mã phiếu %(code)s", time=dates.time(at) if at else "", code=state.code)
    return {"id": str(state.note_id), "code": state.code, "signedAt": at.isoformat() if at else "", "text": text,
            "advice": f"{place}/advice", "note": f"{place}/note"}


def refused(request: web.Request, refusal: Invalid | LicenceExpired) -> web.Response:
    """Why it was not signed, in the reader's language, field by field."""
    if isinstance(refusal, LicenceExpired):
        content = {"error": refusal.code, "message": gettext(request)(LICENCE), "fields": {}}
        return web.json_response(content, status=403)
    fields = forms.describe(request, refusal.fields, note_words.FAULTS)
    return web.json_response({"error": refusal.code, "message": " ".join(fields.values()), "fields": fields}, status=422)


def station(request: web.Request, rows: Any) -> dict[str, Any]:
    return note_words.station(gettext(request), request[LOCALE], rows)


def _uuid(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        return uuid4()


def _number(value: Any) -> int:
    return int(value) if str(value or "").isdecimal() else 0
