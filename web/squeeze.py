"""Scripts and sheets without what only people read: remarks, indents, spaces. What they mean stays. Knows no files.

Written for our own sources: a text never runs over several lines (``bundles`` refuses it), and every statement ends with its
own semicolon or brace. A line that holds a slash or a backtick may hold a pattern or a text with a text in it: it goes out as
it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

DOC = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*?\*/[ \t]*(?:\n|(?=\S))|^[ \t]*//[^\n]*\n", re.MULTILINE | re.DOTALL)
TYPE = re.compile(r"/\*\* @(?:(?!\*/)[^\n])*\*/ ?")
TEXT = re.compile(r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""")
OR_COMMENT = re.compile(r"""("(?:[^"\\\n]|\\.)*")|/\*.*?\*/""", re.DOTALL)
# Beside code, after a line's texts: an apostrophe in a remark begins none.
REMARK = re.compile(r"""^((?:[^"'`/\n]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')*?)[ \t]*// .*$""")
AROUND = re.compile(r" ?(=>|&&|\|\||\?\?|[=!<>]==?|[=<>?:,;{}()|&]) ?")
GOES_ON = (";", "{", ",", "(")     # no statement ends here by the end of the line alone
BETWEEN = re.compile(r" ?([{};,>]) ?|(?<=[\w-]:) ")     # of a colon only the space behind it: " :where" is a descendant


def plain(script: str) -> str:
    """The same program without comments, types and indents."""
    lines = (REMARK.sub(r"\1", line.strip()) for line in TYPE.sub("", DOC.sub("", script)).splitlines())
    return "".join(line + "\n" for line in lines if line)


def tight(script: str) -> str:
    """The same program, of a ``plain`` one, without the spaces that part nothing."""
    return "".join(map(_line, script.splitlines()))


def sheet(rules: str) -> str:
    """The same rules without comments and the spaces around signs."""
    said = re.sub(r"\s+", " ", OR_COMMENT.sub(r"\1", rules))
    return _outside_texts(said, lambda code: BETWEEN.sub(r"\1", code).replace(";}", "}")).strip()


def _line(line: str) -> str:
    if "/" in line or "`" in line:
        return line + "\n"
    short = _outside_texts(line, lambda code: AROUND.sub(r"\1", code))
    return short if short.endswith(GOES_ON) else short + "\n"


def _outside_texts(whole: str, change: Callable[[str], str]) -> str:
    return "".join(part if place % 2 else change(part) for place, part in enumerate(TEXT.split(whole)))
