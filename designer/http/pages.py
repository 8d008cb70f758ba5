"""The built pages: one document for every address, and its files, which have their digest in their name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory
from werkzeug.exceptions import NotFound

from designer.http.routes import PREFIX

_FOREVER = "public, max-age=31536000, immutable"


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
            return answer
        if path.startswith("assets/"):
            raise NotFound
        return send_from_directory(folder, "index.html")

    view: Any = page
    view.action = "page.read"
    app.add_url_rule("/", "page", page, methods=["GET"])
    app.add_url_rule("/<path:path>", "page-of", page, methods=["GET"])
