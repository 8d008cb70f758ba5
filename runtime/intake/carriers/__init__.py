"""Carriers: the protocols by which messages come in, one file each. A source names the one that it listens by."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from runtime.intake.source import Carrier


@cache
def carriers() -> dict[str, Carrier]:
    """Every protocol that this runtime speaks, by its name."""
    names = [found.name for found in pkgutil.iter_modules(__path__)]
    return {name: importlib.import_module(f"{__name__}.{name}").CARRIER for name in names}
