"""Every noun of the API, found under designer/http: a new file there needs no list."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import designer.http
from designer.http.routes import Noun


def nouns() -> tuple[Noun, ...]:
    """The blueprints of all files here that have an ``api``."""
    return tuple(_found())


def _found() -> Iterator[Noun]:
    for module in sorted(each.name for each in pkgutil.iter_modules(designer.http.__path__)):
        api = getattr(importlib.import_module(f"designer.http.{module}"), "api", None)
        if isinstance(api, Noun):
            yield api
