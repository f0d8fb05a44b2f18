"""Administrators read the session log; nobody else does."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import update

from records.acts import Actor
from records.care.tables import Request, SessionCause, SessionSent
from records.people.tables import Location, Practitioner
from tests.records.care.test_sessions import log  # noqa: F401  the same invented requests
from web import session_sheet
from web.cause_words import RUNGS


@pytest.fixture
async def office(site, people):
    return await site.sign_in(people.root)


async def text_of(browser, address, **more):
    async with browser.get(address, **more) as answer:
        return answer.status, await answer.text()


async def test_the_log_names_station_doctor_and_outcome(log, office):  # noqa: F811
    status, page = await text_of(office, "/sessions")

    assert status == 200
    assert "Phủ Thông" in page
    assert "Bs. Hà Quang Minh" in page
    assert "không ai nhận" in page


async def test_the_log_speaks_english_when_asked(log, office):  # noqa: F811
    _, page = await text_of(office, "/sessions", headers={"Cookie": "locale=en"})

    assert "nobody answered" in page or "không ai nhận" not in page


async def test_from_the_log_to_the_sentence_is_one_click(log, office):  # noqa: F811
    status, page = await text_of(office, f"/sessions/{log[0]}")

    assert status == 200
    assert "Bs. Hà Quang Minh nhận sau 38 giây" in page


async def test_a_day_that_is_none_is_named_and_kept(log, office):  # noqa: F811
    status, page = await text_of(office, "/sessions?since=31/02/2026")

    assert status == 422
    assert "Ngày viết như 23/11/2026." in page
    assert 'value="31/02/2026"' in page


async def test_workers_doctors_and_auditors_see_no_log(log, site, people):  # noqa: F811
    for person in (people.nurse, people.doctor, people.auditor):
        browser = await site.sign_in(person)
        for address in ("/sessions", "/sessions.csv", f"/sessions/{log[0]}"):
            async with browser.get(address) as answer:
                assert answer.status == 403


async def test_a_centre_cannot_open_another_centres_session(log, site, people):  # noqa: F811
    browser = await site.sign_in(people.administrator)

    assert (await text_of(browser, f"/sessions/{log[12]}"))[0] == 404
    assert (await text_of(browser, f"/sessions/{log[0]}"))[0] == 200


async def test_the_spreadsheet_holds_every_row_and_no_formula(log, office, archive, people):  # noqa: F811
    async with archive.act(Actor.of_system("test")) as act:
        await act.db.execute(update(Practitioner).where(Practitioner.id == people.doctor.id).values(title="=cmd()"))
        await act.db.execute(update(Location).values(name="@Vi Hương"))

    async with office.get("/sessions.csv") as answer:
        rows = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))

    assert len(rows) == 13
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert any(cell.startswith("'=cmd()") for row in rows for cell in row)


async def test_a_row_names_what_the_station_sent_most_and_why_it_went_badly(log, office, archive):  # noqa: F811
    await _sent(archive, log[0])

    _, page = await text_of(office, "/sessions?outcome=network-lost")
    _, none = await text_of(office, "/sessions?outcome=weak-line")

    assert "Ảnh + tiếng 62 %" in page and "trạm mất mạng</span><span class=\"cause\">xong</span>" in page
    assert str(log[0]) in page and str(log[3]) not in page
    assert '<option value="network-lost" selected>một bên mất mạng</option>' in page
    assert str(log[0]) not in none


async def test_a_trouble_that_harmed_nobody_is_a_word_beside_the_outcome_and_no_alarm(log, office, archive):  # noqa: F811
    async with archive.act(Actor.of_system("test")) as act:
        asked_at = (await act.db.get_one(Request, log[0])).asked_at
        act.db.add(SessionCause(request_id=log[0], asked_at=asked_at, kind="server-restarted", side=""))

    _, page = await text_of(office, "/sessions?outcome=server-restarted")

    assert 'xong</span><span class="cause">máy chủ khởi động lại</span>' in page and '<tr class="is-look">' not in page


async def test_the_spreadsheet_has_shares_figures_and_the_code_of_the_cause(log, office, archive):  # noqa: F811
    await _sent(archive, log[0])

    async with office.get("/sessions.csv") as answer:
        head, *rows = csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig")))

    found = next(dict(zip(head, row, strict=True)) for row in rows if str(log[0]) in row)
    assert (found["Mã trục trặc"], found["Phía trục trặc"]) == ("network-lost", "worker")
    assert (found["Trạm gửi: Ảnh + tiếng (%)"], found["Trạm gửi: Hình vừa (%)"], found["Bác sĩ gửi: Hình vừa (%)"]) == ("62", "38", "")
    assert (found["Trạm gửi: Mất gói (%)"], found["Trạm gửi: Độ trễ (ms)"]) == ("7.5", "180.0")
    assert len(head) == len(session_sheet.COLUMNS) + 2 * (len(RUNGS) + len(session_sheet.FIGURES))


async def _sent(archive, request_id):
    async with archive.act(Actor.of_system("test")) as act:
        asked_at = (await act.db.get_one(Request, request_id)).asked_at
        act.db.add(SessionCause(request_id=request_id, asked_at=asked_at, kind="network-lost", side="worker"))
        act.db.add(SessionSent(request_id=request_id, side="worker", medium=38, stills=62, lost_percent=7.5, round_trip_ms=180))
