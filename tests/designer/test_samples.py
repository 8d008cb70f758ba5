"""Samples and test cases: recognised, run step by step with values masked, saved and run again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from lockgate.demo import hospital
from tests.designer.office import Browser
from tests.designer.workplace import Workplace, workplace
from tests.installation import SURNAME, holds_no_patient

pytestmark = pytest.mark.xdist_group("samples")
WHY = "The mapping gives another name than it should."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with workplace(tmp_path_factory.mktemp("samples")) as made:
        yield made


@pytest.fixture(scope="module")
def ana(place: Workplace) -> Browser:
    return place.signed_in("ana")


@pytest.fixture(scope="module")
def draft(place: Workplace, ana: Browser) -> str:
    return str(place.draft(ana, "Supply tries", pattern="supply-consumption")["id"])


def sample(place: Workplace, *items: str) -> str:
    return place.there.charge(*(items or ("SUT-2001", hospital.MISSING.code))).decode()


def test_a_message_is_recognised_and_the_source_takes_it(place: Workplace, ana: Browser, draft: str) -> None:
    said = ana.given(ana.post(f"/drafts/{draft}/samples", {"name": "or.hl7", "text": sample(place)}))
    assert (said["format"], said["type"], said["identity_present"]) == ("hl7v2", "DFT^P03@2.5.1", True)
    assert (said["taken"], said["findings"]) == (True, [])


def test_a_message_of_another_type_comes_with_the_fix_that_takes_it(place: Workplace, ana: Browser, draft: str) -> None:
    text = sample(place).replace("DFT^P03^DFT_P03", "RAS^O17^RAS_O17").replace("\r", "\n")
    said = ana.given(ana.post(f"/drafts/{draft}/samples", {"name": "ras.hl7", "text": text}))
    assert said["taken"] is False
    (finding,) = said["findings"]
    (fix,) = finding["fixes"]
    after = ana.given(ana.post(f"/drafts/{draft}/preview", {"edits": fix["edits"]}))
    assert "RAS^O17@2.5.1" in after["document"]["steps"][0]["config"]["accepts"]


@pytest.mark.parametrize("text", ["hello", "<html>", "{", '{"resourceType": "Patient"}', "MSH|", "MSH|^~\\&|A\rPID|1"])
def test_any_text_is_recognised_or_explained(ana: Browser, draft: str, text: str) -> None:
    said = ana.given(ana.post(f"/drafts/{draft}/samples", {"name": "x", "text": text}))
    assert said["findings"], said


def test_a_run_shows_every_step_before_and_after_with_the_patient_masked(
    place: Workplace, ana: Browser, draft: str
) -> None:
    answer = ana.post(f"/drafts/{draft}/runs", {"text": sample(place)})
    said = ana.given(answer)
    assert holds_no_patient(answer.get_data(as_text=True))
    steps = {each["step"]: each["records"] for each in said["steps"]}
    assert list(steps) == ["receive", "check", "lines", "tokenise", "to-material", "event", "decrement"]
    (masked,) = [record for record in steps["tokenise"] if record["item"] == "FT1[1]"]
    assert masked["changed"] == ["PID-3.1"]
    row = next(row for row in masked["before"]["rows"] if row["path"] == "PID-3.1")
    assert (row["value"], row["masked"], row["sensitivity"]) == ("•••", True, 4)
    assert row["name"].startswith("Patient Identifier List")
    stopped = next(record for record in steps["to-material"] if record["item"] == "FT1[2]")
    assert stopped["stop"]["reason"] == "master-miss"
    (posting,) = said["postings"]
    assert {row["path"]: row["value"] for row in posting["body"]["rows"]}["material"] == "40001201"
    assert said["sentence"].startswith("1 posting would be sent, 1 line would wait for a person")
    assert said["may_reveal"] is True


def test_a_run_never_holds_a_value_that_lineage_counts_as_s3_or_s4_unprotected(
    place: Workplace, ana: Browser, draft: str
) -> None:
    said = ana.given(ana.post(f"/drafts/{draft}/runs", {"text": sample(place)}))
    rows = [
        row
        for step in said["steps"]
        for record in step["records"]
        for side in ("before", "after")
        for row in record[side]["rows"]
    ]
    bare = [row for row in rows if row["sensitivity"] >= 3 and not row["protections"]]
    assert bare and all(row["value"] == "•••" for row in bare)


def test_one_value_is_shown_with_a_reason_and_recorded(place: Workplace, ana: Browser, draft: str) -> None:
    wanted = {"text": sample(place), "step": "receive", "record": 0, "side": "after", "path": "PID-5.1"}
    assert ana.given(ana.post(f"/drafts/{draft}/runs/reveal", {**wanted, "reason": WHY}))["value"] == SURNAME
    told = ana.post(f"/drafts/{draft}/runs/reveal", {**wanted, "reason": f"Is it {SURNAME.lower()} or not?"})
    assert told.status_code == 422 and told.get_json()["error"] == "value-in-reason"
    omar = place.signed_in("omar")
    assert omar.post(f"/drafts/{draft}/runs/reveal", {**wanted, "reason": WHY}).status_code == 403
    body = {**wanted, "step": "decrement", "side": "body", "path": "usedAt", "reason": WHY}
    assert ana.given(ana.post(f"/drafts/{draft}/runs/reveal", body))["value"].startswith("20260316")
    nothing = ana.post(f"/drafts/{draft}/runs/reveal", {**wanted, "path": "PID-99.1", "reason": WHY})
    assert nothing.status_code == 404


def test_a_draft_of_a_pattern_has_its_test_cases_and_they_pass(ana: Browser, draft: str) -> None:
    listed = ana.given(ana.get(f"/drafts/{draft}/cases"))["cases"]
    assert len(listed) >= 9
    said = ana.given(ana.post(f"/drafts/{draft}/cases/run"))
    assert (said["failed"], said["passed"]) == (0, len(listed))
    assert said["missed"] == []


def test_steps_to_which_no_test_case_gets_are_named_by_their_titles(ana: Browser, draft: str) -> None:
    for each in ana.given(ana.get(f"/drafts/{draft}/cases"))["cases"]:
        if "admission" not in each["title"].lower():
            ana.given(ana.delete(f"/drafts/{draft}/cases/{each['id']}"), 204)
    said = ana.given(ana.post(f"/drafts/{draft}/cases/run"))
    assert said["missed"] and "Utilisation event" in said["missed"]


def test_a_sample_is_saved_as_a_test_case_with_the_rows_that_it_met(place: Workplace, ana: Browser, draft: str) -> None:
    answer = ana.post(f"/drafts/{draft}/cases", {"title": "Two lines, one unknown", "text": sample(place)})
    card = ana.given(answer, 201)
    assert (card["type"], card["expects"]["postings"], card["expects"]["parked"]) == ("DFT^P03@2.5.1", 1, 1)
    listing = ana.get(f"/drafts/{draft}/cases").get_data(as_text=True)
    assert holds_no_patient(answer.get_data(as_text=True), listing)
    again = ana.given(ana.post(f"/drafts/{draft}/runs", {"case": card["id"]}))
    assert len(again["postings"]) == 1
    ana.given(ana.delete(f"/drafts/{draft}/cases/{card['id']}"), 204)
    assert ana.post(f"/drafts/{draft}/runs", {"case": card["id"]}).status_code == 404


def test_a_changed_draft_fails_its_test_case_in_words_and_may_accept_the_new_way(
    place: Workplace, ana: Browser, draft: str
) -> None:
    made = place.draft(ana, "Changed", pattern="supply-consumption")
    name, document = made["id"], made["document"]
    event = next(step for step in document["steps"] if step["id"] == "event")
    event["config"]["fields"]["costCentre"] = {"text": "9999"}
    ana.given(ana.put(f"/drafts/{name}", {"revision": 1, "document": document, "summary": "cost centre"}))
    said = ana.given(ana.post(f"/drafts/{name}/cases/run"))
    failed = [each for each in said["results"] if not each["passed"]]
    assert failed and all("field 'costCentre' is not as expected" in each["sentences"][0] for each in failed)
    for each in failed:
        body = {"title": each["title"], "accept": True}
        assert ana.given(ana.put(f"/drafts/{name}/cases/{each['id']}", body))["passed"] is True
    assert ana.given(ana.post(f"/drafts/{name}/cases/run"))["failed"] == 0
    assert ana.given(ana.get(f"/drafts/{draft}/cases"))["cases"][0]["passed"] is not False


def test_a_failed_test_case_is_shown_field_by_field_beside_what_was_expected(place: Workplace, ana: Browser) -> None:
    made = place.draft(ana, "Compared", pattern="supply-consumption")
    name, document = made["id"], made["document"]
    event = next(step for step in document["steps"] if step["id"] == "event")
    event["config"]["fields"]["costCentre"] = {"text": "9999"}
    ana.given(ana.put(f"/drafts/{name}", {"revision": 1, "document": document, "summary": "cost centre"}))
    said = ana.given(ana.post(f"/drafts/{name}/cases/run"))
    failed = next(each for each in said["results"] if not each["passed"])
    answer = ana.post(f"/drafts/{name}/cases/{failed['id']}/comparison")
    found = ana.given(answer)
    assert holds_no_patient(answer.get_data(as_text=True))
    assert (found["passed"], found["title"], found["sentences"]) == (False, failed["title"], failed["sentences"])
    posting = found["postings"][0]
    assert (posting["how"], found["titles"][posting["step"]]) == ("differs", "ERP inventory")
    odd = [field for field in posting["fields"] if not field["same"]]
    assert [(field["path"], field["came"]) for field in odd] == [("costCentre", "9999")]
    assert odd[0]["expected"] not in (None, "9999", "•••")
    wanted = {"case": failed["id"], "step": posting["step"], "record": posting["expected"], "side": "expected"}
    shown = ana.post(f"/drafts/{name}/runs/reveal", {**wanted, "path": "usedAt", "reason": WHY})
    assert ana.given(shown)["value"].startswith("20260316")
    assert place.signed_in("sam").post(f"/drafts/{name}/cases/{failed['id']}/comparison").status_code == 403
    for each in ana.given(ana.get(f"/drafts/{name}/cases"))["cases"]:
        body = {"title": each["title"], "accept": True}
        ana.given(ana.put(f"/drafts/{name}/cases/{each['id']}", body))


def test_a_test_case_is_renamed_and_expects_what_it_did(place: Workplace, ana: Browser, draft: str) -> None:
    card = ana.given(ana.post(f"/drafts/{draft}/cases", {"title": "Old name", "text": sample(place)}), 201)
    renamed = ana.given(ana.put(f"/drafts/{draft}/cases/{card['id']}", {"title": "New name"}))
    assert (renamed["title"], renamed["expects"], renamed["passed"]) == ("New name", card["expects"], True)
    ana.given(ana.delete(f"/drafts/{draft}/cases/{card['id']}"), 204)


def test_a_draft_that_cannot_run_says_why(place: Workplace, ana: Browser) -> None:
    blank = place.draft(ana, "Blank one", blank=True)
    answer = ana.post(f"/drafts/{blank['id']}/runs", {"text": sample(place)})
    assert answer.status_code == 422 and answer.get_json()["error"] == "not-ready"
    seen = ana.given(ana.post(f"/drafts/{blank['id']}/samples", {"name": "x", "text": sample(place)}))
    assert (seen["type"], seen["taken"]) == ("DFT^P03@2.5.1", None)


@pytest.mark.parametrize("body", [{}, {"text": "a", "case": "t" + "0" * 16}, {"text": ""}, {"case": "../x"}])
def test_neither_or_both_is_no_sample(ana: Browser, draft: str, body: dict[str, Any]) -> None:
    assert ana.post(f"/drafts/{draft}/runs", body).status_code == 422


def test_the_child_outlives_whoever_asked_first(place: Workplace, ana: Browser, draft: str) -> None:
    place.designer.rehearsals._hand.submit(place.designer.rehearsals._end).result()
    asker = threading.Thread(target=lambda: ana.post(f"/drafts/{draft}/runs", {"text": sample(place)}))
    asker.start()
    asker.join()
    child = place.designer.rehearsals._child
    assert child is not None
    ana.given(ana.post(f"/drafts/{draft}/runs", {"text": sample(place)}))
    assert place.designer.rehearsals._child is child and child.poll() is None


def test_a_child_that_dies_is_replaced(place: Workplace, ana: Browser, draft: str) -> None:
    child = place.designer.rehearsals._child
    assert child is not None
    child.kill()
    ana.given(ana.post(f"/drafts/{draft}/runs", {"text": sample(place)}))


def test_an_invented_message_is_taken_and_sent_and_may_become_a_test_case(ana: Browser, draft: str) -> None:
    made = ana.given(ana.post(f"/drafts/{draft}/invented", {"seed": 7}))
    assert made == ana.given(ana.post(f"/drafts/{draft}/invented", {"seed": 7}))
    assert made["text"] != ana.given(ana.post(f"/drafts/{draft}/invented", {"seed": 8}))["text"]
    run = ana.given(ana.post(f"/drafts/{draft}/runs", {"text": made["text"]}))
    assert run["postings"] and not run["ends"] and run["titles"]["event"] == "Utilisation event"
    card = ana.given(ana.post(f"/drafts/{draft}/cases", {"title": "Invented", "text": made["text"]}), 201)
    assert card["expects"]["postings"] == len(run["postings"])
    ana.given(ana.delete(f"/drafts/{draft}/cases/{card['id']}"), 204)


def test_what_goes_wrong_is_rehearsed_in_words(place: Workplace, ana: Browser, draft: str) -> None:
    text = ana.given(ana.post(f"/drafts/{draft}/invented", {"seed": 7}))["text"]
    busy = ana.given(ana.post(f"/drafts/{draft}/faults", {"text": text, "fault": "busy"}))
    assert busy["sentence"].startswith("When the other side says that it is busy")
    (first, *_) = busy["ends"]
    assert (first["title"], first["how"], first["cause"]) == (
        "ERP inventory",
        "held",
        "the other side did not take it for too long",
    )
    assert busy["after"][0].startswith("A case is opened for OR supply desk")
    again = ana.given(ana.post(f"/drafts/{draft}/faults", {"text": text, "fault": "repeated"}))
    assert {each["how"] for each in again["ends"]} == {"delivered"}
    missing = ana.given(ana.post(f"/drafts/{draft}/faults", {"text": text, "fault": "unknown-key"}))
    assert "master" in json.dumps(missing["ends"]) and holds_no_patient(json.dumps(missing))
    wrong = text.replace("DFT^P03", "ADT^A01")
    refused = ana.post(f"/drafts/{draft}/faults", {"text": wrong, "fault": "busy"})
    assert refused.status_code == 422 and "does not take this message" in refused.get_json()["sentence"]
    assert ana.post(f"/drafts/{draft}/faults", {"text": text, "fault": "earthquake"}).status_code == 422
    assert place.signed_in("sam").post(f"/drafts/{draft}/faults", {"text": text, "fault": "busy"}).status_code == 403
