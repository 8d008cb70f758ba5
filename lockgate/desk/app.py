"""The desk as a web application: static pages, reads by digest, and two things that it takes: envelopes and requests.

It knows no session and no password. A signature is the only right, and it is checked where it is taken.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from pydantic import BaseModel, ConfigDict, TypeAdapter
from werkzeug.exceptions import HTTPException

from flows.enrolment import phrase
from flows.instants import from_ms
from flows.masters import RowRefused
from flows.release import Kernel
from flows.trust import Origin, Reason, Refusal, Refused, Root
from lockgate.desk import reading
from lockgate.desk.guard import guarded
from lockgate.desk.inbox import Inbox
from lockgate.desk.taking import Where, take
from lockgate.roots import check_trust
from runtime.store import NotInStore, ReleaseStore, StoreTrouble
from runtime.world import Clock

PAGES = Path(__file__).parent / "web"
MOST_BYTES = 1 << 16
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOREVER = "public, max-age=31536000, immutable"
_AGAIN = (
    Reason.APPROVED_TWICE,
    Reason.SIGNATURE_TWICE,
    Reason.ACTIVATION_OLD,
    Reason.OTHER_VIEW,
    Reason.REVOKED,
    Reason.SET_ASIDE,
)


class Settings(BaseModel):
    """Where a desk finds what it works with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: Path
    root: Path
    inbox: Path
    origin: Origin
    designer: Origin | None = None
    """Where people go back to."""
    pages: Path = PAGES


class Desk:
    """The files behind the pages. The root is read again when its file changes."""

    def __init__(self, settings: Settings, kernel: Kernel, clock: Clock) -> None:
        self.settings, self.kernel, self.clock = settings, kernel, clock
        self.store, self.inbox = ReleaseStore(settings.store), Inbox(settings.inbox)
        self.turn = threading.Lock()
        self._root: tuple[bytes, Root] | None = None
        self.since: dict[str, int] = {}
        """The first version of the trust root that lists a key for its person without a break."""

    def where(self) -> Where:
        at_ms = self.clock.now_ms()
        return Where(self.store, self.root(at_ms), self.kernel, at_ms)

    def root(self, at_ms: int) -> Root:
        """The newest root; refused where the file is none, or its last version expired."""
        data = self.settings.root.read_bytes()
        if self._root is None or self._root[0] != data:
            trust = check_trust(data, at_ms)
            self._root, self.since = (data, trust.root), reading.listed_since(trust.chain)
        return self._root[1]


def create_app(desk: Desk) -> Flask:
    """The application. Everything it serves of its own stands in memory from the start."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    guarded(app, desk.settings.origin)
    _failing(app)
    _reads(app, desk)
    _takes(app, desk)
    _pages(app, desk.settings.pages)
    return app


def _reads(app: Flask, desk: Desk) -> None:
    rules = reading.rules_view()

    @app.get("/api/desk")
    def about() -> Any:
        where = desk.where()
        return {
            "origin": desk.settings.origin,
            "designer": desk.settings.designer,
            "at": from_ms(where.at_ms),
            "root": reading.root_view(where.root) | {"since": desk.since},
            "policies": rules,
        }

    @app.get("/api/sha256/<name>")
    def content(name: str) -> Response:
        answer = Response(desk.store.get(name), mimetype="application/octet-stream")
        answer.headers["Cache-Control"] = _FOREVER
        return answer

    @app.get("/api/waiting")
    def waiting() -> Any:
        return reading.waiting_view(desk.where())

    @app.get("/api/releases/<release>")
    def release_of(release: str) -> Any:
        return reading.release_view(desk.where(), release)

    @app.get("/api/masters/<master>")
    def master_of(master: str) -> Any:
        return reading.master_view(desk.where(), master)


def _takes(app: Flask, desk: Desk) -> None:
    @app.post("/api/envelopes")
    def envelope() -> Any:
        data = request.get_data()
        with desk.turn:
            taken = take(desk.where(), data)
        return _refused(taken) if isinstance(taken, Refusal) else (taken._asdict(), 201)

    @app.post("/api/enrolments")
    def enrolment() -> Any:
        data = request.get_data()
        with desk.turn:
            where = desk.where()
            kept = desk.inbox.put(data, where.root, desk.settings.origin, where.at_ms)
        if isinstance(kept, Refusal):
            return _refused(kept)
        return {"person": kept.asked.key.person, "key": kept.keyid, "phrase": phrase(data)}, 201


def _pages(app: Flask, folder: Path) -> None:
    files = {
        f"/{file.relative_to(folder).as_posix()}": (file.read_bytes(), _TYPES[file.suffix])
        for file in sorted(folder.rglob("*"))
        if file.suffix in _TYPES
    }

    def page(path: str = "") -> Any:
        found = files.get(f"/{path}")
        if found is None and path.startswith(("api/", "assets/")):
            return {"error": "not-found", "sentence": "There is nothing here."}, 404
        data, kind = found or files.get("/index.html", (b"The pages of the desk are not built.", "text/plain"))
        answer = Response(data, mimetype=kind)
        answer.headers["Cache-Control"] = _FOREVER if path.startswith("assets/") else "no-cache"
        return answer

    app.add_url_rule("/", "page", page, methods=["GET"])
    app.add_url_rule("/<path:path>", "page-of", page, methods=["GET"])


def _failing(app: Flask) -> None:
    """Every failure is a sentence; none tells of the inside."""

    @app.errorhandler(StoreTrouble)
    def trouble(error: StoreTrouble) -> Any:
        return {"error": "not-in-store", "sentence": str(error)}, 404 if isinstance(error, NotInStore) else 422

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Any:
        return _refused(error.refusal)

    @app.errorhandler(RowRefused)
    def row_refused(error: RowRefused) -> Any:
        return {"error": Reason.ROW_REFUSED, "sentence": str(error)}, 422

    @app.errorhandler(HTTPException)
    def plain(error: HTTPException) -> Any:
        return {"error": error.name.lower().replace(" ", "-"), "sentence": f"{error.name}."}, error.code or 500

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Any:
        app.logger.error("fault of the desk: %s", type(error).__name__)
        return {"error": "fault", "sentence": "The desk failed; nothing was signed or kept."}, 500


def _refused(refusal: Refusal) -> tuple[dict[str, str], int]:
    status = 409 if refusal.reason in _AGAIN else 422
    return {"error": str(refusal.reason), "sentence": refusal.sentence}, status


def usable_origin(text: str) -> bool:
    """Whether a desk can be served there."""
    try:
        TypeAdapter(Origin).validate_python(text)
    except ValueError:
        return False
    return True
