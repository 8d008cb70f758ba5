"""Submit, review, sign, go live: the designer beside a real store, a real runtime and people's own keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from designer import shadows
from designer.models.drafts import AuthorRow
from designer.models.people import PersonRow
from designer.watching import Watch
from flows.bundle import Bundle, parse_bundle
from flows.instants import from_ms, to_ms
from flows.trust import Authorship
from lockgate.demo.house import until
from lockgate.keys import read_key, sign_statement
from runtime import objections
from tests.designer.office import Browser
from tests.designer.workplace import DESK, Workplace, workplace
from tests.installation import FLOW

pytestmark = pytest.mark.xdist_group("reviews")
WHY = "Supply chain asked for it in ticket 4711, so that quantities fit."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with workplace(tmp_path_factory.mktemp("reviews")) as made:
        for person in ("ana", "omar", "mei", "sam", "priya"):
            made.signed_in(person)
        yield made


def submitted(place: Workplace, name: str, person: str = "ana") -> tuple[Browser, dict[str, Any], dict[str, Any]]:
    """A draft of the pattern, submitted: whoever did it, the draft, the answer."""
    browser = place.signed_in(person)
    draft = place.elsewhere(browser, name)
    body = {"summary": f"{name} begins", "reason": WHY}
    return browser, draft, browser.given(browser.post(f"/drafts/{draft['id']}/submit", body), 201)


def author_signs(place: Workplace, release: str, person: str = "ana") -> None:
    """What the desk does for an author."""
    store = place.designer.store
    flow = str(json.loads(store.get(release))["flow"]["id"])
    said = Authorship(flow=flow, environment="TEST", at=from_ms(place.designer.clock.now_ms()))
    store.add_envelope(release, sign_statement(release, said, read_key(place.there.house.key(person))))


def review(browser: Browser, name: str) -> dict[str, Any]:
    found: dict[str, Any] = browser.given(browser.get(f"/reviews/{name}"))
    return found


def act(page: dict[str, Any], which: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in page["people"]["acts"] if each["act"] == which)
    return found


def test_a_submitted_draft_is_sealed_and_locked_and_waits_for_its_author(place: Workplace) -> None:
    ana, draft, made = submitted(place, "Begins")
    assert made["sign"] == f"{DESK}/release/{made['release']}#act=author&as=ana&review={made['review']}"
    assert place.designer.store.get(made["release"])
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["locked"] is True
    page = review(ana, made["review"])
    assert page["card"]["state"] == "waits-for-author"
    assert act(page, "author")["may"] is True
    assert ana.post(f"/drafts/{draft['id']}/submit", {"summary": "again", "reason": WHY}).status_code == 409


def test_the_page_has_seven_answers_rules_tests_and_what_leaves(place: Workplace) -> None:
    ana, _, made = submitted(place, "Answers")
    page = review(ana, made["review"])
    assert [each["filled"] for each in page["answers"]] == [True] * 7
    assert page["answers"][1]["answer"].startswith("Supply chain asked for it in ticket 4711")
    assert "It takes what comes from Operating room system." in page["answers"][0]["answer"]
    assert page["card"]["sentence"].startswith("First release: 5 fields reach ERP inventory")
    assert page["card"]["tier"] == "high" and page["tier_why"]
    assert {each["direction"] for each in page["exposure"]} == {"wider"}
    results = {rule["id"]: rule["result"] for rule in page["rules"]}
    assert "broken" not in results.values() and "holds" in results.values()
    assert page["tests"]["failed"] == 0 and page["tests"]["missed"] == []
    assert page["graph"]["before"] is None and len(page["graph"]["added"]) == 7
    assert page["people"]["missing"][0].startswith("An author seals it")
    picture = ana.get(f"/reviews/{made['review']}/picture.svg")
    assert picture.status_code == 200 and picture.get_data(as_text=True).startswith("<svg")
    assert ana.get(f"/reviews/{made['review']}/picture.svg?side=before").status_code == 404


def test_each_is_told_of_the_acts_that_are_theirs_by_role_or_as_an_author(place: Workplace) -> None:
    ana, _, made = submitted(place, "Whose")
    meant = {
        person: [each["act"] for each in review(browser, made["review"])["people"]["acts"] if each["meant"]]
        for person, browser in (("ana", ana), *((who, place.signed_in(who)) for who in ("omar", "mei", "priya")))
    }
    assert meant == {"ana": ["author", "approve"], "omar": ["approve"], "mei": ["approve"], "priya": ["activate"]}


def test_a_draft_with_something_hard_left_is_not_sealed(place: Workplace) -> None:
    ana = place.signed_in("ana")
    draft = place.elsewhere(ana, "Leaks")
    document = draft["document"]
    document["steps"] = [step for step in document["steps"] if step["id"] != "tokenise"]
    document["wires"] = [
        {**wire, "to": "to-material.in"} if wire["to"] == "tokenise.in" else wire
        for wire in document["wires"]
        if wire["from"] != "tokenise.out"
    ]
    ana.given(ana.put(f"/drafts/{draft['id']}", {"revision": 2, "document": document, "summary": "no mask"}))
    for case in ana.given(ana.get(f"/drafts/{draft['id']}/cases"))["cases"]:
        ana.given(ana.put(f"/drafts/{draft['id']}/cases/{case['id']}", {"title": case["title"], "accept": True}))
    before = place.designer.store.releases()
    answer = ana.post(f"/drafts/{draft['id']}/submit", {"summary": "leaks", "reason": WHY})
    assert answer.status_code == 422 and answer.get_json()["error"] == "findings"
    assert "PID-3" in answer.get_json()["sentence"]
    assert place.designer.store.releases() == before
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["locked"] is False


def test_a_draft_without_passing_test_cases_is_not_submitted(place: Workplace) -> None:
    ana = place.signed_in("ana")
    draft = place.elsewhere(ana, "Untried")
    cases = ana.given(ana.get(f"/drafts/{draft['id']}/cases"))["cases"]
    for case in cases:
        ana.given(ana.delete(f"/drafts/{draft['id']}/cases/{case['id']}"), 204)
    answer = ana.post(f"/drafts/{draft['id']}/submit", {"summary": "untried", "reason": WHY})
    assert answer.status_code == 422 and answer.get_json()["error"] == "no-test-case"


@pytest.mark.parametrize("person", ["omar", "mei", "sam", "priya"])
def test_only_analysts_submit(place: Workplace, person: str) -> None:
    browser = place.signed_in(person)
    answer = browser.post("/drafts/d0000000000000000/submit", {"summary": "mine", "reason": WHY})
    assert answer.status_code == 403


def test_comments_have_places_and_an_approver_sends_back_with_words(place: Workplace) -> None:
    ana, draft, made = submitted(place, "Goes back")
    omar = place.signed_in("omar")
    name = made["review"]
    body = {"text": "Why is this field needed?", "place": {"step": "event", "field": "usedAt"}}
    page = omar.given(omar.post(f"/reviews/{name}/comments", body), 201)
    assert page["comments"][0]["place"] == {"step": "event", "wire": None, "field": "usedAt"}
    assert page["card"]["open_comments"] == 1
    page = ana.given(ana.post(f"/reviews/{name}/comments/1/resolve"))
    assert page["comments"][0]["resolved_by"] == "ana"
    assert ana.post(f"/reviews/{name}/return", {"text": "I send my own back"}).status_code == 403
    page = omar.given(omar.post(f"/reviews/{name}/return", {"text": "Leave out the time of use."}))
    assert page["card"]["state"] == "returned"
    assert page["comments"][-1]["kind"] == "return"
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["locked"] is False
    assert omar.post(f"/reviews/{name}/return", {"text": "Once more, please."}).status_code == 409


def objection(place: Workplace, release: str) -> tuple[str, str, str, str | None] | None:
    found = objections.read(place.designer.store, release)
    return (found.how, found.person, found.words, found.review) if found else None


def test_a_release_that_was_sent_back_is_set_aside_in_the_store_with_the_words(place: Workplace) -> None:
    ana, _, made = submitted(place, "Set aside")
    author_signs(place, made["release"])
    omar, words = place.signed_in("omar"), "Leave out the time of use."
    for person in ("mei", "omar"):
        place.there.house.approve(made["release"], person)
    assert review(ana, made["review"])["card"]["state"] == "approved"
    omar.given(omar.post(f"/reviews/{made['review']}/return", {"text": words}))
    assert objection(place, made["release"]) == ("returned", "omar", words, made["review"])
    page = review(place.signed_in("priya"), made["review"])
    assert page["card"]["state"] == "returned" and not any(each["may"] for each in page["people"]["acts"])
    listed = {each["release"]: each["state"] for each in ana.given(ana.get("/releases"))["releases"]}
    assert listed[made["release"]] == "set-aside"


def test_what_was_withdrawn_is_set_aside_too(place: Workplace) -> None:
    ana, _, made = submitted(place, "Set aside by its author")
    ana.given(ana.post(f"/reviews/{made['review']}/withdraw"))
    assert objection(place, made["release"]) == ("withdrawn", "ana", "", made["review"])


def test_the_same_bytes_handed_in_again_are_set_aside_no_more(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, draft, made = submitted(place, "Answered in words")
    omar = place.signed_in("omar")
    omar.given(omar.post(f"/reviews/{made['review']}/return", {"text": "Why the time of use?"}))
    assert objection(place, made["release"]) is not None
    made_at = to_ms(json.loads(place.designer.store.get(made["release"]))["made"])
    monkeypatch.setattr(place.designer.clock, "now_ms", lambda: made_at)
    body = {"summary": "The time is needed for the ledger", "reason": WHY}
    again = ana.given(ana.post(f"/drafts/{draft['id']}/submit", body), 201)
    assert again["release"] == made["release"] and again["review"] != made["review"]
    assert objection(place, made["release"]) is None
    assert review(ana, again["review"])["card"]["state"] == "waits-for-author"


def test_a_no_that_the_store_does_not_take_is_not_taken(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, _, made = submitted(place, "Full disk")
    omar = place.signed_in("omar")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place.designer.store, "put_objection", full)
    answer = omar.post(f"/reviews/{made['review']}/return", {"text": "Leave out the time."})
    assert answer.status_code == 503 and "not taken" in answer.get_json()["sentence"]
    assert review(ana, made["review"])["card"]["state"] == "waits-for-author"


def test_its_authors_see_what_was_asked_for_until_they_hand_it_in_again(place: Workplace) -> None:
    ana, draft, made = submitted(place, "Asked for changes")
    omar = place.signed_in("omar")
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["asked_for"] is None
    omar.given(omar.post(f"/reviews/{made['review']}/return", {"text": "Leave out the time of use."}))
    asked = ana.given(ana.get(f"/drafts/{draft['id']}"))["asked_for"]
    assert (asked["review"], asked["name"], asked["text"]) == (made["review"], "Omar", "Leave out the time of use.")
    cards = {each["id"]: each["asked_for"] for each in ana.given(ana.get("/drafts"))["drafts"]}
    assert cards[draft["id"]] == asked
    resubmitted(place, ana, draft, without_reference)
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["asked_for"] is None


def resubmitted(place: Workplace, ana: Browser, draft: dict[str, Any], edit: Callable[[Any], None]) -> str:
    """The draft with an edit, submitted again; the review's name."""
    now = ana.given(ana.get(f"/drafts/{draft['id']}"))
    edit(now["document"])
    body = {"revision": now["revision"], "document": now["document"], "summary": "edited"}
    ana.given(ana.put(f"/drafts/{draft['id']}", body))
    for case in ana.given(ana.get(f"/drafts/{draft['id']}/cases"))["cases"]:
        ana.given(ana.put(f"/drafts/{draft['id']}/cases/{case['id']}", {"title": case["title"], "accept": True}))
    said = {"summary": "once more", "reason": WHY}
    made: str = ana.given(ana.post(f"/drafts/{draft['id']}/submit", said), 201)["review"]
    return made


def without_reference(document: Any) -> None:
    next(step for step in document["steps"] if step["id"] == "event")["config"]["fields"].pop("caseReference")


def test_who_looked_before_is_told_what_is_new_since(place: Workplace) -> None:
    ana, draft, made = submitted(place, "Looked at twice")
    omar, first = place.signed_in("omar"), made["review"]
    page = review(omar, first)
    assert page["since"] is None and page["looked"] == {"comments": 0, "signed": 0}
    assert omar.given(omar.post(f"/reviews/{first}/looked", page["looked"]))["since"] is None
    ana.given(ana.post(f"/reviews/{first}/comments", {"text": "It is urgent."}), 201)
    assert review(omar, first)["since"]["sentence"] == "New since you looked: 1 comment."
    assert review(ana, first)["since"] is None
    ana.given(ana.post(f"/reviews/{first}/withdraw"))
    second = resubmitted(place, ana, draft, without_reference)
    since = review(omar, second)["since"]
    assert since["release"] == made["release"] and since["sentence"].startswith("New since you looked: ")
    assert any("caseReference" in each["sentence"] for each in since["changes"])
    assert review(place.signed_in("mei"), second)["since"] is None
    page = review(omar, second)
    assert omar.given(omar.post(f"/reviews/{second}/looked", page["looked"]))["since"] is None
    assert review(omar, first)["since"] is None


def test_both_versions_are_one_picture_and_exposure_is_told_by_system_and_field(place: Workplace) -> None:
    ana = place.signed_in("ana")
    draft = place.draft(ana, "Leaves out the case", flow=FLOW)
    ana.given(ana.put(f"/drafts/{draft['id']}", {"revision": 1, "document": draft["document"], "summary": "same"}))
    text = place.there.charge("SUT-2001").decode()
    ana.given(ana.post(f"/drafts/{draft['id']}/cases", {"title": "One line", "text": text}), 201)
    name = resubmitted(place, ana, draft, without_reference)
    page = review(ana, name)
    (row,) = [each for each in page["exposure"] if each["field"] == "caseReference"]
    assert (row["direction"], row["system"], row["after"]) == ("narrower", "ERP inventory", [])
    assert row["before"][0]["origin"].startswith("PID-3")
    assert page["titles"]["event"] == "Utilisation event"
    drawn = ana.get(f"/reviews/{name}/picture.svg?side=both").get_data(as_text=True)
    assert 'data-step="event" data-mark="changed"' in drawn and "was S" in drawn
    ana.given(ana.post(f"/reviews/{name}/withdraw"))
    for case in ana.given(ana.get(f"/drafts/{draft['id']}/cases"))["cases"]:
        ana.given(ana.delete(f"/drafts/{draft['id']}/cases/{case['id']}"), 204)
    ana.given(ana.delete(f"/drafts/{draft['id']}"), 204)


def test_a_first_release_shows_the_way_of_each_value(place: Workplace) -> None:
    ana, _, made = submitted(place, "Ways")
    rows = {each["field"]: each for each in review(ana, made["review"])["exposure"] if each["field"]}
    way = [hop["step"] for hop in rows["caseReference"]["path"]]
    assert (way[0], way[-1]) == ("receive", "decrement") and "tokenise" in way
    assert rows["caseReference"]["after"][0]["protections"] == ["pseudonymised"]
    assert ana.get(f"/reviews/{made['review']}/picture.svg?side=both").status_code == 200


def test_an_author_withdraws_and_nobody_else(place: Workplace) -> None:
    ana, draft, made = submitted(place, "Withdrawn")
    priya = place.signed_in("priya")
    assert priya.post(f"/reviews/{made['review']}/withdraw").status_code == 403
    assert ana.given(ana.post(f"/reviews/{made['review']}/withdraw"))["card"]["state"] == "withdrawn"
    assert ana.given(ana.get(f"/drafts/{draft['id']}"))["locked"] is False


def test_signatures_in_the_store_carry_it_to_live_and_end_the_draft(place: Workplace) -> None:
    ana, omar, mei, priya = (place.signed_in(person) for person in ("ana", "omar", "mei", "priya"))
    draft = place.draft(ana, "Second version", flow=FLOW)
    document = draft["document"]
    document["retention"] = {"payload_days": 20}
    ana.given(ana.put(f"/drafts/{draft['id']}", {"revision": 1, "document": document, "summary": "shorter"}))
    assert ana.post(f"/drafts/{draft['id']}/submit", {"summary": "x", "reason": WHY}).status_code == 422
    text = place.there.charge("SUT-2001").decode()
    ana.given(ana.post(f"/drafts/{draft['id']}/cases", {"title": "One line", "text": text}), 201)
    body = {"summary": "Payloads are kept for twenty days", "reason": WHY}
    made = ana.given(ana.post(f"/drafts/{draft['id']}/submit", body), 201)
    name, release = made["review"], made["release"]
    watch = Watch(place.designer)
    watch.look()

    page = review(omar, name)
    assert page["card"]["sentence"] == "No change in exposure: nobody learns anything new."
    assert page["card"]["tier"] == "medium"
    assert [each["pointer"] for each in page["behaviour_changes"]] == ["/flow/retention/payload_days"]
    assert page["base_is_live"] is True
    assert act(page, "approve")["may"] is False and "author has not signed" in act(page, "approve")["why"]

    assert page["may_shadow"] is True and review(priya, name)["may_shadow"] is False
    assert priya.post(f"/reviews/{name}/shadow").status_code == 403
    place.there.send(place.there.charge("SUT-2001"), place.there.charge("MSH-0150"))
    place.there.settle()
    shadowed = omar.given(omar.post(f"/reviews/{name}/shadow"))
    assert (shadowed["shadow"]["messages"], shadowed["shadow"]["identical"]) == (2, 2)
    assert shadowed["answers"][5]["answer"] == "All of the last 2 messages would have come out the same."
    assert shadows.run_unasked(place.designer) is False

    author_signs(place, release)
    assert act(review(omar, name), "approve") == {
        "act": "approve",
        "meant": True,
        "may": True,
        "why": "You may approve.",
        "link": f"{DESK}/release/{release}#act=approve&as=omar&review={name}",
    }
    assert "no author approves" in act(review(ana, name), "approve")["why"]
    place.there.house.approve(release, "omar")
    page = review(mei, name)
    assert page["card"]["state"] == "waits-for-approval"
    assert page["people"]["missing"] == ["1 more person has to approve."]
    assert "not approved yet" in act(review(priya, name), "activate")["why"]
    told: list[tuple[str, str]] = []
    place.designer.live.inbox = lambda person, hint: told.append((person, hint.what))  # type: ignore[method-assign,attr-defined]
    watch.look()
    place.there.house.approve(release, "mei")
    watch.look()
    assert told == [("priya", "release")]
    assert review(priya, name)["card"]["state"] == "approved"
    assert act(review(priya, name), "activate")["may"] is True
    place.there.house.activate(release, "priya")
    watch.look()
    page = review(ana, name)
    assert page["card"]["state"] == "live"
    assert page["people"]["activator"]["name"] == "Priya"
    gone = ana.get(f"/drafts/{draft['id']}")
    assert gone.status_code == 404 and gone.get_json()["link"] == f"/flows/{FLOW}"
    assert gone.get_json()["sentence"] == "This draft went live as version 2 of 'Supply consumption'."
    late = omar.post(f"/reviews/{name}/return", {"text": "Too late."})
    assert late.status_code == 409 and objection(place, release) is None
    until(
        "the runtime takes it",
        lambda: {f.flow: f.release for f in place.there.client.status().flows}.get(FLOW) == release,
    )
    releases = ana.given(ana.get(f"/releases?flow={FLOW}"))["releases"]
    [ours] = [each for each in releases if each["release"] == release]
    assert (ours["state"], ours["approvers"], ours["review"]) == ("live", ["Mei", "Omar"], name)


def test_a_statement_that_does_not_hold_is_told(place: Workplace) -> None:
    _, _, made = submitted(place, "Broken statement")
    place.designer.store.add_envelope(made["release"], b'{"payload": "x"}')
    page = review(place.signed_in("omar"), made["review"])
    assert page["card"]["state"] == "void" and page["problems"]


def test_reviews_are_listed_by_what_is_left_to_do(place: Workplace) -> None:
    ana = place.signed_in("ana")
    opened = {each["state"] for each in ana.given(ana.get("/reviews"))["reviews"]}
    done = {each["state"] for each in ana.given(ana.get("/reviews?state=done"))["reviews"]}
    assert opened <= {"waits-for-author", "waits-for-approval", "approved", "void"}
    assert done <= {"live", "returned", "withdrawn", "replaced", "revoked"} and done
    assert all(each["mine"] for each in ana.given(ana.get("/reviews?state=mine"))["reviews"])


def test_a_bundle_is_what_verify_takes(place: Workplace) -> None:
    omar = place.signed_in("omar")
    live = next(each for each in omar.given(omar.get("/releases"))["releases"] if each["state"] == "live")
    answer = omar.get(f"/releases/{live['release']}/bundle")
    assert answer.status_code == 200
    parsed = parse_bundle(answer.get_data())
    assert isinstance(parsed, Bundle) and parsed.release == live["release"]
    assert omar.get(f"/releases/{'0' * 64}/bundle").status_code == 404


def test_an_author_without_a_place_in_the_trust_root_is_named(place: Workplace) -> None:
    with place.designer.database.change("test") as change:
        change.session.add(PersonRow(id="zoe", name="Zoe", roles="analyst", made_ms=1))
        change.record("person.invited", person="zoe")
    ana = place.signed_in("ana")
    draft = place.elsewhere(ana, "With a stranger")
    with place.designer.database.change("test") as change:
        change.session.add(AuthorRow(draft=draft["id"], person="zoe", first_ms=2))
        change.record("draft.saved", draft=draft["id"])
    answer = ana.post(f"/drafts/{draft['id']}/submit", {"summary": "stranger", "reason": WHY})
    assert answer.status_code == 422 and answer.get_json()["error"] == "author-unknown"
    assert "zoe" in answer.get_json()["sentence"]
