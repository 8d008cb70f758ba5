"""Hostile text in names, titles, notes and summaries is text: stored, shown and drawn as it is, never as markup."""

from __future__ import annotations

import json
import unicodedata
import xml.etree.ElementTree as ET
from typing import Any

from tests.designer.hostile import TEXTS
from tests.designer.office import Browser, Office

DRAWN = "{http://www.w3.org/2000/svg}"
ALLOWED = {
    f"{DRAWN}{name}"
    for name in ("svg", "title", "desc", "rect", "polyline", "path", "g", "text", "line", "circle", "tspan")
}


def begun(office: Office) -> tuple[Browser, dict[str, Any]]:
    ana = office.signed_in("ana")
    return ana, ana.given(ana.post("/drafts", {"name": "x", "from": {"pattern": "supply-consumption"}}), 201)


def same(one: str, other: str) -> bool:
    """Alike to people: texts are kept in NFC."""
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def test_there_are_two_hundred_of_them() -> None:
    assert len(set(TEXTS)) >= 200


def test_hostile_names_titles_notes_and_summaries_are_kept_as_text(office: Office) -> None:
    ana, draft = begun(office)
    document, number = draft["document"], 1
    for text in TEXTS:
        document["name"] = document["steps"][1]["title"] = text[:200]
        document["notes"] = [{"id": "note", "text": text, "at": [0, 0]}]
        answer = ana.put(f"/drafts/{draft['id']}", {"revision": number, "document": document, "summary": text[:200]})
        number = ana.given(answer)["revision"]
        assert answer.mimetype == "application/json"
        kept = ana.given(ana.get(f"/drafts/{draft['id']}"))
        assert same(kept["document"]["name"], text[:200])
        assert same(kept["document"]["notes"][0]["text"], text)
        newest = ana.given(ana.get(f"/drafts/{draft['id']}/revisions?limit=1"))["revisions"][0]
        assert same(newest["summary"], text[:200])


def test_hostile_texts_in_a_picture_stay_text(office: Office) -> None:
    ana, draft = begun(office)
    document, number = draft["document"], 1
    for text in TEXTS:
        document["name"] = document["steps"][1]["title"] = text[:200]
        saved = ana.put(f"/drafts/{draft['id']}", {"revision": number, "document": document, "summary": ""})
        number = ana.given(saved)["revision"]
        answer = ana.get(f"/drafts/{draft['id']}/picture.svg")
        assert answer.status_code == 200
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        for element in ET.fromstring(answer.data).iter():
            assert element.tag in ALLOWED, f"{text!r} became {element.tag}"
            assert not any(name.lower().startswith("on") or "href" in name.lower() for name in element.attrib)


def test_hostile_texts_as_names_of_drafts_give_ids_of_plain_letters(office: Office) -> None:
    ana = office.signed_in("ana")
    flows = set()
    for text in TEXTS:
        answer = ana.post("/drafts", {"name": text[:200], "from": {"blank": True}})
        draft = ana.given(answer, 201)
        assert same(draft["document"]["name"], text[:200])
        assert draft["flow"].isascii()
        assert draft["flow"].replace("-", "").isalnum()
        flows.add(draft["flow"])
    assert len(flows) == len(TEXTS)
    listed = ana.given(ana.get("/flows"))["flows"]
    assert len(listed) == len(TEXTS)


def test_hostile_texts_in_questions_find_nothing_and_break_nothing(office: Office) -> None:
    ana, draft = begun(office)
    for text in TEXTS:
        for path, query in (
            ("/fields", {"accepts": "DFT^P03@2.3-2.8", "q": text[:100]}),
            (f"/drafts/{draft['id']}/wires/receive.out/check.in", {"q": text[:100]}),
            (f"/drafts/{draft['id']}/explain", {"field": text[:200], "sink": "decrement"}),
        ):
            answer = ana.get(path, query_string=query)
            assert answer.status_code in (200, 404, 422), f"{path} {text!r}: {answer.status_code}"
            json.loads(answer.data)


def test_hostile_texts_as_addresses_are_refused_or_not_there(office: Office) -> None:
    ana = office.signed_in("ana")
    for text in TEXTS:
        for path in ("drafts", "flows", "people"):
            answer = ana.client.get(f"/api/v1/{path}/{text[:50]}", base_url="http://localhost:8080")
            assert answer.status_code in (200, 301, 308, 404, 405, 421, 422), f"{path} {text!r}: {answer.status_code}"
            assert answer.status_code != 200 or answer.mimetype == "application/json"


def test_hostile_texts_as_accepted_types_are_refused_with_a_sentence(office: Office) -> None:
    ana = office.signed_in("ana")
    for text in TEXTS:
        answer = ana.get("/fields", query_string={"accepts": text[:100]})
        assert answer.status_code == 422
        assert answer.get_json()["sentence"]
