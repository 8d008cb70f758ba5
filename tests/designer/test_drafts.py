"""Drafts: revisions, the pen, the author set, and what a second person or a second tab meets."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from designer import drafts
from designer.context import Caller
from designer.errors import Conflict
from flows.trust import Role
from tests.designer.office import Browser, Office


def begun(browser: Browser, name: str = "Implant use", **source: Any) -> dict[str, Any]:
    """A new draft."""
    made: dict[str, Any] = browser.given(
        browser.post("/drafts", {"name": name, "from": source or {"pattern": "supply-consumption"}}), 201
    )
    return made


def titled(draft: dict[str, Any], title: str) -> dict[str, Any]:
    document = copy.deepcopy(draft["document"])
    document["steps"][0]["title"] = title
    return document


def saving(browser: Browser, draft: dict[str, Any], title: str, revision: int | None = None) -> Any:
    body = {"revision": revision or draft["revision"], "document": titled(draft, title), "summary": f"Named {title}"}
    return browser.put(f"/drafts/{draft['id']}", body)


def test_a_draft_from_a_pattern_is_a_flow_of_its_own_name(office: Office) -> None:
    draft = begun(office.signed_in("ana"), "Implant use → ERP")
    assert (draft["flow"], draft["document"]["name"]) == ("implant-use-erp", "Implant use → ERP")
    assert draft["document"]["id"] == "implant-use-erp"
    assert (draft["revision"], draft["authors"], draft["mine"], draft["changed"]) == (1, ["ana"], True, True)


def test_a_blank_draft_has_the_purpose_that_permits_least(office: Office) -> None:
    draft = begun(office.signed_in("ana"), blank=True)
    assert draft["document"]["purpose"] == "interface-monitoring"
    assert draft["document"]["steps"] == []


def test_two_flows_of_one_name_get_two_ids(office: Office) -> None:
    ana = office.signed_in("ana")
    assert [begun(ana)["flow"] for _ in range(3)] == ["implant-use", "implant-use-2", "implant-use-3"]


@pytest.mark.parametrize("source", [{"pattern": "none"}, {"flow": "none"}])
def test_a_draft_from_nothing_that_is_there_is_refused(office: Office, source: dict[str, str]) -> None:
    assert office.signed_in("ana").post("/drafts", {"name": "x", "from": source}).status_code == 404


def test_a_save_is_a_revision_and_says_what_is_found(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    saved = ana.given(saving(ana, draft, "Theatre charges"))
    assert (saved["revision"], saved["changed"], saved["analysis"]["revision"]) == (2, True, 2)
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["document"]["steps"][0]["title"] == "Theatre charges"
    listed = ana.given(ana.get(f"/drafts/{draft['id']}/revisions"))["revisions"]
    assert [(each["number"], each["person"], each["summary"]) for each in listed] == [
        (2, "ana", "Named Theatre charges"),
        (1, "ana", "Began from pattern supply-consumption"),
    ]
    first = ana.given(ana.get(f"/drafts/{draft['id']}/revisions/1"))
    assert first["document"] == draft["document"]


def test_saving_what_is_already_saved_is_no_revision(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    for _ in range(3):
        saved = ana.given(ana.put(f"/drafts/{draft['id']}", {"revision": 1, "document": draft["document"]}))
        assert saved["revision"] == 1


def test_a_stale_revision_is_refused_and_nothing_is_lost(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    ana.given(saving(ana, draft, "First"))
    refused = saving(ana, draft, "Second", revision=1)
    assert (refused.status_code, refused.get_json()["error"]) == (409, "stale-revision")
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["document"]["steps"][0]["title"] == "First"


def test_the_same_save_many_times_at_once_is_saved_once(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    value = ana.client.get_cookie("lockgate-8080")
    assert value is not None

    def save(_: int) -> int:
        twin = office.browser()
        twin.client.set_cookie("lockgate-8080", value.value, domain="localhost")
        return int(saving(twin, draft, "Once").status_code)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(save, range(8)))
    assert set(answers) <= {200, 409}
    assert 200 in answers
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["revision"] == 2


def test_only_who_has_the_pen_writes_and_others_are_told_who_has_it(office: Office) -> None:
    ana, ben = office.signed_in("ana"), office.signed_in("ben")
    draft = begun(ana)
    seen = ben.given(ben.get(f"/drafts/{draft['id']}"))
    assert (seen["mine"], seen["pen"]["name"]) == (False, "Ana")
    refused = saving(ben, draft, "Mine now")
    assert (refused.status_code, refused.get_json()["error"]) == (409, "pen-held")
    assert "Ana" in refused.get_json()["sentence"]
    assert ben.post(f"/drafts/{draft['id']}/pen", {"take": True}).status_code == 409


def test_the_pen_passes_on_when_it_is_laid_down_or_nobody_keeps_it(office: Office) -> None:
    ana, ben = office.signed_in("ana"), office.signed_in("ben")
    draft = begun(ana)
    assert ana.given(ana.post(f"/drafts/{draft['id']}/pen", {"take": False})) == {"pen": None, "mine": False}
    assert ben.given(ben.post(f"/drafts/{draft['id']}/pen", {"take": True}))["mine"] is True
    assert saving(ana, draft, "Too late").status_code == 409
    office.watch.pass_by(seconds=91)
    assert ana.given(ana.post(f"/drafts/{draft['id']}/pen", {"take": True}))["mine"] is True


def test_whoever_keeps_the_pen_keeps_it(office: Office) -> None:
    ana, ben = office.signed_in("ana"), office.signed_in("ben")
    draft = begun(ana)
    for _ in range(5):
        office.watch.pass_by(seconds=60)
        assert ana.given(ana.post(f"/drafts/{draft['id']}/pen", {"take": True}))["mine"] is True
        assert ben.post(f"/drafts/{draft['id']}/pen", {"take": True}).status_code == 409


def test_a_second_tab_of_the_same_person_is_told_and_may_take_over(office: Office) -> None:
    first = office.signed_in("ana", "first")
    draft = begun(first)
    second = first.another_tab()
    assert second.given(second.get(f"/drafts/{draft['id']}"))["mine"] is False
    refused = saving(second, draft, "From the second tab")
    assert (refused.status_code, refused.get_json()["error"]) == (409, "pen-elsewhere")
    assert second.given(second.post(f"/drafts/{draft['id']}/pen", {"take": True}))["mine"] is True
    second.given(saving(second, draft, "From the second tab"))
    assert saving(first, draft, "From the first tab", revision=2).status_code == 409


def test_everybody_whose_edit_is_in_it_is_an_author_for_good(office: Office) -> None:
    ana, ben = office.signed_in("ana"), office.signed_in("ben")
    draft = begun(ana)
    ana.post(f"/drafts/{draft['id']}/pen", {"take": False})
    ben.given(saving(ben, draft, "Ben was here"))
    back = ben.given(ben.put(f"/drafts/{draft['id']}", {"revision": 2, "document": draft["document"]}))
    assert back["authors"] == ["ana", "ben"]
    listed = ana.given(ana.get("/drafts"))["drafts"][0]
    assert listed["authors"] == ["ana", "ben"]


def test_who_only_looked_or_held_the_pen_is_no_author(office: Office) -> None:
    ana, ben = office.signed_in("ana"), office.signed_in("ben")
    draft = begun(ana)
    ana.post(f"/drafts/{draft['id']}/pen", {"take": False})
    ben.given(ben.post(f"/drafts/{draft['id']}/pen", {"take": True}))
    ben.given(ben.put(f"/drafts/{draft['id']}", {"revision": 1, "document": draft["document"]}))
    assert ben.given(ben.get(f"/drafts/{draft['id']}"))["authors"] == ["ana"]


def test_old_saves_are_thinned_to_one_a_minute_and_the_newest_stays(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    for number in range(1, 60):
        office.watch.pass_by(seconds=30)
        ana.given(saving(ana, draft, f"Title {number}", revision=number))
    kept = ana.given(ana.get(f"/drafts/{draft['id']}/revisions?limit=100"))["revisions"]
    assert kept[0]["number"] == 60
    assert len(kept) < 60
    gone = next(number for number in range(1, 60) if number not in {each["number"] for each in kept})
    assert ana.get(f"/drafts/{draft['id']}/revisions/{gone}").status_code == 404
    assert kept[-1]["person"] == "ana"


def test_a_locked_draft_is_read_only_and_comes_back(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    with office.designer.database.change("ana") as change:
        drafts.lock(office.designer, change, draft["id"], "r1")
        change.record("review.opened", draft=draft["id"])
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["locked"] is True
    for answer in (
        saving(ana, draft, "While it waits"),
        ana.post(f"/drafts/{draft['id']}/pen", {"take": True}),
        ana.delete(f"/drafts/{draft['id']}"),
    ):
        assert (answer.status_code, answer.get_json()["error"]) == (409, "locked")
    with office.designer.database.change("ana") as change:
        drafts.unlock(office.designer, change, draft["id"])
        change.record("review.withdrawn", draft=draft["id"])
    ana.given(saving(ana, draft, "After it came back"))


def test_a_draft_that_was_thrown_away_is_gone_from_every_list(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    assert ana.delete(f"/drafts/{draft['id']}").status_code == 204
    assert ana.delete(f"/drafts/{draft['id']}").status_code == 404
    assert ana.get(f"/drafts/{draft['id']}").status_code == 404
    assert ana.given(ana.get("/drafts"))["drafts"] == []
    assert ana.given(ana.get("/flows"))["flows"] == []


def test_the_id_of_a_flow_cannot_be_changed(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    refused = ana.put(f"/drafts/{draft['id']}", {"revision": 1, "document": {**draft["document"], "id": "other"}})
    assert (refused.status_code, refused.get_json()["pointer"]) == (422, "/document/id")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"notes": ["\ud83c"]}, None),
        ({"deep": [[[[[[[[[["x"]]]]]]]]]]}, "fine"),
        ({"big": "x" * (1 << 20)}, "/document"),
    ],
)
def test_a_document_that_cannot_be_kept_is_refused(office: Office, change: dict[str, Any], pointer: str | None) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    answer = ana.put(f"/drafts/{draft['id']}", {"revision": 1, "document": {**draft["document"], **change}})
    assert answer.status_code == {None: 422, "fine": 200, "/document": 413}[pointer]


def test_a_document_that_is_no_flow_is_kept_and_its_findings_say_why(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    broken = {"id": draft["flow"], "name": "Half a flow", "steps": "none"}
    saved = ana.given(ana.put(f"/drafts/{draft['id']}", {"revision": 1, "document": broken}))
    assert saved["analysis"]["blocks"] > 0
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["document"] == broken
    assert ana.given(ana.get("/flows"))["flows"][0]["id"] == draft["flow"]
    assert ana.get(f"/drafts/{draft['id']}/picture.svg").status_code in (200, 404)


def test_a_text_is_kept_in_one_spelling(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    ana.given(saving(ana, draft, "Ope\u0301ration"))
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["document"]["steps"][0]["title"] == "Opération"


def test_a_preview_shows_what_a_fix_would_do_and_stores_nothing(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    document = copy.deepcopy(draft["document"])
    del document["steps"][3]
    document["wires"] = [wire for wire in document["wires"] if "tokenise" not in wire["from"] + wire["to"]]
    document["wires"].append({"from": "lines.out", "to": "to-material.in"})
    saved = ana.given(ana.put(f"/drafts/{draft['id']}", {"revision": 1, "document": document}))
    leak = next(each for each in saved["analysis"]["findings"] if each["severity"] == "hard")
    assert leak["fixes"], leak["sentence"]
    fixed = ana.given(ana.post(f"/drafts/{draft['id']}/preview", {"edits": leak["fixes"][0]["edits"]}))
    assert fixed["analysis"]["blocks"] < saved["analysis"]["blocks"]
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["revision"] == 2


@pytest.mark.parametrize(
    "edit",
    [
        {"op": "remove-wire", "wire": ["a.out", "b.in"]},
        {"op": "set-config", "step": "none", "pointer": "/x", "value": 1},
        {"op": "remove-flow", "pointer": "/steps/99"},
        {"op": "set-flow", "pointer": "", "value": {}},
        {"op": "add-step", "step": {}, "wire": ["a.out", "b.in"]},
    ],
)
def test_an_edit_that_does_not_fit_is_refused_with_a_sentence(office: Office, edit: dict[str, Any]) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    refused = ana.post(f"/drafts/{draft['id']}/preview", {"edits": [edit]})
    assert (refused.status_code, refused.get_json()["error"]) == (422, "no-such-place")


def test_two_first_takers_of_a_free_pen_get_it_once(office: Office) -> None:
    callers = [Caller(name, name, (Role.ANALYST,), name, "t") for name in ("ana", "ben")]

    def take(caller: Caller) -> bool:
        try:
            office.designer.pens.take("d1", caller, 0, own=True)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, callers)) == [False, True]


def test_a_draft_that_was_thrown_away_says_so_and_where_to_go(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    ana.given(ana.delete(f"/drafts/{draft['id']}"), 204)
    gone = ana.get(f"/drafts/{draft['id']}")
    assert gone.status_code == 404
    assert gone.get_json()["sentence"].startswith("This draft of 'Implant use' was thrown away.")
    assert gone.get_json()["link"] == "/flows"


@pytest.mark.parametrize("path", ["/exceptions/nope", "/drafts/nope", "/reviews/nope", "/drafts/d1/revisions/none"])
def test_an_address_that_can_name_nothing_is_not_there(office: Office, path: str) -> None:
    answer = office.signed_in("ana").get(path)
    assert answer.status_code == 404 and "pattern" not in answer.get_json()["sentence"]
