"""The last check before a sink: the bytes that would go out hold only fields of the signed contract.

It reads the finished body and nothing else. It shares no code with lineage, nodes or the compiler, so that a mistake
there cannot also hide here. What it refuses is parked with the cause ``guard``; nothing of it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

MAX_BODY = 1 << 20


class GuardRefusal(Exception):
    """The body is not what was signed. The sentence names a field, never a value."""


class Guard(NamedTuple):
    """The signed field list of one sink as a tree: name -> names below, or None where any scalar may stand."""

    tree: Mapping[str, Any]

    @classmethod
    def of(cls, paths: Iterable[str]) -> Guard:
        """From record paths such as ``material`` and ``lines.quantity``."""
        tree: dict[str, Any] = {}
        for path in paths:
            *above, last = path.split(".")
            node = tree
            for name in above:
                below = node.get(name)
                if below is None:
                    below = node[name] = {}
                node = below
            node.setdefault(last, None)
        return cls(tree)

    def check(self, body: bytes) -> None:
        """GuardRefusal unless ``body`` is a JSON object of signed fields."""
        if len(body) > MAX_BODY:
            raise GuardRefusal("The body is larger than 1 MiB.")
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise GuardRefusal("The body is not JSON.") from None
        if type(document) is not dict:
            raise GuardRefusal("The body is not a JSON object.")
        _check(document, self.tree, "")


def signed_headers(carrier: str, config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The headers that a sink of this signed config may set: over HTTP those of JSON and what the config fixes; over
    any other carrier none, for there the carrier makes whatever goes before the body."""
    if carrier != "http":
        return ()
    fixed = config.get("headers", {})
    return (("Content-Type", "application/json"), ("Accept", "application/json"), *sorted(fixed.items()))


def _check(document: dict[str, Any], tree: Mapping[str, Any], place: str) -> None:
    for name, value in document.items():
        if name not in tree:
            raise GuardRefusal(f"A field under '{place or 'the top'}' is not in the signed contract.")
        kind = type(value)
        if kind is dict or kind is list:
            _check_below(value, tree[name], f"{place}.{name}" if place else name)


def _check_below(value: Any, below: Mapping[str, Any] | None, place: str) -> None:
    if type(value) is list:
        for item in value:
            if type(item) is dict or type(item) is list:
                _check_below(item, below, place)
    elif below is None:
        raise GuardRefusal(f"'{place}' holds an object; the signed contract has a plain value there.")
    else:
        _check(value, below, place)
