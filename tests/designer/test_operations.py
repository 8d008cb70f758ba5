"""Operations over a real runtime: causes fixed and replayed, messages found, fields revealed, masters, the audit."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from lockgate.demo import hospital
from lockgate.demo.house import command, until
from tests.designer.office import Browser
from tests.designer.workplace import DESK, Workplace, workplace
from tests.installation import FLOW, SURNAME, holds_no_patient

pytestmark = pytest.mark.xdist_group("operations")
WHY = "The theatre asks which patient it was."
GONE = hospital.MISSING


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A delivered message, two lines of one missing item, an unknown room, an admission, and a broken frame."""
    with workplace(tmp_path_factory.mktemp("operations")) as made:
        there = made.there
        admission = there.charge("SUT-2001").replace(b"DFT^P03^DFT_P03", b"ADT^A01^ADT_A01")
        nameless = there.charge("SUT-2001").replace(b"DFT_P03|T", b"DFT_P03||")
        there.send(
            there.charge("SUT-2001", "MSH-0150", encounter="ENC88001"),
            there.charge("SUT-2001", GONE.code, encounter="ENC88002"),
            there.charge(GONE.code, encounter="ENC88002"),
            there.charge("SUT-2001", theatre=-1, encounter="ENC88003"),
            admission,
        )
        there.send(nameless)
        there.settle()
        until("the refusal is a case", lambda: there.client.ledger().open_cases == 4)
        yield made


@pytest.fixture(scope="module")
def priya(place: Workplace) -> Browser:
    return place.signed_in("priya")


@pytest.fixture(scope="module")
def sam(place: Workplace) -> Browser:
    return place.signed_in("sam")


def causes(browser: Browser, state: str = "open") -> dict[str, dict[str, Any]]:
    return {each["cause"]: each for each in browser.given(browser.get(f"/exceptions?state={state}"))["groups"]}


def test_the_monitor_shows_flows_as_they_run(priya: Browser) -> None:
    page = priya.given(priya.get("/monitor?window=day"))
    assert (page["answers"], page["label"], page["demo"]) == (True, "synthetic", True)
    (flow,) = page["flows"]
    assert (flow["flow"], flow["state"], flow["health"]) == (FLOW, "running", "well")
    assert (flow["received"], flow["accepted"], flow["refused"]) == (6, 5, 1)
    assert flow["steps"]["decrement"]["delivered"] == 3
    assert flow["listening"] and flow["name"] == "Supply consumption"


def test_causes_stand_in_business_words_with_what_ends_them(priya: Browser) -> None:
    found = causes(priya)
    missing = found["master-miss"]
    assert missing["title"] == f"Item code {GONE.code} is not in master items"
    assert (missing["cases"], missing["lines"], missing["state"]) == (2, 2, "new")
    assert missing["key_names"] == ["system", "code"]
    assert missing["fix"]["kind"] == "add-row" and missing["fix"]["key"] == [hospital.SYSTEM, GONE.code]
    unknown = found["not-active"]
    told = "A location is not in master locations at that time"
    assert unknown["title"] == f"{told} (Supply consumption, cause {unknown['group'][:6]})"
    assert unknown["key"] == []
    refused = next(each for cause, each in found.items() if cause.startswith("control-id"))
    assert refused["title"].startswith("Operating room system sends messages that are refused")
    assert refused["fix"]["kind"] == "ask-source"


def test_who_neither_replays_nor_keeps_masters_does_not_see_the_code(place: Workplace) -> None:
    ana = place.signed_in("ana")
    missing = causes(ana)["master-miss"]
    told = f"An item is not in master items (Supply consumption, cause {missing['group'][:6]})"
    assert (missing["key"], missing["title"]) == ([], told)
    page = ana.given(ana.get(f"/exceptions/{missing['group']}"))
    assert GONE.code not in json.dumps(page)
    unmapped = ana.given(ana.get("/masters/items/unmapped"))
    assert unmapped["hidden"] == 1 and GONE.code not in json.dumps(unmapped)
    assert ana.post(f"/exceptions/{missing['group']}/replay", {"dry_run": True}).status_code == 403


def test_a_cause_has_members_an_impact_and_a_runbook(priya: Browser) -> None:
    group = causes(priya)["master-miss"]["group"]
    page = priya.given(priya.get(f"/exceptions/{group}"))
    assert page["impact"].startswith("2 lines of 2 messages did not reach ERP inventory")
    assert [each["state"] for each in page["members"]] == ["open", "open"]
    assert page["runbook"][0].startswith("Open the master")
    assert priya.get("/exceptions/00000000ff").status_code == 404
    assert priya.get("/exceptions/nothex").status_code == 404


def test_a_cause_is_taken_on_and_given_up(priya: Browser) -> None:
    group = causes(priya)["not-active"]["group"]
    page = priya.given(priya.post(f"/exceptions/{group}/assign", {"take": True, "note": "asking the ward"}))
    assert page["card"]["state"] == "taken-on" and page["card"]["taken"]["name"] == "Priya"
    page = priya.given(priya.post(f"/exceptions/{group}/assign", {"take": False}))
    assert page["card"]["taken"] is None


def test_a_dry_run_says_what_would_happen_and_changes_nothing(priya: Browser) -> None:
    group = causes(priya)["master-miss"]["group"]
    said = priya.given(priya.post(f"/exceptions/{group}/replay", {"dry_run": True}))
    assert (said["outcome"], said["post"], said["park"]) == ("planned", 0, 2)
    assert causes(priya)["master-miss"]["seen"] == 2


def test_a_message_is_found_by_its_key_in_a_body_and_not_in_an_address(priya: Browser) -> None:
    found = priya.given(priya.post("/messages/search", {"key": "enc88002"}))
    assert [each["number"] for each in found["messages"]] == [3, 2]
    assert priya.get("/messages?key=ENC88002").status_code == 422
    nothing = priya.given(priya.post("/messages/search", {"key": "ENC8800"}))
    assert nothing["messages"] == [] and nothing["sentence"].startswith("No message has this business key")


def test_a_search_that_finds_nothing_says_what_to_search_for(priya: Browser) -> None:
    def said(key: str) -> str:
        return str(priya.given(priya.post("/messages/search", {"key": key}))["sentence"])

    assert said("4711") == "There is no message of that number, and none has it as a business key."
    assert said("MSG00042").endswith("together with its sender: sender|facility|control id (MSH-3|MSH-4|MSH-10).")
    assert said("A|B|C").startswith("No message has these three.")


def test_messages_are_paged_newest_first(priya: Browser) -> None:
    first = priya.given(priya.get("/messages?limit=3"))
    assert [each["number"] for each in first["messages"]] == [5, 4, 3]
    rest = priya.given(priya.get(f"/messages?limit=3&before={first['next']}"))
    assert [each["number"] for each in rest["messages"]] == [2, 1] and rest["next"] is None
    held = priya.given(priya.get("/messages?state=parked"))
    assert [each["number"] for each in held["messages"]] == [4, 3, 2]


def test_a_timeline_tells_a_message_s_life_in_sentences(priya: Browser) -> None:
    answer = priya.get("/messages/2")
    page = priya.given(answer)
    assert page["sentence"] == "1 of 2 lines was posted to ERP inventory, 1 is held for a person."
    told = [each["what"] for each in page["moments"]]
    assert told[0] == "received" and {"sent", "delivered", "held", "case"} <= set(told)
    assert page["path"] == ["receive", "check", "lines", "tokenise", "to-material", "event", "decrement"]
    assert page["may_reveal"] is True
    assert holds_no_patient(answer.get_data(as_text=True))
    filtered = priya.given(priya.get("/messages/5"))
    assert filtered["sentence"] == "It was taken and ended on purpose: the flow takes no messages of this type."
    assert [each["what"] for each in filtered["moments"]] == ["received", "filtered"]
    assert priya.get("/messages/4711").status_code == 404


def test_the_fields_of_a_message_are_named_and_masked(priya: Browser) -> None:
    answer = priya.get("/messages/2/fields")
    page = priya.given(answer)
    fields = {each["path"]: each for each in page["fields"]}
    assert fields["PID-5.1"]["value"] == "•••" and fields["PID-5.1"]["sensitivity"] == 4
    assert fields["PID-5.1"]["name"].startswith("Patient Name")
    assert fields["FT1[2]-7.1"]["concept"] == "item-code"
    assert holds_no_patient(answer.get_data(as_text=True))


def test_one_field_is_revealed_with_a_reason_and_both_chains_have_it(place: Workplace, priya: Browser) -> None:
    shown = priya.given(priya.post("/messages/2/reveal", {"path": "PID-5.1", "reason": WHY}))
    assert shown["values"] == [SURNAME]
    own = priya.given(priya.get("/audit?writer=designer"))
    assert own["entries"][1]["action"] == "message.revealing"
    theirs = priya.given(priya.get("/audit?writer=delivery&limit=200"))
    (record,) = [each for each in theirs["entries"] if each["seq"] == shown["record"]]
    assert (record["action"], record["actor"], record["reason"]) == ("field.revealed", "Priya", WHY)
    assert holds_no_patient(own, theirs)
    short = priya.post("/messages/2/reveal", {"path": "PID-5.1", "reason": "because"})
    assert short.status_code == 422
    for person in ("sam", "noor"):
        browser = place.signed_in(person)
        assert browser.post("/messages/2/reveal", {"path": "PID-5.1", "reason": WHY}).status_code == 403


def test_masters_show_their_rows_steps_and_what_is_missing(sam: Browser) -> None:
    (items, locations) = sam.given(sam.get("/masters"))["masters"]
    assert (items["id"], items["sequence"], items["unmapped"], items["taken"]) == ("items", 1, 1, 1)
    assert items["used_by"] == [FLOW] and locations["unmapped"] == 1
    page = sam.given(sam.get("/masters/items?q=CAT"))
    assert page["total"] == 1 and page["rows"][0]["key"] == [hospital.SYSTEM, "CAT-0014"]
    assert "EA" in page["page"]["units"]
    assert page["steps"][0]["signed"] == ["Noor", "Sam"] and page["steps"][0]["in_force"] is True
    missing = sam.given(sam.get("/masters/items/unmapped"))
    (key,) = missing["keys"]
    assert (key["key"], key["lines"], missing["hidden"]) == ([hospital.SYSTEM, GONE.code], 2, 0)
    assert key["suggestions"][0]["key"] == [hospital.SYSTEM, "CAT-0014"]
    rooms = sam.given(sam.get("/masters/locations/unmapped"))
    assert rooms["hidden"] == 1 and rooms["keys"][0]["key"] == []


def test_a_change_that_does_not_fit_is_refused_in_words(sam: Browser) -> None:
    key = [hospital.SYSTEM, "NEW-1"]
    wrong = {"add": [{"key": key, "values": {"material": "4711"}}], "reason": "a new item"}
    answer = sam.post("/masters/items/changes", wrong)
    assert answer.status_code == 422 and "base_unit" in answer.get_json()["sentence"]
    twice = {"add": [{"key": [hospital.SYSTEM, "CAT-0014"], "values": {"material": "1", "base_unit": "EA"}}]}
    answer = sam.post("/masters/items/changes", {**twice, "reason": "again"})
    assert answer.status_code == 422 and "that is a change" in answer.get_json()["sentence"]
    assert sam.post("/masters/items/changes", {"reason": "nothing at all"}).status_code == 422
    long = {"add": [{"key": key, "values": {"material": "4" * 201}}], "reason": "a long one"}
    answer = sam.post("/masters/items/changes", long).get_json()
    assert (
        answer["sentence"] == "'material' has more than 200 characters."
        and answer["pointer"] == "/add/0/values/material"
    )
    assert sam.post("/masters/nothing/changes", {**twice, "reason": "where?"}).status_code == 404


def test_a_missing_row_is_prepared_signed_taken_and_the_lines_go_out_once(
    place: Workplace, sam: Browser, priya: Browser
) -> None:
    house, there = place.there.house, place.there
    row = {"key": [hospital.SYSTEM, GONE.code], "values": {"material": GONE.material, "base_unit": "EA"}}
    body = {"add": [{**row, "base_unit": "EA"}], "reason": "New catheter since this morning"}
    assert priya.post("/masters/items/changes", body).status_code == 403
    later = {"add": [{**row, "base_unit": "EA", "valid_from": "2127-01-01"}], "reason": "Much later"}
    assert sam.given(sam.post("/masters/items/changes", later), 201)["releases"] == 0
    take_back(sam)
    made = sam.given(sam.post("/masters/items/changes", body), 201)
    assert (made["step"]["sequence"], made["step"]["needed"], made["releases"]) == (2, 1, 2)
    assert made["step"]["link"] == f"{DESK}/master/items"
    again = sam.given(sam.post("/masters/items/changes", body), 201)
    assert again["step"]["digest"] == made["step"]["digest"]
    page = sam.given(sam.get("/masters/items"))["page"]
    assert page["pending"]["reason"] == "New catheter since this morning" and page["sequence"] == 1
    command("master", "sign", "items", "--key", house.key("sam"), "--root", house.root, "--store", house.store)
    until("the runtime takes the row", lambda: there.client.status().masters.get("items", 0) == 2)
    page = sam.given(sam.get("/masters/items"))["page"]
    assert (page["pending"], page["unmapped"]) == (None, 0)
    (added,) = sam.given(sam.get("/masters/items/unmapped"))["keys"]
    assert (added["added"], added["lines"]) == (2, 2)

    group = causes(priya)["master-miss"]["group"]
    assert priya.given(priya.post(f"/exceptions/{group}/replay", {"dry_run": True}))["post"] == 2
    before = len(there.erp.taken)
    done = priya.given(priya.post(f"/exceptions/{group}/replay", {}))
    assert (done["outcome"], done["post"]) == ("queued", 2)
    there.settle()
    until("both lines are posted", lambda: len(there.erp.taken) == before + 2)
    again = priya.given(priya.post(f"/exceptions/{group}/replay", {}))
    assert again["outcome"] == "nothing-to-do" and len(there.erp.taken) == before + 2
    until("the cases close", lambda: "master-miss" not in causes(priya))
    assert causes(priya, "resolved")["master-miss"]["state"] == "resolved"
    over = priya.given(priya.get(f"/exceptions/{group}"))
    assert over["impact"].startswith("2 cases are resolved: ") and over["runbook"] == []
    assert priya.given(priya.get("/exceptions?state=resolved"))["sentence"].endswith(
        "nothing of it waits for a person."
    )
    one = priya.given(priya.get(f"/cases/{over['members'][0]['number']}"))
    assert one["impact"] == "1 line was posted by replay. Nothing of it is held any more."
    assert "would" not in one["passage"]["sentence"] and one["passage"]["after"] == [] and one["runbook"] == []


def test_a_change_that_one_steward_signed_waits_for_the_other_and_no_other_takes_its_place(
    place: Workplace, sam: Browser
) -> None:
    house, there = place.there.house, place.there
    sign = ("master", "sign", "items", "--root", house.root, "--store", house.store, "--key")
    key = [hospital.SYSTEM, "GLV-0075"]
    row = {"key": key, "values": {"material": "40007099", "base_unit": "EA"}, "base_unit": "EA"}
    made = sam.given(sam.post("/masters/items/changes", {"change": [row], "reason": "another material"}), 201)
    assert (made["step"]["needed"], made["step"]["changes"]) == (2, 1)
    command(*sign, house.key("sam"))
    page = sam.given(sam.get("/masters/items"))["page"]
    assert (page["pending"]["signed"], page["pending"]["in_force"]) == (["Sam"], False)
    retire = {"retire": [{"key": key, "day": "2026-12-31"}], "reason": "not bought any more"}
    refused = sam.post("/masters/items/changes", retire)
    assert refused.status_code == 409 and "signed by Sam" in refused.get_json()["sentence"]
    command(*sign, house.key("noor"))
    until("the runtime takes it", lambda: there.client.status().masters.get("items", 0) == page["sequence"] + 1)
    shown = sam.given(sam.get("/masters/items?q=GLV-0075"))["rows"]
    assert {tuple(each["key"]): each["values"]["material"] for each in shown}[tuple(key)] == "40007099"
    made = sam.given(sam.post("/masters/items/changes", retire), 201)
    assert (made["step"]["retires"], made["step"]["needed"]) == (1, 2)


def row_of(code: str, **more: Any) -> dict[str, Any]:
    return {
        "key": [hospital.SYSTEM, code],
        "values": {"material": "40007777", "base_unit": "EA"},
        "base_unit": "EA",
        **more,
    }


def waiting(browser: Browser) -> Any:
    return browser.given(browser.get("/masters/items"))["page"]["pending"]


def take_back(browser: Browser) -> Any:
    body = {"digest": waiting(browser)["digest"], "reason": "Not wanted any more"}
    return browser.given(browser.post("/masters/items/changes/take-back", body))


def test_a_second_change_joins_the_one_that_waits_and_a_contradiction_names_row_and_person(place: Workplace) -> None:
    sam, noor, priya = place.signed_in("sam"), place.signed_in("noor"), place.signed_in("priya")
    if waiting(sam):
        take_back(sam)
    sam.given(sam.post("/masters/items/changes", {"add": [row_of("JOIN-1")], "reason": "From\u202e Sam"}), 201)
    made = noor.given(noor.post("/masters/items/changes", {"add": [row_of("JOIN-2")], "reason": "From Noor"}), 201)
    assert made["sentence"].startswith("Added to the step that waits: 1 row.") and made["step"]["adds"] == 2
    pending = waiting(sam)
    assert [(each["key"][-1], each["person"]) for each in pending["rows"]] == [("JOIN-1", "Sam"), ("JOIN-2", "Noor")]
    assert (pending["person"], pending["reason"], pending["mine"]) == ("Sam and Noor", "From Sam; From Noor", True)
    assert waiting(priya)["mine"] is False
    again = sam.given(sam.post("/masters/items/changes", {"add": [row_of("JOIN-2")], "reason": "Once more"}), 201)
    assert "already" in again["sentence"] and again["step"]["digest"] == pending["digest"]
    other = {"add": [row_of("JOIN-1", valid_from="2026-01-01")], "reason": "Another beginning"}
    refused = noor.post("/masters/items/changes", other)
    assert refused.status_code == 409
    assert "JOIN-1" in refused.get_json()["sentence"] and "prepared by Sam" in refused.get_json()["sentence"]
    assert waiting(noor)["digest"] == pending["digest"]
    take_back(noor)


def test_a_change_that_waits_is_taken_back_with_its_signature_and_audited(place: Workplace, sam: Browser) -> None:
    house, noor, priya = place.there.house, place.signed_in("noor"), place.signed_in("priya")
    if waiting(sam):
        take_back(sam)
    key = [hospital.SYSTEM, "CAT-0014"]
    row = {"key": key, "values": {"material": "40007000", "base_unit": "EA"}, "base_unit": "EA"}
    body = {"change": [row], "reason": "Unwanted"}
    made = sam.given(sam.post("/masters/items/changes", body), 201)["step"]
    command("master", "sign", "items", "--root", house.root, "--store", house.store, "--key", house.key("sam"))
    assert waiting(sam)["signed"] == ["Sam"] and not waiting(sam)["mine"] and waiting(noor)["mine"]
    taking = {"digest": made["digest"], "reason": "It was the wrong row"}
    assert priya.post("/masters/items/changes/take-back", taking).status_code == 403
    assert noor.post("/masters/items/changes/take-back", {**taking, "digest": "0" * 64}).status_code == 409
    said = noor.given(noor.post("/masters/items/changes/take-back", taking))["sentence"]
    assert "The signature of Sam counts no more" in said and waiting(sam) is None
    assert sam.given(sam.post("/masters/items/changes", body), 201)["step"]["signed"] == []
    take_back(sam)
    assert sam.post("/masters/items/changes/take-back", taking).status_code == 404
    told = priya.given(priya.get("/audit?writer=designer&limit=200"))["entries"]
    assert any("took step" in each["sentence"] and each["reason"] == "It was the wrong row" for each in told)


def test_a_step_shows_its_rows_before_and_after_and_since_when_it_counts(sam: Browser) -> None:
    page = sam.given(sam.get("/masters/items"))
    assert all(each["since"] for each in page["steps"] if each["in_force"])
    key = [hospital.SYSTEM, "CAT-0014"]
    body = {"retire": [{"key": key, "day": "2031-01-01"}], "reason": "Not bought any more"}
    made = sam.given(sam.post("/masters/items/changes", body), 201)["step"]
    shown = sam.given(sam.get(f"/masters/items/steps/{made['sequence']}"))
    (row,) = [each for each in shown["rows"] if each["key"] == key]
    assert (row["act"], row["person"], row["after"]["valid_to"]) == ("retires", "Sam", "2031-01-01")
    assert row["before"]["valid_to"] is None and shown["step"]["since"] is None and shown["more"] == 0
    assert sam.get("/masters/items/steps/99").status_code == 404
    take_back(sam)


def test_a_code_of_boxes_without_what_is_in_a_box_is_refused(sam: Browser) -> None:
    answer = sam.post("/masters/items/changes", {"add": [row_of("BOX-1", unit="BOX")], "reason": "A box"})
    assert answer.status_code == 422 and "say how many EA one BOX is" in answer.get_json()["sentence"]


def test_one_case_is_replayed_by_its_number(priya: Browser) -> None:
    member = next(
        each for each in priya.given(priya.get(f"/exceptions/{causes(priya)['not-active']['group']}"))["members"]
    )
    page = priya.given(priya.get(f"/cases/{member['number']}"))
    assert page["fix"]["kind"] == "add-row" and page["postings"][0]["state"] == "parked"
    said = priya.given(priya.post(f"/cases/{member['number']}/replay", {"dry_run": True}))
    assert said["park"] == 1
    done = priya.given(priya.post(f"/cases/{member['number']}/replay", {}))
    assert done["outcome"] == "parked-again"
    assert priya.get("/cases/4711").status_code == 404


def member(browser: Browser, cause: str) -> int:
    group = next(group for code, group in causes(browser).items() if code.startswith(cause))["group"]
    number: int = browser.given(browser.get(f"/exceptions/{group}"))["members"][0]["number"]
    return number


def test_a_case_says_where_it_failed_what_the_step_had_and_what_to_do(priya: Browser) -> None:
    answer = priya.get(f"/cases/{member(priya, 'not-active')}")
    page = priya.given(answer)
    assert (page["flow_name"], page["step_title"]) == ("Supply consumption", "Encounter and location")
    assert [(each["step"], each["state"]) for each in page["path"]] == [
        ("receive", "passed"),
        ("check", "failed"),
        *((step, "not-reached") for step in ("lines", "tokenise", "to-material", "event", "decrement")),
    ]
    read = {each["path"]: each for each in page["passage"]["before"]}
    assert {"PV1-3.1", "PV1-19.1", "MSH-7.1"} <= set(read) and "PID-5.1" not in read
    assert {each["value"] for each in read.values()} == {"•••"}
    assert holds_no_patient(answer.get_data(as_text=True))
    assert page["runbook"] and page["history"][0]["sentence"].startswith("Opened: the row that its key has")
    assert page["may_close"] is True and page["closed"] == ""


def test_a_case_of_one_line_shows_no_field_of_another_line(place: Workplace, priya: Browser) -> None:
    place.there.send(place.there.charge("SUT-2001", "GONE-77", encounter="ENC88009"))
    place.there.settle()
    number = next(
        each["number"]
        for group in causes(priya).values()
        for each in priya.given(priya.get(f"/exceptions/{group['group']}"))["members"]
        if each["cause"] == "master-miss" and each["state"] == "open"
    )
    page = priya.given(priya.get(f"/cases/{number}"))
    assert page["postings"][0]["item"] == "FT1[2]"
    assert {each["path"].partition("-")[0] for each in page["passage"]["before"]} == {"FT1[2]"}
    assert "material" in page["passage"]["after"]


def test_a_case_is_closed_with_a_reason_by_an_operator_and_by_nobody_else(place: Workplace, priya: Browser) -> None:
    number = member(priya, "control-id")
    why = {"reason": "The sender was told; it was a test of theirs."}
    for person in ("sam", "ana", "omar"):
        assert place.signed_in(person).post(f"/cases/{number}/close", why).status_code == 403
    assert priya.post(f"/cases/{number}/close", {"reason": "gone"}).status_code == 422
    page = priya.given(priya.post(f"/cases/{number}/close", why))
    assert (page["card"]["state"], page["closed"], page["may_close"]) == ("resolved", why["reason"], False)
    assert page["history"][-1]["who"] == "Priya" and why["reason"] in page["history"][-1]["sentence"]
    assert page["passage"] is None and page["path"] == []
    again = priya.post(f"/cases/{number}/close", why)
    assert again.status_code == 409 and again.get_json()["sentence"] == f"Case {number} is resolved already."
    theirs = priya.given(priya.get("/audit?writer=delivery&limit=200"))
    (record,) = [each for each in theirs["entries"] if each["action"] == "case.closed"]
    assert record["sentence"] == f"Case {number} was closed by Priya without a posting."
    assert record["reason"] == why["reason"]


def test_who_looked_at_which_field_of_which_message_and_why_stands_in_one_list(priya: Browser) -> None:
    asked = priya.given(priya.post("/messages/2/reveal", {"path": "PID-3.1", "reason": WHY}))
    found = priya.given(priya.get("/audit/search?what=revealed"))
    (newest, *_) = found["entries"]
    assert (newest["actor"], newest["place"], newest["message"], newest["reason"]) == ("Priya", "PID-3.1", 2, WHY)
    assert (newest["where"], newest["seq"], newest["link"]) == ("delivery", asked["record"], "/messages/2")
    assert json.loads(newest["record"])["seq"] == newest["seq"]
    assert holds_no_patient(found)
    at = newest["at"]
    days = {"since": f"&since={at + 1}", "until": f"&until={at}"}
    assert newest not in priya.given(priya.get(f"/audit/search?what=revealed{days['since']}"))["entries"]
    assert newest not in priya.given(priya.get(f"/audit/search?what=revealed{days['until']}"))["entries"]
    assert priya.given(priya.get("/audit/search?what=revealed&person=omar"))["entries"] == []
    assert newest in priya.given(priya.get("/audit/search?what=revealed&person=priya"))["entries"]


def test_what_people_did_leads_to_what_it_is_about(priya: Browser) -> None:
    group = next(iter(causes(priya).values()))["group"]
    priya.given(priya.post(f"/exceptions/{group}/assign", {"take": True, "note": ""}))
    priya.given(priya.post(f"/exceptions/{group}/assign", {"take": False, "note": ""}))
    found = priya.given(priya.get("/audit/search?what=people&limit=200"))["entries"]
    leads = {each["action"]: (each["about"], each["link"]) for each in reversed(found)}
    assert leads["cause.taken-on"] == (f"cause {group[:12]}", f"/exceptions/{group}")
    assert leads["message.revealing"] == ("message 2", "/messages/2")
    assert leads["master.prepared"][1] == "/masters/items?tab=steps"


def test_signatures_on_releases_and_masters_stand_in_the_audit_as_sentences(priya: Browser) -> None:
    found = priya.given(priya.get("/audit/search?what=signatures&limit=200"))["entries"]
    actions = {each["action"] for each in found if each["where"] == "store"}
    assert {"release.sealed", "release.approved", "release.signed-on", "master.signed"} <= actions
    (on,) = [each for each in found if each["action"] == "release.signed-on"]
    assert on["sentence"].startswith(f"{on['actor']} activated release ") and "as version 1." in on["sentence"]
    assert on["link"].startswith(f"{DESK}/release/")
    assert [each["at"] for each in found] == sorted((each["at"] for each in found), reverse=True)


@pytest.mark.parametrize("what", ["everything", "people", "sign-ins", "signatures"])
def test_pages_of_a_search_put_together_are_the_search(priya: Browser, what: str) -> None:
    until = priya.given(priya.get(f"/audit/search?what={what}"))["entries"][0]["at"]
    whole, at = [], ""
    while True:
        page = priya.given(priya.get(f"/audit/search?what={what}&until={until}&limit=3{at}"))
        whole += page["entries"]
        if page["next"] is None:
            break
        at = f"&at={page['next']}"
    marks = [(each["where"], each["seq"], each["head"], each["actor"], each["action"]) for each in whole]
    assert len(set(marks)) == len(marks)
    assert [each["at"] for each in whole] == sorted((each["at"] for each in whole), reverse=True)
    largest = priya.given(priya.get(f"/audit/search?what={what}&until={until}&limit=200"))["entries"]
    assert whole[: len(largest)] == largest


def test_what_is_filtered_is_taken_away_as_a_file_and_the_audit_says_so(place: Workplace, priya: Browser) -> None:
    shown = priya.given(priya.get("/audit/search?what=revealed"))["entries"]
    table = priya.get("/audit/export?what=revealed&person=priya&format=csv")
    assert table.status_code == 200 and "attachment" in table.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(table.get_data(as_text=True))))
    assert [(int(row["record"]), row["hash"], row["field"]) for row in rows] == [
        (each["seq"], each["head"], each["place"]) for each in shown
    ]
    lines = priya.get("/audit/export?what=revealed&format=jsonl").get_data(as_text=True).splitlines()
    assert [json.loads(line)["to the letter"] for line in lines] == [each["record"] for each in shown]
    newest = priya.given(priya.get("/audit/search?what=people"))["entries"]
    said = [each["sentence"] for each in newest if each["action"] == "audit.exported"]
    assert said[0] == f"Priya took {len(shown)} records of the audit away as a file (revealed)."
    assert place.signed_in("sam").get("/audit/export").status_code == 403


def test_a_version_says_who_signed_it_when_and_leads_to_its_page_on_the_desk(priya: Browser) -> None:
    (card,) = priya.given(priya.get(f"/releases?flow={FLOW}"))["releases"]
    assert card["desk"] == f"{DESK}/release/{card['release']}"
    acts = [each["act"] for each in card["signatures"]]
    assert acts[0] == "sealed" and acts.count("approved") == 2 and acts[-1] == "activated"
    assert all(each["at"] > 0 and each["person"] for each in card["signatures"])
    assert card["signatures"][-1]["sequence"] == 1


def test_a_message_is_found_by_its_number_and_by_sender_facility_and_control_id(
    place: Workplace, priya: Browser
) -> None:
    assert [each["number"] for each in priya.given(priya.post("/messages/search", {"key": "3"}))["messages"]] == [3]
    assert priya.given(priya.post("/messages/search", {"key": "4711"}))["messages"] == []
    header = place.there.charge("SUT-2001").split(b"\r")[0].split(b"|")
    sender, facility = header[2].decode(), header[3].decode()
    fresh = place.there.charge("SUT-2001", encounter="ENC88009")
    place.there.send(fresh)
    place.there.settle()
    control = fresh.split(b"\r")[0].split(b"|")[9].decode()
    (found,) = priya.given(priya.post("/messages/search", {"key": f"{sender}|{facility}|{control}"}))["messages"]
    assert found["number"] == priya.given(priya.get("/messages?limit=1"))["messages"][0]["number"]
    assert priya.given(priya.post("/messages/search", {"key": f"{sender}|{facility}|other"}))["messages"] == []


def test_an_attempt_that_was_put_off_stands_in_the_timeline_with_its_answer(place: Workplace, priya: Browser) -> None:
    there = place.there
    there.send(there.charge("SUT-2001", encounter="ENC88010"))
    there.settle()
    there.erp.busy.add(there.erp.taken[-1]["material"])
    there.send(there.charge("SUT-2001", encounter="ENC88011"))
    there.settle()
    number = priya.given(priya.get("/messages?limit=1"))["messages"][0]["number"]
    life = priya.given(priya.get(f"/messages/{number}"))
    assert life["postings"][0]["attempts"] == 2 and life["postings"][0]["state"] == "delivered"
    (put_off,) = [each for each in life["moments"] if each["sentence"].startswith("Attempt 1: ")]
    assert put_off["sentence"].endswith(" answered 503; it is sent again.")
    assert put_off["at"] <= life["postings"][0]["ended"]
    monitor = priya.given(priya.get("/monitor"))["flows"][0]
    assert monitor["window"]["deferred"] == 1


def test_messages_of_a_stretch_of_time_are_listed_and_the_key_fields_are_named(priya: Browser) -> None:
    newest = priya.given(priya.get("/messages?limit=1"))["messages"][0]
    at = newest["received"]
    assert newest in priya.given(priya.get(f"/messages?since={at}"))["messages"]
    assert newest not in priya.given(priya.get(f"/messages?until={at}"))["messages"]
    keys = priya.given(priya.get("/message-keys"))
    assert [(each["flow"], each["fields"]) for each in keys["flows"]] == [(FLOW, ["PV1-19.1"])]
    assert "nothing else can be searched for" in keys["sentence"]


@pytest.mark.parametrize("writer", ["intake", "delivery", "designer"])
def test_every_chain_can_be_computed_again_from_its_pages(priya: Browser, writer: str) -> None:
    head, after, last = bytes(32), 0, 0
    while True:
        page = priya.given(priya.get(f"/audit?writer={writer}&after={after}&limit=7"))
        assert page["previous"] == head.hex()
        if not page["rows"]:
            break
        for row in page["rows"]:
            for line in row["records"]:
                head = hashlib.sha256(head + line.encode()).digest()
            assert row["head"] == head.hex()
            after, last = row["first"], row["first"] + row["count"] - 1
    assert last == page["last"]


def test_the_audit_is_verified_as_a_whole_by_those_who_may(place: Workplace, priya: Browser) -> None:
    said = priya.given(priya.post("/audit/verify"))
    assert said["good"] is True and {each["writer"] for each in said["chains"]} == {"designer", "intake", "delivery"}
    folders = place.settings
    assert said["command"] == f"lockgate audit verify --data {folders.runtime.name} --designer {folders.data.name}"
    assert place.signed_in("sam").get("/audit").status_code == 403
    newest = priya.given(priya.get("/audit"))
    assert "audit.viewed" in {each["action"] for each in newest["entries"]}


def test_without_a_runtime_pages_say_so_and_masters_stay_readable(place: Workplace, priya: Browser) -> None:
    place.there.runtime.stop()
    page = priya.given(priya.get("/monitor"))
    assert page["answers"] is False and page["flows"][0]["state"] == "unknown"
    for path in ("/exceptions", "/messages", "/messages/2"):
        answer = priya.get(path)
        assert answer.status_code == 503 and answer.get_json()["error"] == "no-runtime"
    assert priya.given(priya.get("/masters/items"))["page"]["taken"] is None
    assert priya.given(priya.post("/audit/verify"))["good"] is False
