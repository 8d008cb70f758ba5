"""Split: one record a repetition, nothing lost, nothing shared between lines that belongs to one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from flows.paths import parse
from nodes.contract import Example
from nodes.stop import Stop, Stopped
from nodes.testing import node_of, record_of, results
from nodes.transforms.split import Split, SplitConfig

HEAD = "MSH|^~\\&|OR|HOSP|||20260301||DFT^P03^DFT_P03|C7|P|2.5\rEVN|P03|20260301\rPID|1||4711\rPV1|1|I\r"
LINES = "FT1|1|||20260301||CG|A-1|||2\rNTE|1||first\rFT1|2|||20260301||CG|B-2|||5\rFT1|3|||20260302||CG|C-3|||1\r"


def split(text: str, **config: str) -> list[tuple[str, tuple[object, ...]]]:
    example = Example("", {"each": "FINANCIAL", **config}, text)
    return [
        (each.envelope.item_path, each.every(parse("FT1-7.1")))
        for each in results(node_of(Split, example), record_of(text))
    ]


def test_each_line_becomes_a_record_with_its_place_in_the_message() -> None:
    assert split(HEAD + LINES) == [("FT1[1]", ("A-1",)), ("FT1[2]", ("B-2",)), ("FT1[3]", ("C-3",))]


def test_a_message_without_lines_is_filtered_with_a_reason() -> None:
    with pytest.raises(Stop) as stopped:
        split(HEAD)
    assert (stopped.value.how, stopped.value.reason, stopped.value.place) == (Stopped.FILTER, "no-lines", "FINANCIAL")


def test_a_message_without_lines_is_parked_where_the_flow_says_so() -> None:
    with pytest.raises(Stop) as stopped:
        split(HEAD, on_none="park")
    assert stopped.value.how is Stopped.PARK


def test_the_envelope_stays_but_for_the_item_path() -> None:
    record = record_of(HEAD + LINES)
    for each in results(node_of(Split, Example("", {"each": "FINANCIAL"}, HEAD)), record):
        assert each.envelope._replace(item_path="") == record.envelope


@pytest.mark.parametrize("group", ["", "financial", "FT1-7", "FT1[1]", "../x", "A" * 300])
def test_what_names_no_group_is_refused(group: str) -> None:
    with pytest.raises(ValidationError):
        SplitConfig.model_validate({"each": group})
