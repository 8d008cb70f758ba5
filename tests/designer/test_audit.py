"""The designer's audit chain: in the transaction of the change, without values, and tampering shows."""

from __future__ import annotations

import json
import sqlite3

import pytest

from designer import audit
from designer.database import Unrecorded
from designer.models.people import PersonRow
from flows.audit import AuditError
from tests.designer.office import Office


def records(office: Office) -> list[dict[str, object]]:
    with office.designer.database.reading() as session:
        rows = audit.page(session, 0, 1000)
        return [json.loads(line) for row in rows for line in row.records.split(b"\n")]


def test_what_people_do_is_in_the_chain_and_the_chain_holds(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", {"name": "Secret plan", "from": {"blank": True}}), 201)
    document = {**draft["document"], "notes": [{"id": "n", "text": "Rivera^Ana", "at": [0, 0]}]}
    ana.given(ana.put(f"/drafts/{draft['id']}", {"revision": 1, "document": document, "summary": "Wrote of Rivera"}))
    ana.delete("/session")
    said = records(office)
    assert [each["action"] for each in said] == [
        "persona.chosen",
        "session.opened",
        "draft.created",
        "draft.saved",
        "session.closed",
    ]
    assert all(each["actor"] == "ana" and each["writer"] == "designer" for each in said)
    assert [each["seq"] for each in said] == [1, 2, 3, 4, 5]
    assert "Rivera" not in json.dumps(said)
    assert "Secret" not in json.dumps(said)
    with office.designer.database.reading() as session:
        walked = audit.verify(session)
    assert (walked.records, walked.broken) == (5, None)


def test_refused_passwords_are_in_the_chain(house: Office) -> None:
    house.browser().post("/session", {"name": "ana", "password": "not this one"})
    last = records(house)[-1]
    assert (last["action"], last["person"], last["count"]) == ("password.tried", "ana", 1)


def test_a_name_that_nobody_has_is_not_written_down(house: Office) -> None:
    house.browser().post("/session", {"name": "my-secret-password", "password": "x"})
    last = records(house)[-1]
    assert (last["action"], last["reason"]) == ("password.tried", "no-account")
    assert "my-secret-password" not in json.dumps(records(house))


def test_looking_writes_nothing(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", {"name": "x", "from": {"pattern": "supply-consumption"}}), 201)["id"]
    before = records(office)
    for path in ("", "/analysis", "/revisions", "/picture.svg", "/wires/receive.out/check.in"):
        assert ana.get(f"/drafts/{draft}{path}").status_code == 200
    for path in ("/catalogue", "/flows", "/library", "/people", "/session"):
        assert ana.get(path).status_code == 200
    assert records(office) == before


@pytest.mark.parametrize(
    "wrong",
    [
        "update audit set records = replace(records, 'ana', 'ben') where first = 2",
        "update audit set records = cast(replace(records, 'ana', 'ben') as blob) where first = 2",
        "delete from audit where first = 2",
        "delete from audit where first = 1",
        "update audit set head = zeroblob(32) where first = 2",
        "update audit set count = 2 where first = 2",
    ],
)
def test_a_changed_record_shows(office: Office, wrong: str) -> None:
    office.signed_in("ana")
    office.signed_in("ben")
    office.designer.database.close()
    with sqlite3.connect(office.designer.database.path) as connection:
        assert connection.execute(wrong).rowcount == 1
    with office.designer.database.reading() as session:
        broken = audit.verify(session).broken
    assert broken is not None
    assert broken.seq <= 2


def test_a_change_without_a_record_is_no_change(office: Office) -> None:
    with pytest.raises(Unrecorded), office.designer.database.change("ana") as change:
        change.session.add(PersonRow(id="eve", name="Eve", roles="administrator", made_ms=0))
    with office.designer.database.reading() as session:
        assert session.get(PersonRow, "eve") is None


def test_a_change_that_fails_leaves_no_record(office: Office) -> None:
    before = records(office)
    with pytest.raises(ZeroDivisionError), office.designer.database.change("ana") as change:
        change.session.add(PersonRow(id="eve", name="Eve", roles="administrator", made_ms=0))
        change.record("person.invited", person="eve")
        raise ZeroDivisionError
    assert records(office) == before


def test_a_record_that_cannot_be_written_stops_the_change(office: Office) -> None:
    with pytest.raises(AuditError), office.designer.database.change("ana") as change:
        change.session.add(PersonRow(id="eve", name="Eve", roles="administrator", made_ms=0))
        change.record("person.invited", password="hidden")
    with office.designer.database.reading() as session:
        assert session.get(PersonRow, "eve") is None


def test_others_are_told_only_of_what_was_committed(office: Office) -> None:
    told: list[str] = []
    with pytest.raises(Unrecorded), office.designer.database.change("ana") as change:
        change.session.add(PersonRow(id="eve", name="Eve", roles="administrator", made_ms=0))
        change.after(lambda: told.append("never"))
    with office.designer.database.change("ana") as change:
        change.record("person.changed", person="ana")
        change.after(lambda: told.append("after"))
        assert told == []
    assert told == ["after"]
