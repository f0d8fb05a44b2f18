"""Vietnamese first, English complete, and a switch on every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from sqlalchemy import select

from records.acts import Actor
from records.people.tables import Practitioner
from web.i18n import Texts
from web.keys import ROUTES
from web.routing import PUBLIC

WEB = Path(__file__).parents[2] / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
MODULES = sorted(WEB.rglob("*.py"))
KEYWORDS = {
    "_": None, "gettext": None, "translate": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
JINJA = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}


def language(text: str) -> str:
    found = re.search(r'<html lang="(\w+)"', text)
    return found[1] if found else ""


def texts_of(path: Path) -> list[tuple[str | None, str]]:
    method, options = ("jinja2.ext.babel_extract", JINJA) if path.suffix == ".html" else ("python", {})
    found = extract_from_file(method, path, keywords=KEYWORDS, options=options)
    return [(context, text if isinstance(text, str) else text[0]) for _, text, _, context in found]


@pytest.mark.parametrize(("wish", "shown"), [
    ("en", "en"), ("en-GB,en;q=0.9", "en"), ("fr,en;q=0.5,vi;q=0.8", "vi"), ("fr", "vi"), ("", "vi"), ("en;q=0", "vi"),
    ("x;q=nonsense", "vi"),
])
async def test_a_stranger_is_met_in_the_language_of_the_browser(visitor, wish, shown):
    page = await (await visitor.get("/sign-in", headers={"Accept-Language": wish})).text()

    assert language(page) == shown


async def test_a_signed_in_person_is_met_in_their_own_language(visitor, people):
    await visitor.sign_in(people.nurse)

    page = await (await visitor.get("/me", headers={"Accept-Language": "en"})).text()

    assert language(page) == "vi"


async def test_the_switch_leads_back_and_stays(visitor, browse, site, people, archive):
    await visitor.sign_in(people.nurse)

    answer = await visitor.post("/language", data={"locale": "en", "next": "/me"})
    page = await (await visitor.get("/me")).text()

    assert answer.headers["Location"] == "/me"
    assert language(page) == "en"
    assert "Change password" in page
    async with archive.act(Actor.of_system("test")) as act:
        kept = (await act.db.scalars(select(Practitioner.locale).where(Practitioner.id == people.nurse.id))).one()
    assert kept == "en"
    elsewhere = browse(site)
    await elsewhere.sign_in(people.nurse)
    assert language(await (await elsewhere.get("/me")).text()) == "en"


async def test_an_unknown_language_is_vietnamese_and_no_way_to_another_site(visitor):
    answer = await visitor.post("/language", data={"locale": "xx", "next": "//evil.example/"})

    assert answer.headers["Location"] == "/"
    assert language(await (await visitor.get("/sign-in", headers={"Accept-Language": "en"})).text()) == "vi"


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("who", ["nurse", "doctor", "administrator", "auditor"])
async def test_every_page_names_itself_its_language_and_the_switch(visitor, people, site, who, locale):
    await visitor.post("/language", data={"locale": locale})
    person = getattr(people, who)
    await visitor.sign_in(person)
    paths = [path for (method, path), route in site.app[ROUTES].routes.items()
             if method == "GET" and "{" not in path and route.roles & person.roles]
    for path in [*paths, "/nowhere"]:
        answer = await visitor.get(path)
        if answer.content_type != "text/html" or answer.status in {302, 303}:
            continue
        page = re.sub(r"(?s)<template.*?</template>", "", await answer.text())
        assert language(page) == locale, path
        assert re.search(r"<title>[^<·]+ · [^<]+</title>", page), path
        assert page.count("<h1") == 1, path
        assert 'action="/language"' in page, path
        assert 'class="skip"' in page, path
        assert " style=" not in page, path
        assert not re.search(r"<script(?![^>]* src=)[^>]*>", page), path


async def test_the_public_page_of_no_role_is_the_sign_in(site):
    pages = {path for (method, path), route in site.app[ROUTES].routes.items() if method == "GET" and route.roles == PUBLIC}

    assert "/sign-in" in pages


@pytest.mark.parametrize("path", [*TEMPLATES, *MODULES], ids=lambda path: str(path.relative_to(WEB)))
def test_every_text_has_its_english(path):
    english = Texts.load(WEB / "locale").by_locale["en"]

    assert [text for context, text in texts_of(path) if text and (context, text) not in english] == []


def test_translations_keep_every_blank_to_be_filled():
    for (_, text), english in Texts.load(WEB / "locale").by_locale["en"].items():
        for form in (english,) if isinstance(english, str) else english:
            assert set(re.findall(r"%\(\w+\)s", form)) <= set(re.findall(r"%\(\w+\)s", text)), text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_template_switches_the_escaping_off_or_brings_its_own_style_or_script(path):
    content = path.read_text(encoding="utf-8")

    assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", content)
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|javascript:", content)


def test_no_script_writes_html():
    for path in (WEB / "static" / "js").rglob("*.js"):
        content = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(", content), path.name
