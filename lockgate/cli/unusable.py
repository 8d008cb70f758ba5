"""What the command line cannot use: one line with file and place, and exit status 2."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from flows.canonical import NotCanonical, loads_strict
from flows.refusals import pointer, sentence

M = TypeVar("M", bound=BaseModel)
MAX_FILE = 64 << 20


class Unusable(Exception):
    """Input that cannot be used. The text is the one line that is printed."""


def read(path: Path, what: str, *, limit: int = MAX_FILE) -> bytes:
    """The bytes of a file that somebody named. What is no file might never end, and is not waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise Unusable(f"{path}: this is {'a folder' if stat.S_ISDIR(mode) else 'no file'}, not {what}.")
            data = file.read(limit + 1)
    except IsADirectoryError:
        raise Unusable(f"{path}: this is a folder, not {what}.") from None
    except FileNotFoundError:
        raise Unusable(f"{path}: there is no such file ({what}).") from None
    except OSError as error:
        raise Unusable(f"{path}: {what} cannot be read ({error.strerror}).") from None
    if len(data) > limit:
        raise Unusable(f"{path}: {what} has more than {limit} bytes.")
    return data


def write(path: Path, data: bytes, what: str, *, secret: bool = False) -> None:
    """Writes a new file; an existing one is never overwritten."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600 if secret else 0o644, exist_ok=False)
        path.write_bytes(data)
    except FileExistsError:
        raise Unusable(f"{path}: exists already; {what} is never written over.") from None
    except OSError as error:
        raise Unusable(f"{path}: {what} cannot be written ({error.strerror}).") from None


def replace(path: Path, data: bytes, what: str) -> None:
    """Puts a new version in the place of a file, whole or not at all."""
    passing = path.with_name(f".{path.name}.new")
    try:
        passing.write_bytes(data)
        passing.replace(path)
    except OSError as error:
        raise Unusable(f"{path}: {what} cannot be written ({error.strerror}).") from None


def read_model(path: Path, model: type[M], what: str) -> M:
    """A strict JSON file as its model; the first thing wrong with it is the one line."""
    try:
        return model.model_validate(loads_strict(read(path, what), limit=MAX_FILE))
    except NotCanonical as error:
        raise Unusable(f"{path}: {error}") from None
    except ValidationError as error:
        raise Unusable(f"{path}: {first_of(error)}") from None


def first_of(error: ValidationError) -> str:
    """The first thing that a model refuses, with its place, in our words."""
    first = error.errors(include_url=False, include_input=False)[0]
    return f"at {pointer(first['loc']) or '/'}: {sentence(first)}"
