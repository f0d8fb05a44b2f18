"""Scripts on the wire: the small modules of ``static/js`` go out in a few files, put together in memory at start.

The sources stay as they are: plain ES modules, read by tsc, by the tests and by people. What goes out is an ES module again,
squeezed: each source in a block of its own, those it imports before it, its exports in one object:

    let $dom; { function byId() {} $dom = { byId }; }
    let $strips; { const { byId } = $dom; function show() {} $strips = { show }; }
    export { $dom }; export const { show } = $strips;

A source belongs to the one file that leads to it; one that several files lead to is a file of its own. Only what our sources
use is understood: imports and exports that begin their line, no default export, no circle; all else is a ValueError at start.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from web import squeeze

MAIN = "page"                                                  # every page has it, so it may carry what many share
CARRIED = ("call/limits", "call/lines", "call/media", "call/room", "http", "line_start", "saver", "time", "wire")
# Asked for by name: data-module, or import() in a script.
NAMED = (
    "call/beside", "call/station", "call/still_parts", "call/voice_notes", "codes", "line_quiet", "note", "ring", "worker",
)
IMPORT = re.compile(r'^import (?:(?:\{([^}]*)\}|\* as (\w+)) from )?"([^"]+)";\n', re.MULTILINE)
LATER = re.compile(r'\bimport\((\()?"(\.[^"]+)"(?(1)\))\)')
AGAIN = re.compile(r'^export \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|(?:async )?function\*?|class) (\w+))", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """One source: its body as it goes out, the modules it needs at once, by name ("call/page"), and its exports."""

    name: str
    body: str
    needs: tuple[str, ...]
    exports: tuple[str, ...]


@dataclass(frozen=True)
class Bundles:
    """Files by name ("js/ring.js"), and for each the further files it imports at once."""

    files: Mapping[str, bytes]
    needs: Mapping[str, tuple[str, ...]]

    def closure(self, names: Iterable[str]) -> list[str]:
        """The files of ``names`` ("ring", "pages/call") and all that they import: what a page loads before it can start."""
        found: list[str] = []
        waiting = [f"js/{name}.js" for name in names]
        while waiting:
            file = waiting.pop(0)
            if file not in found:
                found.append(file)
                waiting += self.needs[file]
        return found


def bundle(sources: Mapping[str, str]) -> Bundles:
    """Put together ``sources``: texts by name, "call/page" for static/js/call/page.js."""
    modules = {name: _read(name, text) for name, text in sources.items()}
    order = _ordered(modules)
    home = _homes(modules, order)
    lent = {need for module in modules.values() for need in module.needs if home[need] != home[module.name]}
    files, needs = {}, {}
    for entry in sorted(set(home.values())):
        inside = [modules[name] for name in order if home[name] == entry and name != entry] + [modules[entry]]
        outside = sorted({need for module in inside for need in module.needs if home[need] != entry})
        files[f"js/{entry}.js"] = _write(inside, outside, lent, home).encode()
        needs[f"js/{entry}.js"] = tuple(sorted({f"js/{home[need]}.js" for need in outside}))
    return Bundles(files, needs)


# ---------------------------------------------------------------- reading


def _read(name: str, text: str) -> Module:
    if any(line.count("`") % 2 for line in text.splitlines()):
        raise ValueError(f"{name}.js: a text over several lines might look like a comment")
    needs: list[str] = []
    exports: list[str] = []

    def imported(found: re.Match[str]) -> str:
        names, whole, path = found.groups()
        needs.append(_resolve(name, path))
        if not names and not whole:
            return ""
        return f"const {whole or '{' + names.replace(' as ', ': ') + '}'} = {_object(needs[-1])};\n"

    def exported_again(found: re.Match[str]) -> str:
        needs.append(_resolve(name, found[2]))
        exports.extend(one.strip() for one in found[1].split(","))
        return f"const {{{found[1]}}} = {_object(needs[-1])};\n"

    body = AGAIN.sub(exported_again, IMPORT.sub(imported, squeeze.plain(text)))
    exports += EXPORT.findall(body)
    body = EXPORT.sub("", body)
    if strange := re.search(r"^(?:import|export)\b(?!\().*", body, re.MULTILINE):
        raise ValueError(f"{name}.js: cannot be put together with others: {strange[0]}")
    return Module(name, squeeze.tight(body), tuple(dict.fromkeys(needs)), tuple(exports))


def _resolve(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path)).removesuffix(".js")


def _object(name: str) -> str:
    """The variable that holds the exports of a module."""
    return "$" + name.replace("/", "$")


# ---------------------------------------------------------------- who goes with whom


def _ordered(modules: Mapping[str, Module]) -> list[str]:
    """Every module after those it needs; the same order at every start."""
    done: dict[str, None] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path or name not in modules:
            raise ValueError(f"scripts import in a circle or what is not there: {' -> '.join((*path, name))}")
        if name not in done:
            for need in modules[name].needs:
                visit(need, (*path, name))
            done[name] = None

    for name in sorted(modules):
        visit(name, ())
    return list(done)


def _homes(modules: Mapping[str, Module], order: list[str]) -> dict[str, str]:
    """Which file holds each module: its own, that of everything which needs it, or the main one."""
    main = [MAIN, *(name for name in CARRIED if name in modules)]
    for name in main:
        main += [need for need in modules[name].needs if need not in main]
    home: dict[str, str] = {}
    for name in reversed(order):               # whoever needs a module has its home before it
        users = {home[user] for user in order if name in modules[user].needs}
        alone = name in NAMED or len(users) != 1
        home[name] = MAIN if name in main else name if alone else users.pop()
    return home


# ---------------------------------------------------------------- writing


def _write(inside: list[Module], outside: list[str], lent: set[str], home: Mapping[str, str]) -> str:
    entry = inside[-1]
    folder = posixpath.dirname(entry.name) or "."
    lines = []
    for file in dict.fromkeys(home[need] for need in outside):
        objects = ",".join(_object(need) for need in outside if home[need] == file)
        lines.append(f'import{{{objects}}}from"{_relative(file, folder)}";')
    lines += [_block(module, folder) for module in inside]
    if objects := ",".join(_object(module.name) for module in inside if module.name in lent):
        lines.append(f"export{{{objects}}};")
    if entry.exports:
        lines.append(f"export const{{{','.join(entry.exports)}}}={_object(entry.name)};")
    return "".join(lines)


def _block(module: Module, folder: str) -> str:
    body = LATER.sub(lambda found: f'import("{_relative(_named(module.name, found[2]), folder)}")', module.body)
    exports = f"{_object(module.name)}={{{','.join(module.exports)}}};" if module.exports else ""
    return f"let {_object(module.name)};{{{body}{exports}}}\n"


def _named(importer: str, path: str) -> str:
    name = _resolve(importer, path)
    if name not in NAMED:
        raise ValueError(f"{importer}.js asks for {name}.js by name: it has to stand among NAMED")
    return name


def _relative(name: str, folder: str) -> str:
    path = posixpath.relpath(f"{name}.js", folder)
    return path if path.startswith("../") else f"./{path}"
