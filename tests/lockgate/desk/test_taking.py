"""The desk takes what the command line would have signed, once a person, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.canonical import loads_strict, sha256_hex
from flows.instants import from_ms
from flows.masters import MasterContract, Row
from flows.trust import (
    Activation,
    Approval,
    Authorship,
    MasterChange,
    Refusal,
    Refused,
    Revocation,
    read_envelope,
    write_envelope,
)
from lockgate.stewardship import Change, begin, make
from runtime import objections, proposals
from runtime.master_store import contract_in, current, next_step, take_back
from runtime.releases import VerifiedRelease
from tests.browsers import browser_key
from tests.lockgate.desk.household import KEYS, Household, refused
from tests.trusted import DAY, NOON, files, key_of, signed, taken


@pytest.fixture(name="house")
def _house(tmp_path: Path) -> Household:
    return Household(tmp_path)


def test_the_whole_way_on_the_desk_ends_in_a_release_that_runs(house: Household) -> None:
    house.approved()
    answer = house.sign("oli", Activation)
    assert answer.status_code == 201 and answer.json
    assert (answer.json["act"], answer.json["person"], answer.json["subject"]) == ("activation", "oli", house.release)
    (activated,) = house.store.activations("TEST")
    bundle = house.store.bundle(house.release, activated.envelope)
    verified = taken(bundle, roots=(signed(house.root),), pin=house.root.digest)
    assert isinstance(verified, VerifiedRelease) and verified.approvers == {"pia", "eli"}


def test_a_lost_answer_is_given_again_and_nothing_happens_twice(house: Household) -> None:
    house.approved()
    data = house.said("oli", Activation)
    assert [house.post("/api/envelopes", data).status_code for _ in range(3)] == [201, 201, 201]
    assert house.store.last_sequence("TEST", "supply-consumption") == 1 and len(house.envelopes) == 3


def test_a_second_yes_of_one_person_is_refused(house: Household) -> None:
    house.approved()
    house.clock.advance(1)
    assert refused(house.sign("ada", Authorship)) == "signature-twice"
    assert refused(house.sign("pia", Approval)) == "approved-twice"
    assert len(house.envelopes) == 3
    assert house.sign("oli", Activation).status_code == 201
    house.clock.advance(1)
    assert refused(house.sign("oli", Activation)) == "activation-old"
    assert house.store.last_sequence("TEST", "supply-consumption") == 1


def test_an_author_comes_first_and_only_authors_seal(house: Household) -> None:
    assert refused(house.sign("pia", Approval)) == "authorship-missing"
    assert refused(house.sign("ben", Authorship)) == "author-unknown"
    assert refused(house.sign("pia", Authorship)) == "role-missing"
    assert house.sign("ada", Authorship).status_code == 201
    assert refused(house.sign("all", Approval)) == "author-approved"
    assert len(house.envelopes) == 1


@pytest.mark.parametrize(
    ("name", "reason"), [("oli", "role-missing"), ("sam", "role-missing"), ("ben", "role-missing")]
)
def test_who_lacks_the_role_does_not_approve(house: Household, name: str, reason: str) -> None:
    house.sign("ada", Authorship)
    assert refused(house.sign(name, Approval)) == reason


def test_an_author_without_the_role_is_told_first_that_it_is_their_own_work(house: Household) -> None:
    house.sign("ada", Authorship)
    assert refused(house.sign("ada", Approval)) == "author-approved"
    assert refused(house.sign("ada", Activation)) == "author-activated"
    assert refused(house.sign("ben", Activation)) == "role-missing"


def test_nothing_is_activated_that_a_runtime_would_refuse(house: Household) -> None:
    house.sign("ada", Authorship)
    house.sign("eva", Approval)
    assert refused(house.sign("oli", Activation)) == "approval-missing"
    house.sign("pia", Approval)
    assert refused(house.sign("eva", Activation)) == "approver-activated"
    assert refused(house.sign("all", Activation)) == "author-activated"
    assert refused(house.sign("oli", Activation, sequence=7)) == "activation-old"
    assert house.store.last_sequence("TEST", "supply-consumption") == 0


def test_a_revoked_release_is_signed_for_no_more(house: Household) -> None:
    house.sign("ada", Authorship)
    assert house.sign("oli", Revocation).status_code == 201
    house.clock.advance(1)
    assert refused(house.sign("pia", Approval)) == "revoked"
    assert refused(house.sign("adi", Revocation)) == "revoked"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"subject": "0" * 64}, "not-in-store"),
        ({"flow": "another"}, "other-flow"),
        ({"environment": "PROD"}, "other-environment"),
        ({"shown": "0" * 64}, "other-view"),
        ({"origin": "http://localhost:8080"}, "origin-wrong"),
        ({"origin": None}, "origin-wrong"),
        ({"at": from_ms(NOON + DAY)}, "not-yet-made"),
        ({"at": from_ms(NOON - DAY)}, "expired"),
    ],
    ids=lambda each: str(each),
)
def test_an_approval_speaks_of_this_release_here_and_now(
    house: Household, changes: dict[str, Any], reason: str
) -> None:
    house.sign("ada", Authorship)
    answer = house.sign("pia", Approval, **changes)
    assert (answer.json or {})["error"] == reason and answer.status_code >= 400
    assert len(house.envelopes) == 1


def test_a_release_that_expired_is_not_approved(house: Household) -> None:
    house.sign("ada", Authorship)
    house.clock.at_ms += 31 * DAY
    assert refused(house.sign("pia", Approval)) == "expired"


def test_a_key_that_nobody_enrolled_signs_nothing(house: Household) -> None:
    assert refused(house.post("/api/envelopes", house.said("ada", Authorship, browser_key("p256")))) == "key-unknown"


def test_a_passkey_from_the_designers_page_signs_nothing(house: Household) -> None:
    fishing = KEYS["pia"]._replace(origin="http://localhost:8080")
    house.sign("ada", Authorship)
    assert refused(house.post("/api/envelopes", house.said("pia", Approval, fishing))) == "origin-wrong"


def test_envelopes_are_read_strictly(house: Household) -> None:
    data = house.said("ada", Authorship)
    for spoilt in (b"", b"{}", data + b"\n", data.replace(b"{", b'{"more":1,', 1), b"\xff", b"[" * 5000):
        assert refused(house.post("/api/envelopes", spoilt)) in ("not-canonical", "unknown-form")
    envelope = read_envelope(data)
    other = write_envelope(envelope._replace(payload=envelope.payload.replace(b"TEST", b"PROD")))
    assert refused(house.post("/api/envelopes", other)) == "passkey-wrong" if KEYS["ada"].passkey else "signature-wrong"
    two = envelope._replace(signatures={**envelope.signatures, KEYS["ben"].keyid: b"x"})
    assert refused(house.post("/api/envelopes", write_envelope(two))) == "signature-twice"
    assert house.post("/api/envelopes", b"x" * 70_000).status_code == 413
    assert not house.envelopes


# -- masters -----------------------------------------------------------------------------------------------------------


def loaded(house: Household) -> MasterContract:
    """The first step of the items, signed by one of the two stewards that it takes."""
    contract = MasterContract.model_validate(loads_strict(files("masters/items.json")))
    row = Row(key=("SYS", "A-1"), values=dict.fromkeys(contract.columns, "100001"))
    assert not isinstance(begin(house.store, contract, (row,), key_of("sam"), house.root, NOON), Refusal)
    return contract


def newest(house: Household) -> str:
    return sha256_hex(house.store.master_snapshots("items")[-1].snapshot)


def steward(house: Household, name: str, sequence: int, **changes: Any) -> Any:
    return house.sign(
        name, MasterChange, **{"subject": newest(house), "master": "items", "sequence": sequence} | changes
    )


def test_a_steward_signs_the_newest_step_of_a_master_once(house: Household) -> None:
    loaded(house)
    assert refused(steward(house, "sam", 1)) == "approved-twice"
    assert refused(steward(house, "oli", 1)) == "role-missing"
    assert refused(steward(house, "sue", 2)) == "other-view"
    replaced = steward(house, "sue", 1, subject="0" * 64)
    assert refused(replaced) == "other-view" and replaced.status_code == 409
    assert replaced.json["sentence"].startswith("Step 1 was replaced by another one since you opened this page")
    assert steward(house, "sue", 1).status_code == 201
    view = house.get("/api/masters/items").json
    assert view and (view["signed"], view["needed"]) == (["sam", "sue"], 2)


def test_a_step_that_was_prepared_without_a_signature_is_signed_on_the_desk(house: Household) -> None:
    contract = loaded(house)
    steward(house, "sue", 1)
    table = current(house.store, contract_in(house.store, "items"), house.root)
    row = Row(key=("SYS", "A-2"), values=dict.fromkeys(contract.columns, "100002"))
    house.store.put_snapshot("items", 2, next_step(table, Change(add=(row,))))
    part = proposals.Part(person="sam", at=from_ms(NOON), reason="A new item", adds=1, changes=0, retires=0)
    proposals.put(house.store, proposals.Proposal(step=newest(house), parts=(part,)))
    waiting = house.get("/api/waiting").json
    assert waiting and [each["master"] for each in waiting["masters"]] == ["items"]
    (told,) = (house.get("/api/masters/items").json or {})["prepared"]
    assert (told["person"], told["reason"]) == ("sam", "A new item")
    (house.store.path / "proposals" / newest(house)).write_bytes(b"{}")
    assert (house.get("/api/masters/items").json or {})["prepared"] == []
    assert steward(house, "sue", 2).status_code == 201
    assert (house.get("/api/waiting").json or {})["masters"] == []


def test_on_the_command_line_no_step_takes_the_place_of_one_that_somebody_prepared(house: Household) -> None:
    contract = loaded(house)
    steward(house, "sue", 1)
    rows = [Row(key=("SYS", code), values=dict.fromkeys(contract.columns, "100002")) for code in ("A-2", "A-3")]
    data = next_step(current(house.store, contract, house.root), Change(add=(rows[0],)))
    house.store.put_snapshot("items", 2, data)
    part = proposals.Part(person="sam", at=from_ms(NOON), reason="A new item", adds=1, changes=0, retires=0)
    proposals.put(house.store, proposals.Proposal(step=newest(house), parts=(part,)))
    said = make(house.store, "items", Change(add=(rows[1],)), key_of("sue"), house.root, NOON)
    assert isinstance(said, Refusal) and "prepared by 'sam'" in said.sentence
    assert house.store.master_snapshots("items")[-1].snapshot == data
    assert not isinstance(make(house.store, "items", Change(add=(rows[0],)), key_of("sue"), house.root, NOON), Refusal)


def test_a_step_that_was_taken_back_is_not_signed_and_its_signature_is_gone(house: Household) -> None:
    contract = loaded(house)
    steward(house, "sue", 1)
    table = current(house.store, contract_in(house.store, "items"), house.root)
    row = Row(key=("SYS", "A-1"), values=dict.fromkeys(contract.columns, "100002"))
    data = next_step(table, Change(change=(row,)))
    house.store.put_snapshot("items", 2, data)
    assert steward(house, "sue", 2).status_code == 201
    digest = newest(house)
    take_back(house.store, contract, house.root, 2, digest)
    assert refused(steward(house, "sam", 2, subject=digest)) in ("other-view", "approved-twice")
    house.store.put_snapshot("items", 2, data)
    assert (house.get("/api/masters/items").json or {})["signed"] == []
    assert steward(house, "sam", 2).status_code == 201 and steward(house, "sue", 2).status_code == 201
    with pytest.raises(Refused, match="is in force"):
        take_back(house.store, contract, house.root, 2, digest)
    assert newest(house) == digest


def object_to(house: Household, how: Any = "returned", words: str = "Leave out <b>the time</b>.") -> None:
    objections.put(house.store, objections.made(house.release, how, "pia", from_ms(NOON), words, "r" + "0" * 16))


def test_a_release_that_was_sent_back_takes_no_signature_but_a_revocation(house: Household) -> None:
    object_to(house)
    answer = house.sign("ada", Authorship)
    assert answer.status_code == 409 and refused(answer) == "set-aside"
    assert answer.json and "'pia' sent it back" in answer.json["sentence"]
    objections.take_away(house.store, house.release)
    house.approved()
    object_to(house, "withdrawn", "")
    assert refused(house.sign("oli", Activation)) == "set-aside"
    assert house.store.last_sequence("TEST", "supply-consumption") == 0
    assert house.sign("pia", Revocation).status_code == 201


def test_an_approval_of_what_was_sent_back_is_refused_and_counts_again_once_it_is_taken_up(house: Household) -> None:
    assert house.sign("ada", Authorship).status_code == 201
    object_to(house)
    assert refused(house.sign("pia", Approval)) == "set-aside"
    objections.take_away(house.store, house.release)
    assert house.sign("pia", Approval).status_code == 201


def test_what_was_set_aside_waits_for_nobody_and_says_who_and_why(house: Household) -> None:
    object_to(house)
    waiting = house.get("/api/waiting").json
    assert waiting and waiting["releases"] == []
    (aside,) = waiting["aside"]
    assert aside["aside"] == {
        "how": "returned",
        "person": "pia",
        "at": from_ms(NOON),
        "words": "Leave out <b>the time</b>.",
        "review": "r" + "0" * 16,
    }
    assert (house.get(f"/api/releases/{house.release}").json or {})["aside"] == aside["aside"]
