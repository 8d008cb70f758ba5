"""Small files of the release store that nobody signed: one model each as canonical JSON, bounded, read strictly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from flows.canonical import NotCanonical, load_canonical
from runtime.store import NotInStore, StoreTrouble

Kind = TypeVar("Kind", bound=BaseModel)


class Unreadable(Exception):
    """Something lies there that says nothing."""


def read(model: type[Kind], fetch: Callable[[int], bytes], most: int) -> Kind:
    """What a file says, of at most ``most`` bytes. NotInStore where there is none, Unreadable for anything else."""
    try:
        data = fetch(most)
        load_canonical(data, limit=most)
        return model.model_validate_json(data, strict=True)
    except NotInStore:
        raise
    except (StoreTrouble, OSError, NotCanonical, ValidationError, RecursionError) as error:
        raise Unreadable from error
