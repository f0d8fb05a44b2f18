"""The rules of the house that no tool knows."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import typing
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from signaling import messages, typescript
from telehealth.settings import PREFIX, Settings
from tests.site import Site
from web.keys import ROUTES
from web.routing import PUBLIC

ROOT = Path(__file__).parent.parent
PACKAGES = ("telehealth", "web", "signaling", "records")
LONGEST = 250
# Longer than a file should be, each for its reason.
LONG = {
    "signaling/messages.py": "the whole protocol on one page",
    "records/care/tables.py": "all tables of care on one page",
}
OPEN_TO_ALL = {
    ("GET", "/static/{digest}/{path}"), ("GET", "/robots.txt"), ("GET", "/manifest.webmanifest"), ("GET", "/sign-in"),
    ("GET", "/.well-known/security.txt"), ("POST", "/language"), ("POST", "/sign-in"), ("GET", "/healthz"), ("GET", "/readyz"),
    ("GET", "/socket"),     # refuses by close codes, which a page can read
}
MARKS = {"_", "N_", "gettext", "ngettext", "pgettext", "npgettext", "translate"}
MARKUP_SINKS = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|eval)\b")


def files(*patterns: str, under: tuple[str, ...] = PACKAGES) -> list[Path]:
    return sorted(path for place in under for pattern in patterns for path in (ROOT / place).rglob(pattern))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# ---------------------------------------------------------------- structure


def test_every_python_file_says_at_its_top_what_lives_in_it() -> None:
    texts = {named(path): path.read_text() for path in files("*.py")}
    silent = [name for name, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))]

    assert not silent


def test_no_file_has_grown_beyond_what_a_person_reads_in_one_go() -> None:
    written = [path for path in files("*.py", "*.js", "*.css", "*.html") if "versions" not in path.parts]
    lengths = {named(path): len(path.read_text().splitlines()) for path in written}

    assert {name: length for name, length in lengths.items() if length > LONGEST and name not in LONG} == {}


def test_our_own_package_is_never_imported_under_the_name_of_aiohttps() -> None:
    wrong = [
        named(path) for path in files("*.py", under=(*PACKAGES, "tests")) for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import) and any(alias.name == "web" for alias in node.names)
    ]

    assert not wrong


def test_nobody_speaks_of_a_level_that_no_longer_exists() -> None:
    written = files("*.py", "*.html", "*.js", "*.po", "*.css", "*.json", "*.md")
    said = [named(path) for path in written if "district" in path.read_text().lower()]

    assert not said


# ---------------------------------------------------------------- the protocol


def test_the_pages_types_are_what_the_generator_writes() -> None:
    assert typescript.TARGET.read_text() == typescript.source(), "run: python -m signaling.typescript"


@pytest.mark.parametrize("kind", ["FromBrowser", "FromServer"])
def test_every_message_is_in_the_story(kind: str) -> None:
    story = (ROOT / "signaling" / "PROTOCOL.md").read_text()
    names = [message.__struct_config__.tag for message in typing.get_args(getattr(messages, kind))]

    assert [name for name in names if not re.search(rf"(?<![\w-]){name}(?![\w-])", story)] == []


def test_every_close_code_is_in_the_story() -> None:
    story = (ROOT / "signaling" / "PROTOCOL.md").read_text()

    assert [code for code in messages.Closing if str(code.value) not in story] == []


# ---------------------------------------------------------------- pages


async def test_every_address_is_public_on_purpose_or_refuses_a_stranger(site: Site) -> None:
    stranger, welcomed = site.browser(), []
    routes = site.app[ROUTES].routes
    for (method, path), route in routes.items():
        if route.roles == PUBLIC:
            continue
        address = re.sub(r"\{[^}]*\}", "00000000-0000-4000-8000-000000000000", path)
        async with stranger.request(method, address, headers={"Accept": "application/json"}, allow_redirects=False) as answer:
            if answer.status != 401:
                welcomed.append((method, path, answer.status))

    assert welcomed == []
    assert {key for key, route in routes.items() if route.roles == PUBLIC} == OPEN_TO_ALL


def test_no_template_lets_markup_through() -> None:
    wrong = [named(path) for path in files("*.html") if re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", path.read_text())]

    assert not wrong


def test_no_script_turns_text_into_markup() -> None:
    wrong = [named(path) for path in files("*.js") if MARKUP_SINKS.search(path.read_text())]

    assert not wrong


def test_every_vendored_file_is_in_the_manifest_with_its_hash() -> None:
    vendor = ROOT / "web" / "static" / "vendor"
    if not vendor.exists():
        pytest.skip("nothing is vendored")
    known = {entry["file"]: entry["sha256"] for entry in json.loads((vendor / "manifest.json").read_text())}
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in vendor.iterdir()}
    there.pop("manifest.json")

    assert there == known


# ---------------------------------------------------------------- texts


def test_every_text_of_templates_and_code_exists_in_english() -> None:
    missing = sorted({text for text, _ in [*texts_of_templates(), *texts_of_code()]} - english())

    assert missing == []


def english() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "web" / "locale" / "en").glob("*.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id and all(message.string if isinstance(message.string, tuple) else [message.string]):
                    found.add(message.id if isinstance(message.id, str) else message.id[0])
    return found


def texts_of_templates() -> Iterator[tuple[str, Path]]:
    options = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
    for path in files("*.html"):
        for _, text, _, _ in extract("jinja2", BytesIO(path.read_bytes()), options=options):
            yield (text if isinstance(text, str) else text[0]), path


def texts_of_code() -> Iterator[tuple[str, Path]]:
    """Texts in ``N_("…")`` and ``gettext(request)("…")``."""
    for path in files("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _called(node.func) in MARKS and node.args:
                text = node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield text.value, path


def _called(function: ast.expr) -> str:
    inner = function.func if isinstance(function, ast.Call) else function
    return inner.attr if isinstance(inner, ast.Attribute) else inner.id if isinstance(inner, ast.Name) else ""


# ---------------------------------------------------------------- settings


def test_every_setting_is_explained() -> None:
    explained = (ROOT / "deploy" / "README.md").read_text()

    assert [name for name in Settings.model_fields if f"`{PREFIX}{name.upper()}`" not in explained] == []


def test_no_explained_setting_has_vanished() -> None:
    explained = set(re.findall(r"`TELEHEALTH_([A-Z_]+)`", (ROOT / "deploy" / "README.md").read_text()))

    assert explained <= {name.upper() for name in Settings.model_fields}


def test_the_lock_files_name_no_package_index() -> None:
    for path in (ROOT / "deploy").glob("requirements*.lock"):
        assert not re.search(r"://|^--(index|extra-index|find-links|trusted)", path.read_text(), re.MULTILINE), path.name
    assert '"resolved"' not in (ROOT / "tests" / "js" / "package-lock.json").read_text()
