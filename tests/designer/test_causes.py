"""What a cause holds up, in sentences that stay true while it is mended and afterwards."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from designer import causes
from designer.causes import Matter


def version(sink: str, system: str) -> Any:
    """As much of a version as the sentences look at."""
    return SimpleNamespace(
        flow={"steps": [{"id": sink, "title": sink, "connection": sink}]},
        environment={"connections": {sink: {"system": system}}},
        fields={sink: ()},
    )


INVENTORY, WEST = version("post", "ERP inventory"), version("west", "ERP west (SOAP)")
MATTER = Matter("master-miss", "items", (), "post", refused=False, known=INVENTORY, contract=None)


def test_every_system_that_a_cause_holds_something_from_is_named_once() -> None:
    said = causes.impact(MATTER, 3, 2, (WEST, INVENTORY))
    assert said.startswith("3 lines of 2 messages did not reach ERP inventory, ERP west (SOAP).")


def test_while_a_replay_is_on_its_way_nobody_reads_of_no_lines() -> None:
    assert causes.impact(MATTER, 0, 7).startswith("What was held is on its way again")


def test_refused_frames_are_counted_in_grammar() -> None:
    refused = MATTER._replace(refused=True)
    assert causes.impact(refused, 0, 1).startswith("1 kind of frame was refused: nothing of it was taken")
    assert causes.impact(refused, 0, 2).startswith("2 kinds of frames were refused: nothing of them was taken")


def test_what_is_over_says_what_became_of_it() -> None:
    assert causes.over(MATTER, 12, 1) == "12 lines were posted by replay. Nothing of it is held any more."
    assert causes.over(MATTER, 0, 2).startswith("2 cases are resolved: their lines were posted by replay")
    assert causes.over(MATTER._replace(refused=True), 0, 1).startswith("It was closed")
