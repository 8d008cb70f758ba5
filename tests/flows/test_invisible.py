"""Characters that nobody sees are found wherever people read before they sign."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flows import invisible
from flows.edits import apply_edits
from flows.graph import read_flow
from flows.masters import Row
from tests.flows.shipped import changed

NASTY = ["\x1b[8A\x1b[J", "\u202e", "\r", "\n", "\x00", "\u2066", "\u2028", "\x9b31m", "\ufeff", "\U000e0041"]


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("place", ["name", "title", "config"])
def test_a_flow_with_a_character_that_nobody_sees_is_refused_and_the_fix_takes_it_out(nasty: str, place: str) -> None:
    def change(flow):
        if place == "name":
            flow["name"] = f"Good{nasty}Release"
        elif place == "title":
            flow["steps"][0]["title"] = nasty
        else:
            flow["steps"][-2]["config"]["fields"]["costCentre"] = {"text": f"4711{nasty}"}

    document = changed(change)
    _, findings = read_flow(document)
    [found] = [each for each in findings if each.rule == "LG-FILE-004"]
    assert nasty not in found.sentence and "U+" in found.sentence
    mended = apply_edits(document, found.fixes[0].edits)
    assert not [each for each in read_flow(mended)[1] if each.rule == "LG-FILE-004"]


def test_a_note_may_have_lines_and_no_escape_codes() -> None:
    def notes(text):
        return changed(lambda flow: flow.update(notes=[{"id": "n", "text": text}]))

    assert read_flow(notes("First line\n\tsecond"))[1] == ()
    assert [each.rule for each in read_flow(notes("a\x1b[2Jb"))[1]] == ["LG-FILE-004"]


@pytest.mark.parametrize("nasty", NASTY)
def test_a_row_of_a_master_with_such_a_character_is_no_row(nasty: str) -> None:
    with pytest.raises(ValidationError, match="nobody sees"):
        Row(key=(f"W4{nasty}",), values={"material": "1"})
    with pytest.raises(ValidationError, match="nobody sees"):
        Row(key=("W4",), values={"material": f"1{nasty}"})


@given(st.text())
def test_what_is_left_is_seen_and_what_is_escaped_shows_where(text: str) -> None:
    assert invisible.first(invisible.without(text)) is None
    assert invisible.first(invisible.escaped(text), prose=True) is None
    assert (invisible.first(text) is None) == (invisible.without(text) == text)


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_every_text_of_a_document_is_looked_at(document: object) -> None:
    spelled = json.dumps(document)
    assert all(json.dumps(text)[1:-1] in spelled for _, text in invisible.texts(document))
