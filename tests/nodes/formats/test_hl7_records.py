"""One contract for both HL7 records: the fast one of the compiled plan and the plain one of the reference."""

from __future__ import annotations

import pytest
from hypothesis import given

from flows.paths import parse
from flows.values import ABSENT, NULL
from nodes.record import Record
from tests.nodes.formats.hl7_messages import MAKERS, Scenario, after, both, messages, scenarios, selectors

DFT = "\r".join(
    (
        "MSH|^~\\&|OR|HOSP|ERP|HQ|20260301101500||DFT^P03^DFT_P03|C7|P|2.5",
        "EVN|P03|20260301101500",
        'PID|1||4711^^^H&1.2&ISO~4712^^^I||Rivera^Ana|""|19310704|F|""^x|~77',
        "PV1|1|I|OR^2",
        "FT1|1|||20260301||CG|A-1^Trocar \\T\\ co|||2",
        "NTE|1|L|first",
        "FT1|2|||20260302||CG|B-2|||5",
        "ZZ1|site's own",
        "GT1|1|G1",
    )
)


@pytest.fixture(params=MAKERS)
def record(request: pytest.FixtureRequest) -> Record:
    """A message of charges, as either record."""
    return MAKERS[request.param](DFT)


def reading(record: Record, *texts: str) -> list[object]:
    return [record.first(parse(text)) for text in texts]


@given(scenarios())
def test_both_records_read_the_same_whatever_was_done_to_them(scenario: Scenario) -> None:
    fast, plain = (after(record, scenario.steps) for record in both(scenario.text))
    assert [one.envelope for one in fast] == [one.envelope for one in plain]
    for left, right in zip(fast, plain, strict=True):
        for selector in map(parse, scenario.reads):
            assert left.every(selector) == right.every(selector), selector.text
            assert left.first(selector) == right.first(selector), selector.text


@given(scenarios())
def test_the_first_value_is_the_head_of_every_value(scenario: Scenario) -> None:
    for record in both(scenario.text):
        for one in after(record, scenario.steps):
            for selector in map(parse, scenario.reads):
                every = one.every(selector)
                assert one.first(selector) == (every[0] if every else ABSENT)
                assert ABSENT not in every


@given(scenarios())
def test_nothing_done_to_a_record_changes_the_record_it_came_from(scenario: Scenario) -> None:
    for record in both(scenario.text):
        before = [record.every(parse(text)) for text in scenario.reads]
        after(record, scenario.steps)
        assert [record.every(parse(text)) for text in scenario.reads] == before


@given(messages(), selectors())
def test_what_is_dropped_reads_as_absent(text: str, where: str) -> None:
    for record in both(text):
        if where != "message/segments":
            assert record.without(parse(where)).every(parse(where)) == ()


@given(messages(), selectors(), selectors())
def test_a_mask_leaves_only_what_it_gives_below_its_place(text: str, where: str, part: str) -> None:
    for record in both(text):
        masked = record.with_masked(parse(where), lambda _: "***")
        if parse(where).form == "hl7":
            assert set(masked.every(parse(where))) <= {"***", NULL}
            assert len(masked.every(parse(part))) == len(record.every(parse(part)))


def test_a_composite_reads_as_its_first_leaf_and_the_first_part_of_a_primitive_is_the_primitive(
    record: Record,
) -> None:
    assert reading(record, "PID-3", "PID-3.1", "PID-3.4", "PID-3.4.2") == ["4711", "4711", "H", "1.2"]
    assert reading(record, "PID-8", "PID-8.1", "PID-8.1.1", "FT1-4.1") == ["F", "F", "F", "20260301"]
    assert reading(record, "PID-8.2", "PID-8.1.2", "PID-8[2]") == [ABSENT] * 3


def test_every_repetition_and_every_segment_is_meant_unless_numbered(record: Record) -> None:
    assert record.every(parse("PID-3.1")) == ("4711", "4712")
    assert record.every(parse("PID-3[2].1")) == record.every(parse("PID[1]-3[2].1")) == ("4712",)
    assert record.every(parse("FT1-7.1")) == record.every(parse("FINANCIAL/FT1-7.1")) == ("A-1", "B-2")
    assert record.every(parse("FT1[2]-7.1")) == ("B-2",)
    assert record.every(parse("FT1[3]-7.1")) == record.every(parse("INSURANCE/FT1-7.1")) == ()
    assert record.every(parse("PID-10")) == ("77",)


def test_null_is_not_absent_and_spreads_to_the_parts_of_what_was_emptied(record: Record) -> None:
    assert reading(record, "PID-6", "PID-6.1", "PID-6.3.2", "PID-9.1", "PID-9.1.2") == [NULL] * 5
    assert reading(record, "PID-6[2]", "PID-9.2", "PID-11") == [ABSENT, "x", ABSENT]


def test_the_delimiters_read_as_they_stand(record: Record) -> None:
    assert reading(record, "MSH-1", "MSH-2", "MSH-2.1", "MSH-2.2", "MSH-3") == ["|", "^~\\&", "^~\\&", ABSENT, "OR"]


def test_escapes_are_undone_after_splitting(record: Record) -> None:
    assert record.first(parse("FT1-7.2")) == "Trocar & co"


def test_the_source_adds_the_number_of_segments(record: Record) -> None:
    line = next(record.split("FINANCIAL"))
    assert record.first(parse("message/segments")) == line.first(parse("message/segments")) == "9"
    assert record.every(parse("message/segments")) == ("9",)


def test_a_mask_on_a_component_replaces_it_in_every_repetition(record: Record) -> None:
    masked = record.with_masked(parse("PID-3.1"), lambda value: f"*{value[-1]}")
    assert masked.every(parse("PID-3.1")) == ("*1", "*2")
    assert masked.every(parse("PID-3.4")) == ("H", "I")


def test_a_mask_on_a_composite_replaces_each_leaf_that_has_a_value(record: Record) -> None:
    masked = record.with_masked(parse("PID-3"), lambda value: f"<{value}|^~&>")
    assert reading(masked, "PID-3.1", "PID-3.4.1", "PID-3.4.3", "PID-3.2") == [
        "<4711|^~&>",
        "<H|^~&>",
        "<ISO|^~&>",
        ABSENT,
    ]


def test_a_mask_leaves_null_and_absent_as_they_are(record: Record) -> None:
    masked = record.with_masked(parse("PID"), lambda _: "***")
    assert reading(masked, "PID-6", "PID-2", "PID-40", "PID-8") == [NULL, ABSENT, ABSENT, "***"]


def test_a_dropped_field_drops_its_parts_and_its_neighbours_keep_their_numbers(record: Record) -> None:
    dropped = record.without(parse("PID-5")).without(parse("PID-3[1]"))
    assert reading(dropped, "PID-5", "PID-5.2", "PID-8", "PID-3[2].1", "PID-3") == [ABSENT, ABSENT, "F", "4712", "4712"]


def test_a_dropped_part_of_a_null_takes_the_null_with_it(record: Record) -> None:
    assert reading(record.without(parse("PID-6.2")), "PID-6.1", "PID-6.2") == [ABSENT, ABSENT]


def test_a_dropped_segment_is_empty_and_the_others_keep_their_numbers(record: Record) -> None:
    dropped = record.without(parse("FT1[1]"))
    assert dropped.every(parse("FT1-7.1")) == ("B-2",)
    assert dropped.first(parse("FT1[2]-7.1")) == "B-2"
    assert [line.envelope.item_path for line in dropped.split("FINANCIAL")] == ["FT1[1]", "FT1[2]"]


def test_split_gives_a_record_for_each_repetition_with_what_stands_outside(record: Record) -> None:
    lines = list(record.split("FINANCIAL"))
    assert [line.envelope.item_path for line in lines] == ["FT1[1]", "FT1[2]"]
    assert [line.every(parse("FT1-7.1")) for line in lines] == [("A-1",), ("B-2",)]
    assert [line.first(parse("FT1[1]-10")) for line in lines] == ["2", "5"]
    assert [line.first(parse("PID-3.1")) for line in lines] == ["4711", "4711"]
    assert [line.envelope._replace(item_path="") for line in lines] == [record.envelope] * 2


def test_a_stray_segment_belongs_to_the_repetition_it_stands_in(record: Record) -> None:
    first, second = record.split("FINANCIAL")
    assert first.every(parse("ZZ1-1")) == ()
    assert second.every(parse("ZZ1-1")) == ("site's own",)
    assert [line.first(parse("GT1-2")) for line in (first, second)] == ["G1", "G1"]


def test_the_item_path_counts_in_the_whole_message_after_nested_splits() -> None:
    oru = "MSH|^~\\&|L|H|||1||ORU^R01^ORU_R01|1|P|2.5.1\rPID|1||A\rOBR|1\rOBX|1|NM\rOBR|2\rOBX|1|ST\rOBX|2|TX\r"
    oru += "PID|1||B\rOBR|1\rOBX|1|CE"
    for record in both(oru):
        patients = list(record.split("PATIENT_RESULT"))
        orders = [order for patient in patients for order in patient.split("ORDER_OBSERVATION")]
        assert [one.envelope.item_path for one in patients] == ["PID[1]", "PID[2]"]
        assert [one.envelope.item_path for one in orders] == ["OBR[1]", "OBR[2]", "OBR[3]"]
        assert [one.every(parse("OBX-2")) for one in orders] == [("NM",), ("ST", "TX"), ("CE",)]
        assert [one.every(parse("PID-3")) for one in orders] == [("A",), ("A",), ("B",)]


def test_a_group_that_the_structure_does_not_have_splits_into_nothing(record: Record) -> None:
    assert list(record.split("OBSERVATION")) == []


def test_values_are_added_under_names_and_split_with_the_message(record: Record) -> None:
    added = record.with_value("material", "78388821")
    assert added.first(parse("material")) == "78388821"
    assert record.first(parse("material")) is ABSENT
    assert [line.first(parse("material")) for line in added.split("FINANCIAL")] == ["78388821"] * 2


def test_a_fresh_record_has_its_fields_and_the_envelope_and_nothing_else(record: Record) -> None:
    line = next(record.split("FINANCIAL"))
    fresh = line.fresh({"quantity": "2"})
    assert dict(fresh.fields()) == {"quantity": "2"}
    assert fresh.envelope.item_path == "FT1[1]"
    assert reading(fresh, "quantity", "PID-3", "message/segments") == ["2", ABSENT, ABSENT]


def test_an_hl7_record_has_no_fields_by_name(record: Record) -> None:
    with pytest.raises(TypeError, match="put map_fields before"):
        record.fields()


def test_messages_of_one_shape_share_places_and_no_values() -> None:
    other = DFT.replace("A-1^", "Z-9^").replace("4711", "4712")
    first, second = MAKERS["lazy"](DFT), MAKERS["lazy"](other)
    assert reading(first, "PID-3.1", "FT1-7.1") == ["4711", "A-1"]
    assert reading(second, "PID-3.1", "FT1-7.1") == ["4712", "Z-9"]
    dropped = second.without(parse("PID-3"))
    assert reading(dropped, "PID-3.1") == [ABSENT]
    assert [reading(line, "FT1-7.1", "PID-3.1") for line in first.split("FINANCIAL")] == [
        ["A-1", "4711"],
        ["B-2", "4711"],
    ]
    assert [reading(line, "FT1-7.1", "PID-3.1") for line in dropped.split("FINANCIAL")] == [
        ["Z-9", ABSENT],
        ["B-2", ABSENT],
    ]


def test_a_message_too_long_to_be_remembered_reads_the_same() -> None:
    long = "\r".join((*DFT.split("\r")[:4], *(f"FT1|{n}|||20260301||CG|I-{n}|||{n}" for n in range(1, 200))))
    lines = list(MAKERS["lazy"](long).split("FINANCIAL"))
    assert [reading(line, "FT1-7.1", "PV1-2") for line in lines] == [[f"I-{n}", "I"] for n in range(1, 200)]
