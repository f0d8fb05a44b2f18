"""The scripts' small modules go out in a few files that mean the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web import bundles
from web.static_files import Statics

HOUSE = Path(bundles.__file__).parent


def test_a_module_travels_with_the_one_that_needs_it_and_alone_when_several_do():
    made = bundles.bundle({
        "page": 'import { byId } from "./dom.js";\nbyId();\n',
        "dom": "export function byId() {}\n",
        "pages/visit": 'import * as dom from "../dom.js";\nimport { a } from "../own.js";\nimport { b as c } from "../both.js";\n',
        "pages/notes": 'import { b } from "../both.js";\n',
        "own": "export const a = 1;\n",
        "both": "export const b = 2;\n",
    })

    assert sorted(made.files) == ["js/both.js", "js/page.js", "js/pages/notes.js", "js/pages/visit.js"]
    assert made.closure(["pages/visit"]) == ["js/pages/visit.js", "js/both.js", "js/page.js"]
    visit = made.files["js/pages/visit.js"].decode()
    assert 'import{$both}from"../both.js";' in visit
    assert 'import{$dom}from"../page.js";' in visit
    assert "const dom=$dom;" in visit
    assert "const{b:c}=$both;" in visit
    assert "$own={a};" in visit


def test_a_file_lends_what_others_ask_for_and_nothing_else():
    made = bundles.bundle({
        "page": 'import { a } from "./dom.js";\nimport { b } from "./own.js";\na(b);\n',
        "dom": "export function a() {}\n", "own": "export const b = 2;\n",
        "pages/visit": 'import { a } from "../dom.js";\na();\n',
    })

    assert "export{$dom};" in made.files["js/page.js"].decode()
    assert "export" not in made.files["js/pages/visit.js"].decode()


def test_a_module_that_is_needed_for_what_it_does_runs_before_the_one_that_needs_it():
    made = bundles.bundle({"page": 'import "./first.js";\nsecond();\n', "first": "first();\n"})

    assert made.files["js/page.js"].decode() == "let $first;{first();}\nlet $page;{second();}\n"


def test_a_script_asked_for_within_another_call_leaves_that_call_whole():
    made = bundles.bundle({"page": 'load(() => import("./ring.js"));\nload(() => import(/** @type {any} */ ("./ring.js")));\n',
                           "ring": "export const a = 1;\n"})

    assert made.files["js/page.js"].decode().count('load(() => import("./ring.js"));') == 2


def test_comments_stay_at_home_and_texts_that_look_like_one_go_out():
    made = bundles.bundle({"page": '/**\n * Said to readers.\n */\n// why\n/** @type {number} */ let a = 1;\nlet b = "// kept";\n'})

    text = made.files["js/page.js"].decode()

    assert "readers" not in text and "why" not in text
    assert 'let a=1;let b = "// kept";\n' in text


def test_remarks_beside_code_stay_at_home_and_texts_with_slashes_go_out_whole():
    made = bundles.bundle({"page": (
        'const WAIT = 5;   // seconds: a person\'s patience\nconst LONG = 9; // minutes\n\n'
        'const at = "https://a // b"; \nfunction f(x) {\n  return /** @type {any} */ (x);\n}\n')})

    text = made.files["js/page.js"].decode()

    assert "minutes" not in text and "@type" not in text
    assert 'const LONG=9;const at = "https://a // b";\nfunction f(x){return(x);}\n' in text


@pytest.mark.parametrize("sources", [
    {"page": 'import { a } from "./other.js";\n', "other": 'import { b } from "./page.js";\nexport const a = 1;\n'},
    {"page": 'import { a } from "./nowhere.js";\n'},
    {"page": "export default 1;\n"},
    {"page": "export let counted = 1;\n"},
    {"page": "const text = `one\n// two`;\n"},
    {"page": 'await import("./other.js");\n', "other": "export const a = 1;\n"},
])
def test_what_would_mean_something_else_is_refused_at_start(sources):
    with pytest.raises(ValueError, match=r"page|other"):
        bundles.bundle(sources)


def test_two_starts_make_the_same_files():
    one, other = (Statics.load(HOUSE / "static") for _ in range(2))

    assert one.files == other.files
    assert one.digest == other.digest


def test_every_script_that_a_template_names_goes_out():
    statics = Statics.load(HOUSE / "static")
    texts = "".join(path.read_text(encoding="utf-8") for path in (HOUSE / "templates").rglob("*.html"))

    modules = set(re.findall(r'data-module="(\w+)"', texts)) | {f"pages/{name}" for name in re.findall(r'data-script="(\w+)"', texts)}

    assert len(modules) > 5
    assert [name for name in sorted(modules) if f"js/{name}.js" not in statics.files] == []
