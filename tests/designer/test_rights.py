"""Rights: every route and every socket event, asked by everybody, against the one generated table."""

from __future__ import annotations

import re

import pytest

from designer.http.routes import Noun
from designer.live import EVENTS
from designer.rights import ROLES, Rights, RightsError, shipped
from designer.rights_table import FILE, Door, doors, main, table
from flows.trust import Role
from tests.designer.office import PEOPLE, Office
from tests.designer.sockets import Socket

SCHEMA = (FILE.parent / "policies" / "designer.cedarschema").read_text("utf-8")
DOORS = doors()
ROUTES = [door for door in DOORS if not door.name.startswith("socket ")]
PERSON_OF = {roles[0]: person for person, (_, roles) in PEOPLE.items()}
UNKNOWN = {"id": "d0123456789abcdef", "number": "1", "person": "nobody", "begin": "a.out", "end": "b.in", "step": "a"}


def test_every_route_and_every_event_names_an_action_that_the_policies_know() -> None:
    assert len(DOORS) > 30
    for door in DOORS:
        assert door.action in shipped().actions, f"{door.name} needs '{door.action}', which no policy knows"


def test_every_action_of_the_policies_is_needed_somewhere_or_shown_to_somebody() -> None:
    needed = {door.action for door in DOORS}
    shown_only = {"release.sign", "sample.reveal"}
    assert set(shipped().actions) - needed <= shown_only | WAITED_FOR


WAITED_FOR = {
    each
    for each in shipped().actions
    if each.partition(".")[0] in ("review", "sample", "test-case", "case", "message", "master", "audit", "monitor")
}


def test_the_table_is_what_the_code_says() -> None:
    assert FILE.read_text("utf-8") == table(shipped())
    assert main(["--check"]) == 0


def _told(door: Door, role: Role | None) -> str:
    """What the table of the repository says, not the code that made it."""
    row = next(line for line in FILE.read_text("utf-8").splitlines() if line.startswith(f"| `{door.name}` |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")][2:]
    return cells[0] if role is None else cells[1 + ROLES.index(role)]


def _address(rule: str) -> str:
    return re.sub(r"<(?:path:)?(\w+)>", lambda match: UNKNOWN.get(match[1], "nothing"), rule)


@pytest.mark.parametrize("role", [None, *ROLES], ids=lambda role: str(role or "nobody"))
@pytest.mark.parametrize("demo", [False, True], ids=["real", "demo"])
def test_every_route_lets_in_whom_the_table_lets_in(
    tmp_path_factory: pytest.TempPathFactory, role: Role, demo: bool
) -> None:
    office = Office(tmp_path_factory.mktemp("office"), demo=demo)
    try:
        browser = office.browser()
        for door in ROUTES:
            if role is not None and browser.get("/session").status_code == 401:
                browser = office.signed_in(PERSON_OF[role])
            method, _, rule = door.name.partition(" ")
            body = {} if method in ("POST", "PUT") else None
            answer = browser.ask(method, _address(rule), body, raw=True)
            may = _told(door, role) in ("yes", "demo" if demo else "yes")
            if may:
                assert answer.status_code not in (401, 403), f"{door.name} refused {role}: {answer.get_json()}"
            else:
                assert answer.status_code == (401 if role is None else 403), f"{door.name} let in {role}"
                assert set(answer.get_json()) == {"error", "sentence", "pointer", "reference", "link"}
    finally:
        office.close()


def test_a_refusal_says_which_right_is_missing_and_who_has_it(office: Office) -> None:
    refused = office.signed_in("omar").post("/drafts", {"name": "x", "from": {"blank": True}})
    assert refused.status_code == 403
    assert "'draft.create'" in refused.get_json()["sentence"]
    assert "analyst" in refused.get_json()["sentence"]


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_every_event_hears_whom_the_table_lets_in(office: Office, role: Role) -> None:
    with Socket(office, PERSON_OF[role]) as socket:
        for event in EVENTS.values():
            shape = {"id": UNKNOWN["id"]} if "draft" in event.name or "pen" in event.name else {"id": "some-flow"}
            said = socket.say(event.name, {} if event.name == "follow-inbox" else shape)
            told = _told(Door(f"socket {event.name}", event.needs), role)
            assert said["ok"] is (told == "yes"), f"{event.name} by {role}: {said}"


def test_a_route_without_an_action_is_refused_for_everybody(office: Office) -> None:
    app = office.app
    app._got_first_request = False
    app.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "everything", methods=["GET", "POST"])
    browser = office.signed_in("ana")
    for method in ("GET", "POST"):
        refused = browser.ask(method, "/forgotten")
        assert (refused.status_code, refused.get_json()["error"]) == (403, "no-action")


def test_a_route_cannot_be_declared_without_an_action() -> None:
    with pytest.raises(TypeError, match="needs"):
        Noun("things").on("GET", "/things")  # type: ignore[call-arg]


def test_an_action_that_no_policy_knows_is_nobodys() -> None:
    assert not shipped().may("draft.burn", ROLES, demo=True)


def test_no_role_at_all_gives_no_more_than_looking() -> None:
    rights = shipped().all_of((), demo=False)
    assert "draft.read" in rights
    assert not {"draft.edit", "person.change", "case.replay", "message.reveal", "audit.read"} & set(rights)


def test_an_administrator_neither_draws_nor_submits_nor_reveals() -> None:
    rights = set(shipped().all_of((Role.ADMINISTRATOR,), demo=True))
    assert not {"draft.edit", "review.submit", "message.reveal", "case.replay", "master.change"} & rights


@pytest.mark.parametrize(
    "text",
    [
        "permit (principal, action, resource);",
        '@id("LG-ACT-900") permit (principal, action, resource);',
        '@id("LG-ACT-900") @title("x") permit (principal in Designer::Role::"analist", action, resource);',
        '@id("LG-ACT-900") @title("x") permit (principal, action == Designer::Action::"draft.burn", resource);',
        '@id("LG-ACT-900") @title("x") permit (principal, action, resource) when { resource.secret };',
        "not cedar at all",
    ],
)
def test_a_policy_with_a_mistake_is_not_loaded(text: str) -> None:
    with pytest.raises((RightsError, ValueError)):
        Rights.load({"wrong.cedar": text}, SCHEMA)
