"""Live rooms: who is let in, what is told to whom, and that nobody stays who was signed out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from designer.http.models.live import FlowHint, InboxHint
from designer.live import EVENTS
from tests.designer.office import ORIGIN, Browser, Office
from tests.designer.sockets import Socket


def begun(browser: Browser) -> dict[str, Any]:
    made: dict[str, Any] = browser.given(
        browser.post("/drafts", {"name": "Implant use", "from": {"pattern": "supply-consumption"}}), 201
    )
    return made


def test_nobody_opens_a_socket_without_a_session(office: Office) -> None:
    socket = Socket(office, None)
    assert not socket.open
    forged = office.browser()
    forged.client.set_cookie("lockgate-8080", "A" * 43, domain="localhost")
    assert not Socket(office, None, browser=forged).open


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost:8081"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
    ],
)
def test_a_socket_of_another_origin_is_sent_away_before_any_event(
    office: Office, headers: dict[str, str], status: int
) -> None:
    ana = office.signed_in("ana")
    sent = {"Origin": ORIGIN, **headers}
    answer = ana.client.get("/socket.io/?EIO=4&transport=polling", base_url=ORIGIN, headers=sent)
    assert answer.status_code == status


def test_a_stranger_does_not_even_begin_a_handshake(office: Office) -> None:
    answer = office.browser().client.get("/socket.io/?EIO=4&transport=polling", base_url=ORIGIN)
    assert answer.status_code == 401


def test_who_follows_a_draft_is_told_of_saves_and_of_the_pen(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = begun(ana)
    with Socket(office, "ben") as ben, Socket(office, "omar") as elsewhere:
        assert ben.say("follow-draft", {"id": draft["id"]})["ok"]
        document = {**draft["document"], "name": "Another name"}
        ana.given(ana.put(f"/drafts/{draft['id']}", {"revision": 1, "document": document}))
        saved = ben.heard("draft")
        assert [(each["what"], each["revision"], each["person"]) for each in saved] == [("saved", 2, "ana")]
        ana.post(f"/drafts/{draft['id']}/pen", {"take": False})
        laid = ben.heard("draft")
        assert [(each["what"], each["pen"]) for each in laid] == [("pen", None)]
        assert elsewhere.heard("draft") == []
        assert "Another name" not in json.dumps(saved)


def test_who_has_the_pen_is_told_when_somebody_asks_for_it(office: Office) -> None:
    draft = begun(office.signed_in("ana"))
    with Socket(office, "ana") as ana, Socket(office, "ben") as ben:
        ana.say("follow-draft", {"id": draft["id"]})
        assert ben.say("ask-pen", {"id": draft["id"]})["ok"]
        ben.browser.post(f"/drafts/{draft['id']}/pen", {"take": True})
        assert [each["name"] for each in ana.heard("pen-asked")] == ["Ben", "Ben"]


def test_everybody_at_a_draft_sees_who_is_there(office: Office) -> None:
    draft = begun(office.signed_in("ana"))
    with Socket(office, "ana") as ana:
        assert [each["person"] for each in ana.say("follow-draft", {"id": draft["id"]})["people"]] == ["ana"]
        with Socket(office, "ben", tab="b") as ben:
            ben.say("follow-draft", {"id": draft["id"]})
            assert [each["name"] for each in ana.heard("presence")[-1]["people"]] == ["Ana", "Ben"]
        assert [each["name"] for each in ana.heard("presence")[-1]["people"]] == ["Ana"]


def test_signing_out_closes_the_sockets_of_that_session(office: Office) -> None:
    with Socket(office, "ana") as socket, Socket(office, "ana", tab="second") as other:
        socket.browser.delete("/session")
        assert not socket.open
        assert other.open


def test_a_socket_whose_session_ended_is_heard_no_more(office: Office) -> None:
    draft = begun(office.signed_in("ana"))
    with Socket(office, "ana") as socket:
        office.watch.pass_by(hours=13)
        said = socket.say("follow-draft", {"id": draft["id"]})
        assert (said["ok"], said["error"]) == (False, "not-signed-in")
        assert not socket.open


def test_losing_a_role_closes_the_sockets_at_once(house: Office) -> None:
    admin = house.signed_in("ada")
    with Socket(house, "ana") as socket:
        admin.given(admin.put("/people/ana", {"name": "Ana", "roles": ["operator"]}))
        assert not socket.open


@pytest.mark.parametrize("event", sorted(EVENTS))
@pytest.mark.parametrize(
    "said", [None, [], "text", 7, {"id": "../x"}, {"id": 7}, {"id": "d0123456789abcdef", "more": 1}, {"id": "<b>"}]
)
def test_an_event_that_does_not_fit_is_refused_with_a_sentence(office: Office, event: str, said: Any) -> None:
    if event == "follow-inbox" and said is None:
        return
    with Socket(office, "ana") as socket:
        answer = socket.client.emit(event, said, callback=True)
        assert answer["ok"] is False
        assert answer["error"] in ("does-not-fit", "not-allowed")
        assert socket.open


def test_an_event_that_nobody_declared_is_not_heard(office: Office) -> None:
    with Socket(office, "ana") as socket:
        assert not socket.client.emit("draw-everything", {}, callback=True)
        assert socket.open


def test_an_inbox_is_of_its_person_alone(office: Office) -> None:
    with Socket(office, "omar") as omar, Socket(office, "mei") as mei:
        for socket in (omar, mei):
            socket.say("follow-inbox", {})
        office.designer.live.inbox("omar", InboxHint(what="review", id="r1", sentence="A flow waits for you."))
        assert len(omar.heard("inbox")) == 1
        assert mei.heard("inbox") == []


def test_counters_are_told_to_who_follows_the_flow(office: Office) -> None:
    with Socket(office, "priya") as priya, Socket(office, "ana") as ana:
        priya.say("follow-flow", {"id": "supply-consumption"})
        assert office.designer.live.followed("flow") == ("supply-consumption",)
        hint = FlowHint(id="supply-consumption", at=1, counters=None, state="stopped")
        office.designer.live.flow("supply-consumption", hint)
        assert priya.heard("flow")[0]["state"] == "stopped"
        assert ana.heard("flow") == []
        priya.say("leave-flow", {"id": "supply-consumption"})
        assert office.designer.live.followed("flow") == ()


def test_one_session_holds_so_many_sockets_and_no_more(office: Office) -> None:
    first = Socket(office, "ana")
    more = [Socket(office, None, tab=f"t{number}", browser=first.browser) for number in range(10)]
    assert [socket.open for socket in more].count(True) == 7
    for socket in (first, *more):
        if socket.open:
            socket.client.disconnect()
