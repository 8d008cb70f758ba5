"""The child that asks hl7apy: a line with structure, version and segment names in; a line with codes and places out.

It ends itself where one question takes too long or too much memory, even when nobody is left to kill it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hl7apy import load_reference
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message

_MEMORY = 1 << 30
_MOST_NAMED = 40
_MOST_WRITTEN = 4_000
Departure = tuple[str, str]


def main(longest_s: int) -> None:
    """Answer until the questions end."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin.buffer:
        signal.alarm(longest_s)
        os.write(sys.stdout.fileno(), _line(departures(**json.loads(line))))
        signal.alarm(0)


def departures(structure: str, version: str, segments: list[str]) -> list[Departure]:
    """Where a message of these segments departs from its structure. Z segments may stand anywhere."""
    segments = [name for name in segments if not name.startswith("Z")]
    header = f"MSH|^~\\&|||||||{structure.replace('_', '^')}^{structure}|1|P|{version}"
    text = "\r".join([header, *(f"{name}|" for name in segments)])
    try:
        message = parse_message(text, find_groups=True, validation_level=VALIDATION_LEVEL.TOLERANT)
        if message.name != structure:
            return [("structure-unknown", "MSH-9")]
        return [*_in(message, structure, ""), *_left_out(message, segments)]
    except Exception:  # noqa: BLE001  hl7apy raises IndexError, AttributeError and more on odd sequences
        return [("unreadable", structure)]


def _left_out(message: Any, segments: list[str]) -> Iterator[Departure]:
    """Segments without a place in the structure: hl7apy passes over them in silence."""
    placed = Counter(_names(message))
    yield from (("segment-unexpected", name) for name in Counter(segments) - placed)


def _names(element: Any) -> Iterator[str]:
    for child in element.children:
        if child.classname == "Group":
            yield from _names(child)
        else:
            yield child.name


def _in(element: Any, structure: str, above: str) -> Iterator[Departure]:
    """The departures in a message or a group: children too few, too many, or not of it."""
    kind, children = load_reference(element.name, element.classname, element.version)[:2]
    count = Counter(child.name for child in element.children)
    for name, _, (least, most), _ in children:
        place = above + name.removeprefix(f"{structure}_")
        if count[name] < least and kind != "choice":
            yield "segment-missing", place
        if -1 < most < count[name]:
            yield "segment-repeated", place
    if kind == "choice" and not count:
        yield "segment-missing", above.rstrip("/")
    for child in element.children:
        if child.classname == "Group":
            yield from _in(child, structure, above + child.name.removeprefix(f"{structure}_") + "/")


def _line(found: list[Departure]) -> bytes:
    """At most so many departures, each once, that the line passes a pipe whole."""
    each = list(dict.fromkeys(found))[:_MOST_NAMED]
    line = json.dumps(each).encode()
    while len(line) > _MOST_WRITTEN:
        each.pop()
        line = json.dumps(each).encode()
    return line + b"\n"


if __name__ == "__main__":
    main(int(sys.argv[1]))
