"""Canaries: values that nobody says by chance, and the scanner that finds them wherever they got to, however spelt.

Every canary begins with one of two marks, one of letters and one of digits, so that a scan looks for a few patterns
however many canaries there are. It looks in files, their names, the rows of databases (a value may lie on several
pages), compressed streams wherever they begin, and in the arguments and environments of processes.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

LETTERS, DIGITS = "QZXJVKWYPB", "7391846205"
"""What every canary begins with. They stand in no product, no corpus and no dictionary."""
MARKS = (LETTERS, DIGITS)
MOST_INFLATED, DEEPEST, BATCH = 16 << 20, 3, 1 << 20
_STREAM = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04")
_SQLITE = b"SQLite format 3\0"


class Hit(NamedTuple):
    """A canary where none may be: the place, and how it was spelt."""

    place: str
    form: str


class Canaries:
    """Hands out one canary a field, and knows them again."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self.by_value: dict[str, str] = {}

    def text(self, field: str) -> str:
        return self._kept(field, LETTERS + base64.b32encode(self._drawn(field)).decode("ascii")[:8])

    def digits(self, field: str) -> str:
        return self._kept(field, DIGITS + f"{int.from_bytes(self._drawn(field)[:4], 'big') % 1_000_000:06d}")

    def _drawn(self, field: str) -> bytes:
        return hashlib.sha256(f"{self._seed}:{len(self.by_value)}:{field}".encode()).digest()

    def _kept(self, field: str, value: str) -> str:
        self.by_value[value] = field
        return value


def forms(mark: str) -> Mapping[str, bytes]:
    """How a mark is found whatever stands around it, by the name of the spelling."""
    found: dict[str, bytes] = {}
    for case, text in {"": mark, " in small letters": mark.lower()}.items():
        raw = text.encode("utf-8")
        found |= {
            f"raw{case}": raw,
            f"hex{case}": raw.hex().encode(),
            f"HEX{case}": raw.hex().upper().encode(),
            f"UTF-16LE{case}": text.encode("utf-16-le"),
            f"UTF-16BE{case}": text.encode("utf-16-be"),
            f"URL-encoded{case}": "".join(f"%{each:02X}" for each in raw).encode(),
            f"url-encoded{case}": "".join(f"%{each:02x}" for each in raw).encode(),
            f"JSON escapes{case}": "".join(f"\\u{each:04x}" for each in raw).encode(),
        }
        for shift in range(3):
            found[f"base64+{shift}{case}"] = _in_base64(raw, shift)
    return found


def _in_base64(raw: bytes, shift: int) -> bytes:
    """The letters of base64 that hang on ``raw`` alone when it begins ``shift`` bytes into a group of three."""
    whole = base64.b64encode(bytes(shift) + raw + bytes(2))
    return whole[(0, 2, 3)[shift] : (shift + len(raw)) * 8 // 6]


class Scanner:
    """Looks for marks. ``beside`` are further texts that must not be found, each of a length that nothing hits upon."""

    def __init__(self, beside: Iterable[str] = ()) -> None:
        spelt = {needle: name for mark in (*MARKS, *beside) for name, needle in forms(mark).items()}
        self._names = spelt

    def data(self, data: bytes, place: str, deep: int = 0) -> list[Hit]:
        """In some bytes, and in what is compressed in them."""
        hits = [Hit(place, name) for needle, name in self._names.items() if needle in data]
        if deep < DEEPEST:
            for at, inflated in streams(data):
                hits += self.data(inflated, f"{place}, inflated from {at}", deep + 1)
        return hits

    def file(self, path: Path) -> list[Hit]:
        """In a file, and where it is a database in each of its values."""
        data = path.read_bytes()
        hits = self.data(data, str(path))
        if data.startswith(_SQLITE):
            for batch in batches(values(path)):
                if self.data(b"\0\0".join(value for _, value in batch), str(path)):
                    for where, value in batch:
                        hits += self.data(value, f"{path}: {where}")
        return hits

    def folder(self, folder: Path, leave_out: Iterable[Path] = ()) -> list[Hit]:
        """In everything below, names and where links lead included. ``leave_out``: files and folders that may hold
        canaries by their purpose."""
        without, hits = {each.resolve() for each in leave_out}, []
        for path in below(folder):
            if without.isdisjoint((path.resolve(), *path.resolve().parents)):
                hits += self.data(os.fsencode(path.relative_to(folder)), f"the name of {path}")
                if path.is_symlink():
                    hits += self.data(os.fsencode(path.readlink()), f"the link {path}")
                elif path.is_file():
                    hits += self.file(path)
        return hits

    def processes(self, session: int) -> list[Hit]:
        """In the arguments and environments of the processes of a session."""
        hits = []
        for pid in of_session(session):
            for name in ("cmdline", "environ", "comm"):
                with contextlib.suppress(OSError):  # it may have ended by now
                    hits += self.data(Path(f"/proc/{pid}/{name}").read_bytes(), f"/proc/{pid}/{name}")
        return hits


def below(folder: Path) -> Iterator[Path]:
    """Every entry below, hidden ones too."""
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(root, name)


def batches(found: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    """Values that are looked at together: a journal holds hundreds of thousands, and almost all of them are short."""
    batch, size = list[tuple[str, bytes]](), 0
    for each in found:
        batch.append(each)
        size += len(each[1])
        if size > BATCH:
            yield batch
            batch, size = [], 0
    yield batch


def streams(data: bytes) -> Iterator[tuple[int, bytes]]:
    """What can be inflated, wherever a zlib, gzip or zip stream seems to begin, with its place."""
    for found in _STREAM.finditer(data):
        at = found.start()
        if data[at : at + 2] == b"PK":
            head = data[at : at + 30]
            at += 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        inflated = _inflated(data, at, {b"PK": -15, b"\x1f\x8b": 31}.get(found[0][:2], 15))
        if len(inflated) >= min(map(len, MARKS)):
            yield at, inflated


def _inflated(data: bytes, at: int, window: int) -> bytes:
    """As much as can be inflated before the stream ends or turns out to be none."""
    reader, out = zlib.decompressobj(window), b""
    with contextlib.suppress(zlib.error):
        while at < len(data) and not reader.eof and len(out) < MOST_INFLATED:
            out += reader.decompress(data[at : at + 256], MOST_INFLATED)
            at += 256
    return out


def values(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every text and every blob of a SQLite database, whole, with its table and column."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.db")
        for suffix in ("", "-wal"):
            if Path(f"{path}{suffix}").exists():
                shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
        connection = sqlite3.connect(copy)
        connection.text_factory = bytes
        try:
            for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                rows = connection.execute(f'SELECT * FROM "{table.decode()}"')  # noqa: S608 - its own name
                names = [column[0] for column in rows.description]
                for row in rows:
                    for name, value in zip(names, row, strict=True):
                        if isinstance(value, bytes):
                            yield f"{table.decode()}.{name}", value
        finally:
            connection.close()


def of_session(session: int) -> list[int]:
    """The processes of a session, by number."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[3]) == session:
                    found.append(int(entry.name))
    return found
