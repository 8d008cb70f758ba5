"""Frames: what senders wrap around a message, how they end segments, and in which letters they write."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.formats.hl7v2.frame import Opened, Unreadable, opened

HEAD = "MSH|^~\\&|A|B|||1||ADT^A01|1|P|2.5"
TEXT = f"{HEAD}\rEVN|A01\rPID|1||4711"


def declaring(charset: str, name: str = "Müller") -> str:
    return f"{HEAD}||||||{charset}\rPID|1||||{name}"


def text_of(frame: bytes, **settings: str) -> str:
    result = opened(frame, **settings)  # type: ignore[arg-type]  # the settings are literals
    assert isinstance(result, Opened), result
    return result.text


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r", "\n\n", "\r\n\r\n"])
@pytest.mark.parametrize("tail", ["", "\r", "\n", "\r\n", "\r\n\x1a", "\r\x1c\r"])
@pytest.mark.parametrize("front", ["", "\ufeff", "\r\n", "\x0b", "FHS|^~\\&|A\rBHS|^~\\&|B\r", "\ufeffBHS|^~\\&\r\n"])
@pytest.mark.parametrize("batch", ["", "\rBTS|1", "\r\nBTS|1\r\nFTS|1"])
def test_ends_marks_and_batches_leave_one_message(end: str, tail: str, front: str, batch: str) -> None:
    result = opened((front + TEXT.replace("\r", end) + batch + tail).encode())
    assert isinstance(result, Opened)
    assert (result.text, result.several, result.broken) == (TEXT, None, None)


def test_mixed_ends_are_ends() -> None:
    assert text_of(f"{HEAD}\r\nEVN|A01\nPID|1||4711\r".encode()) == TEXT


def test_a_source_may_insist_on_cr() -> None:
    assert opened(TEXT.replace("\r", "\n").encode(), ends="cr") == Unreadable("line-feed", "segment 1", _msh())
    assert text_of(TEXT.encode(), ends="cr") == TEXT


def _msh() -> list[str]:
    result = opened(HEAD.encode())
    assert isinstance(result, Opened)
    return result.msh


@pytest.mark.parametrize(
    "frame",
    [b"", b"\r", b"PID|1", b"BHS|^~\\&\rBTS|0", TEXT.encode("utf-16"), b"msh|^~\\&|", b"ISA*00*" + b" " * 98 + b"~"],
)
def test_what_does_not_start_with_a_header_has_no_answer(frame: bytes) -> None:
    assert opened(frame) == Unreadable("no-header", "MSH", None)


def test_a_nul_is_refused_with_its_segment() -> None:
    result = opened(f"{TEXT}\0".encode())
    assert isinstance(result, Unreadable)
    assert (result.code, result.place) == ("nul-character", "segment 3")


@pytest.mark.parametrize(
    ("declared", "charset"),
    [
        ("", "utf-8"),
        ("ASCII", "utf-8"),
        ("UNICODE UTF-8", "utf-8"),
        ("UTF-8~UNICODE", "utf-8"),
        ("8859/1", "latin-1"),
        ("8859/15", "iso8859-15"),
        ("ISO 8859-1", "latin-1"),
        ("GB 18030-2000", "gb18030"),
    ],
)
def test_the_charset_of_msh_18_decodes_the_message(declared: str, charset: str) -> None:
    text = declaring(declared)
    assert text_of(text.encode(charset)) == text


def test_japanese_senders_switch_charsets_inside_fields() -> None:
    text = declaring("~ISO IR87", "山田^太郎|花子")
    assert b"|" in "山田太郎花子".encode("iso2022_jp_2") or text_of(text.encode("iso2022_jp_2")) == text
    assert text_of(text.encode("iso2022_jp_2")) == text


def test_a_delimiter_that_is_half_of_a_chinese_letter_splits_nothing() -> None:
    text = declaring("GB 18030-2000", "瘄^x").replace("|A|B|", "|瘄|瘄|")
    encoded = text.encode("gb18030")
    result = opened(encoded)
    assert isinstance(result, Opened)
    assert (result.text, result.msh[3], result.msh[4]) == (text, "瘄", "瘄")


def test_bytes_that_the_charset_does_not_allow_are_refused_with_their_segment() -> None:
    for declared in ("UNICODE UTF-8", "ASCII", ""):
        result = opened(declaring(declared).encode("cp1252"))
        assert isinstance(result, Unreadable)
        assert (result.code, result.place) == ("charset", "segment 2")


def test_a_declared_fallback_reads_what_the_charset_does_not_allow() -> None:
    text = declaring("UNICODE UTF-8")
    result = opened(text.encode("cp1252"), fallback="cp1252")
    assert isinstance(result, Opened)
    assert (result.text, result.codec) == (text, "cp1252")


def test_an_unknown_charset_is_refused_unless_the_bytes_are_ascii_anyway() -> None:
    result = opened(declaring("KLINGON").encode())
    assert isinstance(result, Unreadable)
    assert (result.code, result.place) == ("charset", "MSH-18")
    assert text_of(declaring("KLINGON", "Smith").encode()) == declaring("KLINGON", "Smith")


@pytest.mark.parametrize("name", ["\ud800", "\udcff"])
def test_lone_surrogates_and_overlong_forms_are_refused(name: str) -> None:
    assert isinstance(opened(declaring("", name).encode("utf-8", "surrogatepass")), Unreadable)
    assert isinstance(opened(declaring("").encode().replace("ü".encode(), b"\xc0\xaf")), Unreadable)


def test_a_second_header_and_a_broken_line_are_named_by_their_place() -> None:
    result = opened(f"{TEXT}\rXX|1\r{HEAD}\rEVNX|2".encode())
    assert isinstance(result, Opened)
    assert (result.several, result.broken) == ("segment 5", "segment 4")


@pytest.mark.parametrize("wrapping", [b"FHS\r", b"\r\n", b"BHS|1 \t\x0b"])
def test_a_frame_of_nothing_but_wrapping_is_looked_at_once(wrapping: bytes) -> None:
    start = time.process_time()
    assert isinstance(opened(wrapping * (1 << 18)), Unreadable)
    assert isinstance(opened(TEXT.encode() + b"\rBTS|1" * (1 << 17)), Opened)
    assert time.process_time() - start < 2


@given(st.binary(max_size=300))
def test_no_bytes_raise(frame: bytes) -> None:
    assert isinstance(opened(frame), Opened | Unreadable)
    assert isinstance(opened(b"MSH|" + frame, "cp1252"), Opened | Unreadable)


@given(st.text(max_size=200), st.sampled_from(("UNICODE UTF-8", "8859/1", "~ISO IR87", "BIG-5", "KS X 1001", "x")))
def test_no_text_raises_in_any_charset(text: str, declared: str) -> None:
    assert isinstance(opened((declaring(declared) + text).encode("utf-8", "replace")), Opened | Unreadable)
