"""The page of a stand-in: what it received, newest first, as plain HTML that keeps itself new with one small script."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from lockgate.demo.ledger import Entry, whole_lines

SHOWN = 60
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/page.css"><script src="/page.js" defer></script>
</head>
<body>
<main>
<p class="demo">Demo stand-in. Demo trust, synthetic data</p>
<h1>{title}</h1>
<p>What this system received, the newest first. It sees these fields and nothing else of a message.</p>
<div class="bar"><p id="said">{sentence}</p><button id="hold" type="button">Pause</button></div>
<section tabindex="0" aria-label="Postings">
<table><caption>Postings</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
</section>
</main>
</body>
</html>
"""


class Shown(NamedTuple):
    """What a browser gets."""

    kind: str
    body: bytes
    headers: Sequence[tuple[str, str]] = HEADERS


class Page:
    """The page over one ledger, read on from where it was read last. ``columns`` are members of what was posted."""

    def __init__(self, title: str, ledger: Path, columns: Sequence[str]) -> None:
        self._title, self._ledger, self._columns = title, ledger, tuple(columns)
        self._read = 0
        self._counts: Counter[str] = Counter()
        self._newest: list[Entry] = []

    def answer(self, path: str) -> Shown | None:
        """The page, its script, its style or its rows; None for any other path."""
        if path in ("/page.js", "/page.css"):
            kind = "text/javascript" if path.endswith("js") else "text/css"
            return Shown(f"{kind}; charset=utf-8", (resources.files(__package__) / "page" / path[1:]).read_bytes())
        if path == "/rows":
            told = {"sentence": self._sentence(), "rows": self._rows()}
            return Shown("application/json", json.dumps(told).encode())
        return Shown("text/html; charset=utf-8", self._page().encode()) if path == "/" else None

    def _page(self) -> str:
        sentence = self._sentence()
        heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("received", "document", *self._columns))
        cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self._rows())
        rows = "".join(f"<tr>{row}</tr>" for row in cells)
        return _PAGE.format(title=escape(self._title), sentence=escape(sentence), heads=heads, rows=rows)

    def _sentence(self) -> str:
        self._read_on()
        counts = self._counts
        beside = sum(number for event, number in counts.items() if event not in ("applied", "repeat"))
        return (
            f"{_number(counts['applied'], 'posting')} applied, {_number(counts['repeat'], 'repeat')} recognised,"
            f" {beside} answered with a fault. As of {_clock(time.time())} UTC."
        )

    def _rows(self) -> list[list[str]]:
        return [self._row(entry) for entry in reversed(self._newest)]

    def _row(self, entry: Entry) -> list[str]:
        body = entry["body"]
        return [_clock(entry["at"] / 1000), _document(entry), *(_text(body, name) for name in self._columns)]

    def _read_on(self) -> None:
        entries, self._read = whole_lines(self._ledger, self._read)
        self._counts.update(entry["event"] for entry in entries)
        self._newest = [*self._newest, *(entry for entry in entries if entry["event"] == "applied")][-SHOWN:]


def _document(entry: Entry) -> str:
    said = entry["document"]
    return str(next(iter(said.values()), "")) if isinstance(said, Mapping) else str(said)


def _text(body: Mapping[str, object], name: str) -> str:
    """A member, whatever the case of its first letter: contracts of REST and of SOAP differ in that."""
    return str(body.get(name, body.get(name[:1].upper() + name[1:], "")))


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")
