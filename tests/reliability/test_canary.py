"""A leak is found, however it is spelt and wherever it lies; and what is no leak is not."""

from __future__ import annotations

import base64
import gzip
import io
import os
import sqlite3
import subprocess
import sys
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reliability.canary import MARKS, Canaries, Scanner, of_session

SCANNER = Scanner()
VALUES = [Canaries("test").text("PID-5.1"), Canaries("test").digits("PID-7")]
Leak = Callable[[bytes], bytes]


def zipped(data: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", data)
    return held.getvalue()


SPELT: dict[str, Leak] = {
    "raw": bytes,
    "in small letters": lambda data: data.lower(),
    "in quotes of JSON": lambda data: b'{"name":"%b"}' % data,
    "escaped in JSON": lambda data: b"".join(b"\\u%04x" % each for each in data),
    "URL-encoded, every byte": lambda data: b"".join(b"%%%02X" % each for each in data),
    "URL-encoded, in small letters": lambda data: b"".join(b"%%%02x" % each for each in data),
    "URL-encoded as browsers do": lambda data: urllib.parse.quote_from_bytes(data).encode(),
    "hex": lambda data: data.hex().encode(),
    "HEX": lambda data: data.hex().upper().encode(),
    "UTF-16LE": lambda data: data.decode("latin-1").encode("utf-16-le"),
    "UTF-16BE": lambda data: data.decode("latin-1").encode("utf-16-be"),
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
    "zlib": zlib.compress,
    "zlib without effort": lambda data: zlib.compress(data, 0),
    "gzip": gzip.compress,
    "zip": zipped,
    "gzip in zlib": lambda data: zlib.compress(gzip.compress(data)),
    "base64 in gzip": lambda data: gzip.compress(base64.b64encode(data)),
    "hex in a zip": lambda data: zipped(data.hex().encode()),
}


@pytest.mark.parametrize("spelt", SPELT.values(), ids=SPELT)
@settings(max_examples=40, deadline=None)
@given(
    value=st.sampled_from(VALUES), before=st.binary(max_size=40), after=st.binary(max_size=40),
    outside=st.binary(max_size=60),
)  # fmt: skip
def test_a_planted_value_is_found_whatever_stands_around_it(
    spelt: Leak, value: str, before: bytes, after: bytes, outside: bytes
) -> None:
    inner = before + value.encode() + after
    assert SCANNER.data(outside + spelt(inner) + outside, "here")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=4000))
def test_what_is_no_canary_is_no_hit(data: bytes) -> None:
    assert SCANNER.data(data, "here") == []
    assert SCANNER.data(zlib.compress(data), "here") == []


def as_file(folder: Path, leak: bytes) -> None:
    (folder / "service.log").write_bytes(b"nothing\n" + leak)


def as_hidden_core(folder: Path, leak: bytes) -> None:
    (folder / "tmp" / ".hidden").mkdir(parents=True)
    (folder / "tmp" / ".hidden" / "core.4711").write_bytes(os.urandom(70_000) + leak + os.urandom(70_000))


def as_file_name(folder: Path, leak: bytes) -> None:
    (folder / os.fsdecode(b"export-" + leak + b".csv")).touch()


def as_folder_name(folder: Path, leak: bytes) -> None:
    (folder / os.fsdecode(leak)).mkdir()


def as_link(folder: Path, leak: bytes) -> None:
    (folder / "link").symlink_to(os.fsdecode(b"/nowhere/" + leak))


def as_row_over_pages(folder: Path, leak: bytes) -> None:
    made = sqlite3.connect(folder / "books.db")
    made.execute("PRAGMA page_size = 512")
    made.execute("CREATE TABLE told (what BLOB)")
    made.executemany("INSERT INTO told VALUES (?)", [(bytes(n) + leak + bytes(3000 - n),) for n in range(300, 900, 7)])
    made.commit()
    made.close()


def as_row_in_the_log_alone(folder: Path, leak: bytes) -> None:
    made = sqlite3.connect(folder / "books.db")
    made.execute("PRAGMA journal_mode = wal")
    made.execute("CREATE TABLE told (what TEXT)")
    made.execute("INSERT INTO told VALUES (?)", (leak.decode("latin-1"),))
    made.commit()
    for name in ("books.db", "books.db-wal"):
        (folder / f"kept-{name}").write_bytes((folder / name).read_bytes())
    made.close()
    (folder / "books.db").unlink()


PLACES = [
    as_file, as_hidden_core, as_file_name, as_folder_name, as_link, as_row_over_pages, as_row_in_the_log_alone,
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", VALUES)
def test_a_leak_is_found_in_every_kind_of_place(
    tmp_path: Path, place: Callable[[Path, bytes], None], value: str
) -> None:
    place(tmp_path, b"beside")
    assert SCANNER.folder(tmp_path) == []
    for entry in tmp_path.iterdir():
        if entry.is_symlink() or entry.is_file():
            entry.unlink()
    if place is not as_hidden_core:
        place(tmp_path, value.encode())
    else:
        (tmp_path / "tmp" / ".hidden" / "core.4711").write_bytes(os.urandom(70_000) + value.encode() + bytes(9))
    assert SCANNER.folder(tmp_path)


def test_a_value_cut_over_pages_is_found_though_the_file_does_not_hold_it_whole(tmp_path: Path) -> None:
    as_row_over_pages(tmp_path, VALUES[0].encode())
    assert any("told.what" in hit.place for hit in SCANNER.folder(tmp_path))


@pytest.mark.parametrize("kind", ["argument", "environment"])
def test_a_leak_is_found_in_a_process(kind: str) -> None:
    given = [VALUES[0]] if kind == "argument" else []
    environment = {**os.environ, "HANDED": VALUES[0] if kind == "environment" else "nothing"}
    waits = "import sys; print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", waits, *given], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stdin is not None
        process.stdout.readline()
        assert of_session(process.pid) == [process.pid]
        hits = SCANNER.processes(process.pid)
        process.stdin.close()
    assert [hit.place.rpartition("/")[2] for hit in hits] == ["cmdline" if kind == "argument" else "environ"]


def test_what_may_hold_them_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "sender").mkdir()
    (tmp_path / "sender" / "sent.hl7").write_text(VALUES[0])
    assert SCANNER.folder(tmp_path) and SCANNER.folder(tmp_path, [tmp_path / "sender"]) == []
    assert SCANNER.folder(tmp_path, [tmp_path / "sender" / "sent.hl7"]) == []


def test_every_canary_is_its_own_and_begins_with_a_mark() -> None:
    made = Canaries("one")
    drawn = [made.text(f"field {n}") for n in range(500)] + [made.digits(f"number {n}") for n in range(500)]
    assert len(set(drawn)) == 1000 and all(each.startswith(MARKS) for each in drawn)
    assert made.by_value[drawn[3]] == "field 3"
