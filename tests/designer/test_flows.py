"""The list of flows, what is live, and drafts that go on from it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from designer import operating
from designer.http.models.catalogue import LiveCard
from flows.instants import from_ms
from flows.release import Claims, Sealed, seal
from flows.trust import Activation
from lockgate.keys import new_key, sign_statement
from runtime.kernel import kernel
from tests.designer.office import NOON, SUPPLY, Browser, Office

DAY_MS = 86_400_000


def sealed(office: Office) -> str:
    """Supply consumption, sealed and put into the store."""
    claims = Claims(authors=("ben",), made=from_ms(NOON), expires=from_ms(NOON + DAY_MS), epoch=0)
    files = office.designer.drawing.files()
    made = seal((SUPPLY / "flow.json").read_bytes(), files.data, files.read, kernel(), claims)
    assert isinstance(made, Sealed), made
    return office.designer.store.put_release(made.manifest, made.attachments)


def live(office: Office) -> str:
    """As ``sealed``, with an activation in the store. The designer proves nothing by it: the runtime does."""
    release = sealed(office)
    said = Activation(flow="supply-consumption", environment="TEST", at=from_ms(NOON), sequence=1)
    envelope = sign_statement(release, said, new_key("ed25519"))
    office.designer.store.activate("TEST", "supply-consumption", 1, envelope)
    return release


def card(browser: Browser, flow: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in browser.given(browser.get("/flows"))["flows"] if each["id"] == flow)
    return found


def test_without_anything_there_is_an_empty_list(office: Office) -> None:
    ana = office.signed_in("ana")
    assert ana.given(ana.get("/flows")) == {"flows": []}
    assert ana.given(ana.get("/drafts")) == {"drafts": []}
    assert ana.get("/flows/none").status_code == 404
    assert ana.get("/flows/none/picture.svg").status_code == 404


def test_a_live_flow_is_listed_even_where_no_runtime_answers(office: Office) -> None:
    release = live(office)
    found = card(office.signed_in("priya"), "supply-consumption")
    assert (found["state"], found["live"]["state"], found["live"]["release"]) == ("live", "unknown", release)
    assert (found["highest_out"], found["held_out"], found["draft"], found["counters"]) == (3, 4, None, None)
    assert found["owners"] == {"business": "supply-chain", "technical": "integration", "cases": "or-supply-desk"}


def test_a_flow_has_a_page_with_its_versions_and_a_picture(office: Office) -> None:
    release = live(office)
    ana = office.signed_in("ana")
    page = ana.given(ana.get("/flows/supply-consumption"))
    assert [(each["release"], each["authors"]) for each in page["versions"]] == [(release, ["Ben"])]
    assert page["document"]["id"] == "supply-consumption"
    assert ana.get("/flows/supply-consumption/picture.svg").data.startswith(b"<svg")


def test_the_page_of_a_flow_says_where_it_listens_and_to_which_systems_it_sends(office: Office) -> None:
    path = office.environment / "environment.json"
    facts = json.loads(path.read_text())
    facts["connections"]["erp-inventory"]["secret"] = "erp-credential"
    path.write_text(json.dumps(facts))
    live(office)
    facts["connections"]["or-system"]["port"] = 1
    path.write_text(json.dumps(facts))
    ana = office.signed_in("ana")
    answer = ana.get("/flows/supply-consumption")
    source, sink = ana.given(answer)["ends"]
    assert (source["listens"], source["address"], source["protocol"]) == (True, "127.0.0.1:2575", "MLLP")
    assert (sink["listens"], sink["system"], sink["protocol"]) == (False, "ERP inventory", "REST")
    assert b"erp-credential" not in answer.data


def test_a_draft_from_a_live_flow_goes_on_from_its_bytes_and_has_not_changed_yet(office: Office) -> None:
    release = live(office)
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", {"name": "Next", "from": {"flow": "supply-consumption"}}), 201)
    assert (draft["flow"], draft["base"], draft["changed"]) == ("supply-consumption", release, False)
    assert card(ana, "supply-consumption")["draft"] == draft["id"]


def test_layout_and_notes_are_no_change_and_there_and_back_is_none_either(office: Office) -> None:
    live(office)
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", {"name": "Next", "from": {"flow": "supply-consumption"}}), 201)
    moved = {**draft["document"], "layout": {"receive": [500, 500]}, "notes": [{"id": "n", "text": "x", "at": [0, 0]}]}
    other = copy.deepcopy(draft["document"])
    other["retention"] = {"payload_days": 7}
    said = []
    for number, document in enumerate((moved, other, draft["document"]), 1):
        saved = ana.given(ana.put(f"/drafts/{draft['id']}", {"revision": number, "document": document}))
        said.append(saved["changed"])
    assert said == [False, True, False]


def test_there_is_one_draft_of_a_flow_at_a_time(office: Office) -> None:
    live(office)
    ana = office.signed_in("ana")
    body = {"name": "Next", "from": {"flow": "supply-consumption"}}
    first = ana.given(ana.post("/drafts", body), 201)
    refused = office.signed_in("ben").post("/drafts", body)
    assert (refused.status_code, refused.get_json()["error"]) == (409, "draft-exists")
    ana.delete(f"/drafts/{first['id']}")
    ana.given(ana.post("/drafts", body), 201)


def test_a_new_flow_never_takes_the_id_of_one_that_was_sealed(office: Office) -> None:
    sealed(office)
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", {"name": "Supply consumption", "from": {"blank": True}}), 201)
    assert draft["flow"] == "supply-consumption-2"


def test_a_damaged_store_breaks_no_list(office: Office) -> None:
    release = live(office)
    (office.settings.store / "sha256" / release).write_bytes(b"{}")
    ana = office.signed_in("ana")
    assert ana.get("/flows").status_code == 200
    assert ana.get("/flows/supply-consumption").status_code in (200, 404)


def test_what_is_activated_and_does_not_run_is_called_stopped_everywhere(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = live(office)
    why = "'supply-consumption' cannot listen at 127.0.0.1:2575."
    refused = LiveCard(release="", sequence=0, state="refused", sentence=why)
    monkeypatch.setattr(operating, "states", lambda _: {"supply-consumption": refused})
    ana = office.signed_in("ana")
    page = ana.given(ana.get("/flows/supply-consumption"))
    listed = ana.given(ana.get("/releases?flow=supply-consumption"))["releases"]
    shown = page["card"]["live"]
    assert (page["card"]["state"], shown["release"], shown["sequence"], shown["sentence"]) == (
        "stopped",
        release,
        1,
        why,
    )
    assert operating.stands_still({"supply-consumption": refused}, "supply-consumption", release)
    assert {each["state"] for each in (*page["versions"], *listed)} <= {"stopped", "sealed"}
