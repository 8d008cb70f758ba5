"""The version of this distribution."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def release() -> str:
    """Its number; 0 where it is not installed."""
    try:
        return version("lockgate")
    except PackageNotFoundError:
        return "0"
