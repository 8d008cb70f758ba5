"""Which tab of a browser asks: it calls itself by a random word, so that two tabs of one person are told apart."""

from __future__ import annotations

import re

from flask import request

HEADER = "X-Lockgate-Tab"
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")


def tab() -> str:
    """The word; "" for a client that has none."""
    return known(request.headers.get(HEADER, ""))


def known(word: object) -> str:
    """A word that can stand for a tab, else ""."""
    return word if isinstance(word, str) and _WORD.fullmatch(word) else ""
