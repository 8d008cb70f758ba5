"""The built pages: one document for every address, and its files, which have their digest in their name."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_from_directory
from werkzeug.exceptions import NotFound

from designer.http.routes import PREFIX

_FOREVER = "public, max-age=31536000, immutable"
_TEXT = (".js", ".css", ".svg", ".json")
"""What gets smaller; fonts and pictures are packed already."""


def paged(app: Flask, pages: Path | None) -> None:
    """Serves the pages of a folder; without one there is only the API."""
    folder = pages.resolve() if pages else None

    def page(path: str = "") -> Response:
        """A file of the pages, or the one document that shows every view."""
        if folder is None or f"/{path}".startswith((PREFIX, "/api/", "/socket.io")):
            raise NotFound
        if path and (folder / path).is_file():
            answer: Response = send_from_directory(folder, path)
            if path.startswith("assets/"):
                answer.headers["Cache-Control"] = _FOREVER
                _pack(answer, folder / path)
            return answer
        if path.startswith("assets/"):
            raise NotFound
        return send_from_directory(folder, "index.html")

    view: Any = page
    view.action = "page.read"
    app.add_url_rule("/", "page", page, methods=["GET"])
    app.add_url_rule("/<path:path>", "page-of", page, methods=["GET"])


def _pack(answer: Response, file: Path) -> None:
    """Sends a text as gzip to a browser that takes it: a first visit is a third of the bytes. Nothing in these files
    is secret, so their length says nothing to a listener."""
    if file.suffix not in _TEXT:
        return
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        answer.direct_passthrough = False
        answer.set_data(_packed(file, file.stat().st_mtime_ns))
        answer.content_encoding = "gzip"


@lru_cache(maxsize=256)
def _packed(file: Path, _changed_ns: int) -> bytes:
    """Each version of a file is packed once."""
    return gzip.compress(file.read_bytes(), 6, mtime=0)
