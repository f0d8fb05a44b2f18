"""What goes out without remarks and spaces means the same."""

from __future__ import annotations

import pytest

from web import squeeze


@pytest.mark.parametrize(("said", "sent"), [
    ("const a = { b: 1, c };\n", "const a={b:1,c};"),
    ("if (a === b && c) return;\n", "if(a===b&&c)return;"),
    ("const f = async (x) => x ? 1 : 2;\n", "const f=async(x)=>x?1:2;"),
    ("a = b + +c - -d;\n", "a=b + +c - -d;"),
    ("for (const one of all) {\none();\n}\nlast()\n", "for(const one of all){one();}\nlast()\n"),
])
def test_spaces_that_part_nothing_stay_at_home(said, sent):
    assert squeeze.tight(squeeze.plain(said)) == sent


@pytest.mark.parametrize("line", [
    'say("a , b = c");',
    "say('it is ; so');",
    'say("a \\" , b");',
    'at=`${a ? ` (${b})` : ""} , c`;',
    'found = /a , b = (c)/.exec(d);',
    "half = a / b;",
])
def test_texts_and_patterns_go_out_as_they_are(line):
    assert squeeze.tight(squeeze.plain(f"  {line}\n")).rstrip("\n") == line


def test_a_remark_after_a_line_takes_no_line_with_it():
    said = "const wait = 5; // a person's patience;\nconst at = \"https://a // b\";\nconst c = `d // e`; // f;\ngo();\n"

    assert squeeze.tight(squeeze.plain(said)) == 'const wait=5;const at = "https://a // b";\nconst c = `d // e`; // f;\ngo();'


@pytest.mark.parametrize(("said", "sent"), [
    ("/* a person's; b */\n:where(.a > .b, .c) { color: red; margin: 0 auto; }\n", ":where(.a>.b,.c){color:red;margin:0 auto}"),
    (":where(.a) :where(.b) {\n  inset: calc(1rem - 2px);\n}\n", ":where(.a) :where(.b){inset:calc(1rem - 2px)}"),
    ('.a::after { content: " · , "; }', '.a::after{content:" · , "}'),
    ("@media (max-width: 44rem) and (hover) { .a { top: 0; } }", "@media (max-width:44rem) and (hover){.a{top:0}}"),
])
def test_a_sheet_keeps_its_rules(said, sent):
    assert squeeze.sheet(said) == sent
