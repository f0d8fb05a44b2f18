"""Planted words go through the real server by HTTP and WebSocket; afterwards they are looked for byte by byte, everywhere."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import quote
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import ClientSession, CookieJar
from PIL import Image

from records import migrations
from records.archive import utc_now
from records.guard import keyring
from records.people.folding import fold
from telehealth import parts
from telehealth.settings import Settings
from tests import builders
from tests.builders import PASSWORD, People, Someone
from tests.clips import webm
from tests.processes import Server
from tests.signaling_client import close_page, open_page

pytestmark = pytest.mark.timeout(120)
JSON = {"Accept": "application/json"}
NAME, SECOND_NAME = "Chẩu Thị Ngọc Ưởng", "Phàn Lìn Tẳng"
FIELDS = {
    "village": "Khuổi Đẩy Dưới", "phone": "0987 431 265", "national_id": "006158431265", "insurance_number": "GD4066158431265",
    "ethnicity": "Sán Chỉ Cổ", "language": "tiếng Pà Thẻn", "allergies": "dị ứng mật ong rừng", "problems": "từng mổ ruột thừa ở Chợ Rã",
    "medications": "lá khôi sắc đặc mỗi tối",
}
COMPLAINT, TYPED = "quặn bụng sau bữa cỗ nhà gà", "chừng chín mươi"
SAID, ANSWERED = "bà giấu con dâu chuyện này", "cứ để bà nói nhỏ vào micro"
WRITTEN = {
    "assessment": "nghĩ nhiều đến rối loạn tiêu hoá sau tiệc", "finding": "Bụng bà lành, chỉ đầy hơi thôi",
    "advice": "Ăn cháo loãng nấu gừng\nNằm nghỉ đầu hồi bếp", "danger_signs": "đau quặn từng cơn dữ dội",
}
ADDED = "bổ sung: bà kể thêm có uống rượu ngô"
DIAGNOSIS = "K30"
SDP, CANDIDATE = "v=0 o=- vết-sdp-của-trạm", "candidate:vết-ứng-viên 192.0.2.77"
SPOKEN = "tiếng bà Ưởng trong tin thoại"          # stands for sound: bytes of a clip that nobody here decodes
EXIF, NOTHING = "Máy của chị Tuyết ở Vi Hương", "trang-không-có-của-Ưởng"
SECRETS = (NAME, SECOND_NAME, *FIELDS.values(), COMPLAINT, TYPED, SAID, ANSWERED, *(line for text in WRITTEN.values() for line in text.split("\n")),
           ADDED, SDP, CANDIDATE, EXIF, SPOKEN, NOTHING, PASSWORD)


@dataclass(frozen=True)
class Answer:
    location: str
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Plant:
    """The server, who uses it, and everything it answered with an error."""

    server: Server
    people: People
    folder: Path
    browsers: list[ClientSession] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    photo: bytes = b""

    async def sign_in(self, person: Someone) -> ClientSession:
        browser = ClientSession(self.server.url, cookie_jar=CookieJar(unsafe=True), headers={"Origin": self.server.url})
        self.browsers.append(browser)
        await self.ask(browser, "POST", "/sign-in", data={"user_name": person.user_name, "password": PASSWORD})
        return browser

    async def ask(self, browser: ClientSession, method: str, path: str, status: int = 0, **more: Any) -> Answer:
        """A request that goes well, or is answered by ``status``; what is refused is kept."""
        async with browser.request(method, path, allow_redirects=False, **more) as answer:
            content = await answer.read()
            assert answer.status == status if status else answer.status < 400, (path, answer.status, content[:300])
            if answer.status >= 400:
                self.errors.append(content)
            return Answer(answer.headers.get("Location", ""), content)


@pytest.fixture
async def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> AsyncIterator[Plant]:
    folder, temporary = tmp_path / "var", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    settings = Settings(data=folder)
    keyring.make_key_file(settings.keys)
    archive = parts.make_archive(settings, utc_now)
    await migrations.upgrade(archive.engine)
    await archive.vault.ready()
    people = await builders.people(archive)
    await archive.close()
    server = Server(folder, settings={"METRICS_PORT": str(unused_tcp_port)})
    await asyncio.to_thread(server.start)
    made = Plant(server, people, tmp_path)
    yield made
    for browser in made.browsers:
        await browser.close()
    if server.running.poll() is None:
        server.kill()


async def test_no_planted_word_lies_anywhere_in_clear(plant: Plant) -> None:
    nurse, doctor = await plant.sign_in(plant.people.nurse), await plant.sign_in(plant.people.doctor)
    encounter = await _come(plant, nurse)
    await _consult(plant, nurse, doctor, encounter)
    await _stumble(plant, nurse)
    metrics = await _metrics(plant)
    assert 'route="/encounters/{id}/photos"' in metrics.decode()

    living = {path: path.read_bytes() for path in _files(plant.folder)}
    plant.server.kill()
    dead = {path: path.read_bytes() for path in _files(plant.folder)}
    places = [("metrics", metrics), *(("error page", page) for page in plant.errors),
              *((path.name, content) for found in (living, dead) for path, content in found.items())]

    assert {"telehealth.db", "telehealth.db-wal", "patients.db", "var.log"} <= {path.name for path in living}
    assert sorted({f"{secret} in {name}" for secret, name in _leaks(places)}) == []
    assert [name for name, content in places if plant.photo[len(plant.photo) // 2:][:24] in content] == []
    # The search itself works: what may lie in clear is found, and the sealed words do come back.
    assert any("Trạm Y tế xã Phủ Thông".encode() in content for _, content in places)


async def _come(plant: Plant, nurse: ClientSession) -> str:
    """A patient is registered, examined and photographed; the encounter's id."""
    patient = {"id": str(uuid4()), "full_name": NAME, "gender": "female", "birth_date": "1958", "commune": "Phủ Thông", **FIELDS}
    await plant.ask(nurse, "POST", "/patients", 422, data={**patient, "birth_date": "31/02/1958"}, headers=JSON)
    plant.errors.clear()                                    # a form that comes back keeps what was typed, to its own page
    encounter = (await plant.ask(nurse, "POST", "/patients", data={**patient, "then": "visit"})).location
    found = await plant.ask(nurse, "POST", "/patients/search", json={"q": NAME}, headers=JSON)
    assert NAME in str(found.json)
    intake = {"complaints": ["cough"], "text": COMPLAINT, "version": 0}
    await plant.ask(nurse, "PUT", f"{encounter}/intake", json=intake, headers=JSON)
    typed = {"id": str(uuid4()), "code": "8867-4", "typed": TYPED, "version": 0}
    await plant.ask(nurse, "PUT", f"{encounter}/observations", json=typed, headers=JSON)
    share = [str(plant.people.bach_thong)]
    await plant.ask(nurse, "PUT", f"{encounter}/consents", json={"consult": True, "share": share, "photo": True}, headers=JSON)
    await _photograph(plant, nurse, encounter)
    return encounter


async def _photograph(plant: Plant, nurse: ClientSession, encounter: str) -> None:
    photo, form = str(uuid4()), aiohttp.FormData()
    form.add_field("id", photo)
    form.add_field("photo", _picture(), filename=f"{NAME}.jpg", content_type="image/jpeg")
    await plant.ask(nurse, "POST", f"{encounter}/photos", data=form, headers=JSON)
    plant.photo = (await plant.ask(nurse, "GET", f"/photos/{photo}")).content
    assert plant.photo[:2] == b"\xff\xd8" and EXIF.encode() not in plant.photo


def _picture() -> bytes:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = EXIF
    Image.effect_noise((640, 480), 80).convert("RGB").save(file, "JPEG", exif=exif, comment=EXIF.encode())
    return file.getvalue() + EXIF.encode()


async def _consult(plant: Plant, nurse: ClientSession, doctor: ClientSession, encounter: str) -> None:
    ward, station = await open_page(doctor), await open_page(nurse)
    await plant.ask(doctor, "POST", "/duty", json={"on": True}, headers=JSON)
    request = (await plant.ask(nurse, "POST", f"{encounter}/requests", data={"id": str(uuid4())})).location
    async with asyncio.timeout(10):
        await ward.next("ring")
    assert COMPLAINT in str((await plant.ask(doctor, "GET", f"{request}/ring", headers=JSON)).json)
    call = (await plant.ask(doctor, "POST", f"{request}/accept", json={}, headers=JSON)).json["call"]
    for page in (ward, station):
        assert (await page.command("enter", call=call, peer=page.peer))["type"] == "ack"
    await station.send(type="offer", call=call, to=ward.peer, round=1, sdp=SDP)
    await station.send(type="candidate", call=call, to=ward.peer, round=1, candidate=CANDIDATE)
    assert SDP in str(await ward.next("relayed-offer"))
    assert (await station.command("say", call=call, text=SAID))["type"] == "ack"
    assert (await ward.command("say", call=call, text=ANSWERED))["type"] == "ack"
    assert SAID in str((await plant.ask(doctor, "GET", f"/calls/{call}/messages", headers=JSON)).json)
    await _speak(plant, nurse, doctor, call)
    await _write(plant, doctor, encounter)
    assert WRITTEN["finding"] in (await plant.ask(nurse, "GET", f"{encounter}/advice")).text
    for page in (ward, station):
        await close_page(page)


async def _speak(plant: Plant, nurse: ClientSession, doctor: ClientSession, call: str) -> None:
    """A voice note that is complete and heard, one that never is, and one that is refused."""
    sound, note = webm(marker=SPOKEN.encode()), str(uuid4())
    last: dict[str, Any] = {"total": len(sound), "number": 1, "length": 7_000, "age": 100}
    address = f"/calls/{call}/voice-notes"
    await plant.ask(nurse, "PUT", f"{address}/{note}", data=sound, params={"offset": 0, **last}, headers=JSON)
    assert (await plant.ask(doctor, "GET", f"/voice-notes/{note}")).content == sound
    await plant.ask(doctor, "GET", f"/voice-notes/{note}", 206, headers={"Range": "bytes=40-"})
    await plant.ask(nurse, "PUT", f"{address}/{uuid4()}", data=sound, params={"offset": 0}, headers=JSON)
    await plant.ask(nurse, "PUT", f"{address}/{uuid4()}", 422, data=SPOKEN.encode(),
                    params={"offset": 0, **last, "total": len(SPOKEN.encode()), "number": 2}, headers=JSON)


async def _write(plant: Plant, doctor: ClientSession, encounter: str) -> None:
    note = {"id": str(uuid4()), "version": 0, "diagnoses": [DIAGNOSIS], "follow_up": "3", **WRITTEN}
    for _ in range(2):                                      # a second version, so that the first one is replaced
        note["version"] = await _saved(plant, doctor, encounter, note)
    await plant.ask(doctor, "POST", f"{encounter}/note/sign", json={"id": note["id"], "version": note["version"]}, headers=JSON)
    added = str(uuid4())
    await plant.ask(doctor, "POST", f"{encounter}/note/addendum", data={"follows": note["id"], "id": added})
    begun = (await plant.ask(doctor, "GET", f"{encounter}/note/draft", headers=JSON)).json
    addendum = {**note, "id": added, "version": _version(begun), "assessment": ADDED}
    addendum["version"] = await _saved(plant, doctor, encounter, addendum)
    await plant.ask(doctor, "POST", f"{encounter}/note/sign", json={"id": added, "version": addendum["version"]}, headers=JSON)


async def _saved(plant: Plant, doctor: ClientSession, encounter: str, note: dict[str, Any]) -> int:
    answer = await plant.ask(doctor, "PUT", f"{encounter}/note/draft", json=note, headers=JSON)
    return _version(answer.json)


def _version(content: dict[str, Any]) -> int:
    return int(content["version"] if "version" in content else content["draft"]["version"])


async def _stumble(plant: Plant, nurse: ClientSession) -> None:
    """What goes wrong: strange addresses and queries, other people's pages, forms and messages that cannot be read."""
    await plant.ask(nurse, "GET", f"/{quote(NOTHING)}?q={quote(NAME)}", 404)
    await plant.ask(nurse, "GET", f"/patients/{quote(SECOND_NAME)}", 404, headers={"Referer": f"{plant.server.url}/{quote(NAME)}"})
    await plant.ask(nurse, "GET", f"/audit?q={quote(NAME)}", 403, headers={"User-Agent": quote(NAME)})
    await plant.ask(nurse, "POST", "/patients/search", 422, data=json.dumps([NAME]), headers=JSON | {"Content-Type": "application/json"})
    await plant.ask(nurse, "POST", "/patients/search", 422, data=NAME.encode("utf-16"), headers=JSON | {"Content-Type": "application/json"})
    page = await open_page(nurse)
    await page.ws.send_str(json.dumps({"type": "say", "text": SAID, "call": NAME}))
    await page.ws.send_str(SAID)
    await page.sync()
    await close_page(page)
    stranger = await plant.sign_in(plant.people.stranger)
    found = sqlite3.connect(plant.folder / "var" / "telehealth.db").execute("SELECT id FROM patient").fetchone()[0]
    await plant.ask(stranger, "GET", f"/patients/{found}", 404)
    await plant.ask(stranger, "POST", f"/patients/{found}", 404, data={"full_name": SECOND_NAME, "version": "1", "village": FIELDS["village"]}, headers=JSON)


async def _metrics(plant: Plant) -> bytes:
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{plant.server.settings['METRICS_PORT']}/metrics") as answer:
        return await answer.read()


def _files(folder: Path) -> list[Path]:
    """Data, keys, temporary files and the log, which holds a line per request."""
    return [path for path in folder.rglob("*") if path.is_file()]


def _leaks(places: list[tuple[str, bytes]]) -> Iterator[tuple[str, str]]:
    for secret in SECRETS:
        for spelling in _spellings(secret):
            yield from ((secret, name) for name, content in places if spelling in content)


def _spellings(secret: str) -> set[bytes]:
    """In every form in which a library may have kept it: composed or not, wide or not, folded, escaped, quoted."""
    forms = {normalize("NFC", secret), normalize("NFD", secret), secret.replace(" ", "")}
    found = {one.encode(code) for one in forms for code in ("utf-8", "utf-16-le", "utf-16-be")}
    found |= {fold(secret).encode(), json.dumps(secret)[1:-1].encode(), quote(secret).encode(), secret.upper().encode()}
    return {one for one in found if len(one) >= len("0987431265")}
