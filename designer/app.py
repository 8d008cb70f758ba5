"""Puts a designer together: settings and the world in, one WSGI application out."""

from __future__ import annotations

import threading

from flask import Flask

from designer import library, rehearsals
from designer.accounts import Strangers
from designer.context import NAME, Designer
from designer.database import Database
from designer.drawing import Drawing
from designer.http.guard import guarded
from designer.http.nouns import nouns
from designer.http.pages import paged
from designer.http.service import Service
from designer.live import Live
from designer.master_book import Books
from designer.pens import Pens
from designer.pulse import Pulse
from designer.rehearsals import Rehearsals
from designer.rights import shipped
from designer.sealing import Sealing
from designer.sessions import Seen
from designer.settings import Settings
from designer.trusted import Trusted
from designer.watching import Watch
from runtime.api import RuntimeClient
from runtime.store import ReleaseStore
from runtime.world import Clock, Randomness, SystemClock, SystemRandomness


def designer_of(
    settings: Settings, clock: Clock | None = None, randomness: Randomness | None = None, *, upgrade: bool = True
) -> Designer:
    """A designer with its database brought up to date."""
    clock = clock or SystemClock()
    database = Database(settings.data, clock)
    if upgrade:
        database.upgrade()
    return Designer(
        settings=settings,
        clock=clock,
        randomness=randomness or SystemRandomness(),
        database=database,
        rights=shipped(),
        trusted=Trusted(settings.root, clock),
        drawing=Drawing(settings.environment, clock),
        books=Books(),
        live=Live(),
        strangers=Strangers(),
        seen=Seen(),
        pens=Pens(settings.pen_seconds * 1000),
        rehearsals=Rehearsals(settings),
        sealing=Sealing(settings.data, randomness or SystemRandomness()),
        store=ReleaseStore(settings.store),
        runtime=RuntimeClient(settings.runtime, timeout_s=10.0),
    )


def create_app(designer: Designer) -> Flask:
    """The application: API, pages and sockets, all behind the guard."""
    app = Service()
    app.config["MAX_CONTENT_LENGTH"] = designer.settings.body_bytes
    app.extensions[NAME] = designer
    guarded(app, designer.settings)
    for noun in nouns():
        app.register_api(noun)
    paged(app, designer.settings.pages)
    designer.live.attach(app, designer)
    return app


def begin(designer: Designer) -> None:
    """What runs beside the answers: counters for whoever looks, and tables read before the first draft needs them."""
    Pulse(designer).start()
    Watch(designer).start()
    threading.Thread(target=_warm, args=(designer,), name="warm", daemon=True).start()


def _warm(designer: Designer) -> None:
    """Reads what the first draft, and the first sample in its child, would otherwise wait for."""
    library.warm(designer.drawing)
    first = next(iter(library.shipped().values()), None)
    if first is not None:
        rehearsals.warm(designer.rehearsals, designer.drawing, first.document)
