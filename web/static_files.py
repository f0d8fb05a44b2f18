"""Scripts, styles and pictures, held in memory, compressed once, under an address that changes with their content.

Everything lies under one prefix ``/static/<digest of all files>/``, so that scripts may import each other by relative path
and a browser may keep every file for ever. Sheets and scripts go out in few files, see ``bundles``.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from web import bundles, squeeze
from web.bundles import Bundles
from web.keys import STATICS

STYLESHEET = "css/site.css"
FOR_EVER = "public, max-age=31536000, immutable"
WORTH_COMPRESSING = 300                         # bytes: below this the headers weigh as much as the gain
IMPORT = re.compile(r'@import "([a-z0-9_/.-]+)";\n')
TYPES = {
    ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json",
    ".ogg": "audio/ogg", ".mp3": "audio/mpeg", ".wav": "audio/wav", ".webp": "image/webp",
}


@dataclass(frozen=True)
class File:
    """One file as it goes out; ``small`` is gzip, or empty where that gains nothing."""

    content: bytes
    small: bytes
    content_type: str


@dataclass(frozen=True)
class Statics:
    """All files by path ("js/page.js") and the digest that stands in their address."""

    files: dict[str, File]
    digest: str
    scripts: Bundles

    @classmethod
    def load(cls, folder: Path) -> Statics:
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".ts", ".md"})
        contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        contents = {name: content for name, content in contents.items() if not name.startswith(("css/", "js/"))}
        contents[STYLESHEET] = squeeze.sheet(_one_sheet(folder / STYLESHEET)).encode()
        scripts = bundles.bundle(_sources(folder / "js"))
        contents |= scripts.files
        digest = hashlib.sha256()
        for name, content in sorted(contents.items()):
            digest.update(b"%s\0%d\0%s" % (name.encode(), len(content), content))
        return cls({name: _file(name, content) for name, content in contents.items()}, digest.hexdigest()[:12], scripts)

    def address(self, path: str) -> str:
        """The address of ``path``. Raises KeyError for a file that is not there: a template found out at its first test."""
        if path not in self.files:
            raise KeyError(f"no static file {path}")
        return f"/static/{self.digest}/{path}"

    def modules(self, *names: str) -> list[str]:
        """The addresses of all files that the scripts ``names`` ("ring", "pages/call") need before they can start."""
        return [self.address(file) for file in self.scripts.closure(names)]


async def show(request: web.Request) -> web.Response:
    """GET /static/{digest}/{path}: an old digest gets today's file, but is not kept."""
    statics = request.app[STATICS]
    file = statics.files.get(request.match_info["path"])
    if file is None:
        raise web.HTTPNotFound
    current = request.match_info["digest"] == statics.digest
    headers = {"Cache-Control": FOR_EVER if current else "no-cache", "Vary": "Accept-Encoding"}
    body = file.content
    if file.small and "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers["Content-Encoding"] = file.small, "gzip"
    charset = "utf-8" if file.content_type.startswith("text/") else None
    return web.Response(body=body, headers=headers, content_type=file.content_type, charset=charset)


def _sources(folder: Path) -> dict[str, str]:
    texts = {path.relative_to(folder): path.read_text(encoding="utf-8") for path in folder.rglob("*.js")}
    return {path.with_suffix("").as_posix(): text for path, text in texts.items()}


def _one_sheet(path: Path) -> str:
    return IMPORT.sub(lambda found: (path.parent / found[1]).read_text(encoding="utf-8"), path.read_text(encoding="utf-8"))


def _file(name: str, content: bytes) -> File:
    suffix = Path(name).suffix
    content_type = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    textual = content_type.startswith("text/") or suffix in {".svg", ".json"}
    small = gzip.compress(content, 9, mtime=0) if textual and len(content) > WORTH_COMPRESSING else b""
    return File(content, small, content_type)
