"""Sentences are for people: numbers agree with their words, and no code stands where words belong."""

from __future__ import annotations

import json
import re
from pathlib import Path

from designer import missing_keys, recorded
from designer.reasons import words
from designer.words import counted, lasting, listed, plain
from flows.audit import ACTION

PROJECT = Path(__file__).parents[2]
CALLED = {"priya": "Priya", "ana": "Ana"}


def test_numbers_agree_with_their_words() -> None:
    assert counted(1, "key is", "keys are") == "1 key is"
    assert counted(2, "key is", "keys are") == "2 keys are"
    assert counted(0, "key is", "keys are") == "0 keys are"
    assert (listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])) == (
        "",
        "a",
        "a and b",
        "a, b and c",
    )
    assert plain("or-supply-desk") == "OR supply desk"
    assert (plain("erp-owner"), plain("now_or_never"), plain("or")) == ("ERP owner", "Now or never", "Or")


def test_lengths_of_time_are_as_exact_as_somebody_needs() -> None:
    told = {47: "47 ms", 1_290: "1.2 s", 12_034: "12 s", 75_002: "75 s", 240_000: "4 min", 7_200_000: "2 h"}
    assert {span: lasting(span) for span in told} == told


def test_one_missing_key_is_missing_and_two_are() -> None:
    assert missing_keys.said_missing(1, 0) == "1 key is missing."
    assert missing_keys.said_missing(2, 0) == "2 keys are missing."
    assert missing_keys.said_missing(0, 0) == "No key is known to be missing."
    assert missing_keys.said_missing(1, 1).startswith("1 key is missing. 1 more cause has a key that is not shown")


def said(**record: object) -> str:
    return recorded.sentence(record, CALLED)


def test_records_are_told_with_names_and_each_once() -> None:
    assert said(action="session.opened", actor="priya", person="priya") == "Priya signed in."
    assert said(action="person.invited", actor="priya", person="ana") == "Priya gave Ana an account."
    assert (
        said(action="password.tried", reason="no-account") == "A wrong password was tried for a name that nobody has."
    )
    assert (
        said(action="replay.requested", actor="priya/uid-0", incident=7, outcome="queued", count=1)
        == "A replay of case 7 by Priya came to: on its way."
    )
    assert (
        said(action="posting.parked", posting=3, message=2, reason="master-miss")
        == "Posting 3 of message 2 is held: a key is not in its master."
    )


def test_flows_go_by_their_names_where_one_is_known() -> None:
    record = {"action": "review.looked", "actor": "ana", "flow": "uses"}
    assert recorded.sentence(record, CALLED, {"uses": "Supply use"}) == "Ana looked at a change of 'Supply use'."
    assert recorded.sentence(record, CALLED) == "Ana looked at a change of 'uses'."


def test_an_unknown_or_incomplete_record_is_told_by_its_code() -> None:
    assert said(action="moon.landed", actor="ana") == "Moon landed by Ana."
    assert said(action="posting.parked") == "Posting parked."


def test_every_action_that_is_recorded_anywhere_has_a_sentence() -> None:
    spelt = re.compile(r"""(?:record|audit|_line|_note)\(\s*\n?\s*"([a-z-]+\.[a-z-]+)\"""")
    sources = [*(PROJECT / "designer").rglob("*.py"), *(PROJECT / "runtime").rglob("*.py")]
    found = {each for path in sources for each in spelt.findall(path.read_text())}
    assert len(found) > 40 and all(ACTION.fullmatch(each) for each in found)
    assert sorted(found - recorded.ACTIONS) == []


def test_codes_have_words() -> None:
    assert words("type-not-accepted") == "the flow takes no messages of this type"
    assert words("something-new") == "something new"
    assert json.dumps(words("")) == '""'
