"""The page of a stand-in."""

from __future__ import annotations

import json
from pathlib import Path

from lockgate.demo.ledger import Ledger
from lockgate.demo.showing import SHOWN, Page

HOSTILE = "<img src=x onerror=alert(1)>\u202e'\"&"


def page(folder: Path, *materials: str) -> Page:
    ledger = Ledger(folder / "erp.jsonl")
    for material in materials:
        ledger.add("applied", body={"material": material, "quantity": "2"}, document={"document": "4900000001"})
    return Page("ERP <inventory>", folder / "erp.jsonl", ["material", "quantity"])


def test_what_was_received_stands_on_the_page_newest_first(tmp_path: Path) -> None:
    shown = page(tmp_path, "40001201", "40001202").answer("/")
    assert shown is not None and shown.kind.startswith("text/html")
    text = shown.body.decode()
    assert text.index("40001202") < text.index("40001201")
    assert "2 postings applied" in text and "4900000001" in text


def test_hostile_text_stays_text_and_no_other_code_is_let_in(tmp_path: Path) -> None:
    shown = page(tmp_path, HOSTILE).answer("/")
    assert shown is not None
    text = shown.body.decode()
    assert "<img" not in text and "ERP <inventory>" not in text and "&lt;img" in text
    policy = dict(shown.headers)["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy


def test_rows_go_on_from_where_they_were_read_last_and_never_grow_beyond_a_page(tmp_path: Path) -> None:
    made = page(tmp_path, "A")
    first = made.answer("/rows")
    page(tmp_path, *(str(number) for number in range(SHOWN + 5)))
    then = made.answer("/rows")
    assert first is not None and then is not None
    assert len(json.loads(first.body)["rows"]) == 1
    told = json.loads(then.body)
    assert len(told["rows"]) == SHOWN and told["sentence"].startswith(f"{SHOWN + 6} postings applied")


def test_only_its_own_files_are_given(tmp_path: Path) -> None:
    made = page(tmp_path)
    assert made.answer("/page.js") and made.answer("/page.css")
    assert made.answer("/../ledger.py") is None and made.answer("/inventory") is None
