"""The walk through a structure: every segment gets its place, in order, and nothing makes it fail."""

import timeit

import pytest

from flows.hl7 import VERSIONS, grammar, schema, structure_id, walk
from flows.hl7.grammar import ANY, places
from flows.hl7.tables import tables


def steps(structure: str, version: str, segments: str) -> list[str]:
    """``FINANCIAL!/FT1``: where each segment stands; ``!`` marks a group that begins, ``?`` a segment out of place."""
    walked, position = [], walk(version, structure).start
    for name in segments.split():
        position = walk(version, structure).step(position, name)
        groups = [g if i < position.kept else f"{g}!" for i, g in enumerate(position.groups)]
        walked.append("/".join((*groups, position.label or f"{name}?")))
    return walked


@pytest.mark.parametrize("version", VERSIONS[2:])
def test_each_charge_begins_a_financial_group(version: str) -> None:
    walked = steps("DFT_P03", version, "MSH EVN PID PV1 FT1 PR1 FT1 FT1 DG1")
    assert [place for place in walked if "FT1" in place] == ["FINANCIAL!/FT1"] * 3
    assert walked[5] == "FINANCIAL/FINANCIAL_PROCEDURE!/PR1"
    assert walked[-1] == "DG1"


@pytest.mark.parametrize("version", ["2.1", "2.2"])
def test_old_charges_stand_at_the_top(version: str) -> None:
    assert steps("DFT_P03", version, "MSH EVN PID PV1 FT1 FT1") == ["MSH", "EVN", "PID", "PV1", "FT1", "FT1"]


def test_roles_belong_to_what_they_follow() -> None:
    assert steps("DFT_P03", "2.5", "MSH EVN PID PD1 ROL ROL PV1 ROL FT1 PR1 ROL FT1 IN1 ROL") == [
        "MSH", "EVN", "PID", "PD1", "ROL#1", "ROL#1", "PV1", "ROL#2", "FINANCIAL!/FT1",
        "FINANCIAL/FINANCIAL_PROCEDURE!/PR1", "FINANCIAL/FINANCIAL_PROCEDURE/ROL", "FINANCIAL!/FT1",
        "INSURANCE!/IN1", "INSURANCE/ROL",
    ]  # fmt: skip


def test_notes_belong_to_what_they_follow() -> None:
    assert steps("DFT_P03", "2.5", "FT1 NTE NTE ORC OBR NTE OBX NTE OBX FT1") == [
        "FINANCIAL!/FT1",
        "FINANCIAL/NTE",
        "FINANCIAL/NTE?",
        "FINANCIAL/FINANCIAL_COMMON_ORDER!/ORC",
        "FINANCIAL/FINANCIAL_COMMON_ORDER/FINANCIAL_ORDER!/OBR",
        "FINANCIAL/FINANCIAL_COMMON_ORDER/FINANCIAL_ORDER/NTE",
        "FINANCIAL/FINANCIAL_COMMON_ORDER/FINANCIAL_OBSERVATION!/OBX",
        "FINANCIAL/FINANCIAL_COMMON_ORDER/FINANCIAL_OBSERVATION/NTE",
        "FINANCIAL/FINANCIAL_COMMON_ORDER/FINANCIAL_OBSERVATION!/OBX",
        "FINANCIAL!/FT1",
    ]


def test_results_nest() -> None:
    assert steps("ORU_R01", "2.5", "MSH PID PV1 ORC OBR NTE OBX NTE OBX OBR OBX PID OBR OBX") == [
        "MSH",
        "PATIENT_RESULT!/PATIENT!/PID",
        "PATIENT_RESULT/PATIENT/VISIT!/PV1",
        "PATIENT_RESULT/ORDER_OBSERVATION!/ORC",
        "PATIENT_RESULT/ORDER_OBSERVATION/OBR",
        "PATIENT_RESULT/ORDER_OBSERVATION/NTE",
        "PATIENT_RESULT/ORDER_OBSERVATION/OBSERVATION!/OBX",
        "PATIENT_RESULT/ORDER_OBSERVATION/OBSERVATION/NTE",
        "PATIENT_RESULT/ORDER_OBSERVATION/OBSERVATION!/OBX",
        "PATIENT_RESULT/ORDER_OBSERVATION!/OBR",
        "PATIENT_RESULT/ORDER_OBSERVATION/OBSERVATION!/OBX",
        "PATIENT_RESULT!/PATIENT!/PID",
        "PATIENT_RESULT/ORDER_OBSERVATION!/OBR",
        "PATIENT_RESULT/ORDER_OBSERVATION/OBSERVATION!/OBX",
    ]


def test_an_appointment_puts_the_patient_in_a_group() -> None:
    assert steps("SIU_S12", "2.5", "MSH SCH PID PV1 RGS AIS NTE AIL AIP RGS AIG") == [
        "MSH",
        "SCH",
        "PATIENT!/PID",
        "PATIENT/PV1",
        "RESOURCES!/RGS",
        "RESOURCES/SERVICE!/AIS",
        "RESOURCES/SERVICE/NTE",
        "RESOURCES/LOCATION_RESOURCE!/AIL",
        "RESOURCES/PERSONNEL_RESOURCE!/AIP",
        "RESOURCES!/RGS",
        "RESOURCES/GENERAL_RESOURCE!/AIG",
    ]


def test_an_admission_is_flat_but_for_its_groups() -> None:
    assert steps("ADT_A01", "2.5", "MSH EVN PID PD1 NK1 NK1 PV1 PV2 OBX AL1 DG1 PR1 ROL GT1 IN1 IN2 IN1") == [
        "MSH", "EVN", "PID", "PD1", "NK1", "NK1", "PV1", "PV2", "OBX", "AL1", "DG1", "PROCEDURE!/PR1",
        "PROCEDURE/ROL", "GT1", "INSURANCE!/IN1", "INSURANCE/IN2", "INSURANCE!/IN1",
    ]  # fmt: skip


@pytest.mark.parametrize("version", ["2.5", "2.5.1", "2.6", "2.7", "2.8"])
def test_a_second_laboratory_order_is_no_earlier_result_of_the_first(version: str) -> None:
    walked = steps("OML_O21", version, "MSH PID ORC OBR OBX ORC OBR SPM ORC OBR")
    assert [place for place in walked if place.endswith("ORC")] == ["ORDER!/ORC"] * 3
    assert [place for place in walked if place.endswith("OBR")] == ["ORDER/OBSERVATION_REQUEST!/OBR"] * 3


@pytest.mark.parametrize("version", ["2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"])
def test_a_second_general_order_is_no_earlier_result_of_the_first(version: str) -> None:
    walked = steps("OMG_O19", version, "MSH PID ORC OBR OBX ORC OBR ORC OBR")
    assert [place for place in walked if place.endswith("ORC")] == ["ORDER!/ORC"] * 3
    assert [place for place in walked if place.endswith("OBR")] == ["ORDER/OBR"] * 3


def test_orders_of_2_4_repeat_in_their_own_group() -> None:
    walked = steps("OML_O21", "2.4", "MSH PID ORC OBR ORC OBR")
    assert [place for place in walked if place.endswith("ORC")] == [
        "ORDER_GENERAL!/ORDER!/ORC",
        "ORDER_GENERAL/ORDER!/ORC",
    ]


def test_an_earlier_result_that_begins_with_its_patient_keeps_its_orders() -> None:
    assert steps("OML_O21", "2.5.1", "MSH PID ORC OBR PID ORC OBR OBX ORC OBR OBX")[3:] == [
        "ORDER/OBSERVATION_REQUEST!/OBR",
        "ORDER/OBSERVATION_REQUEST/PRIOR_RESULT!/PATIENT_PRIOR!/PID",
        "ORDER/OBSERVATION_REQUEST/PRIOR_RESULT/ORDER_PRIOR!/ORC",
        "ORDER/OBSERVATION_REQUEST/PRIOR_RESULT/ORDER_PRIOR/OBR",
        "ORDER/OBSERVATION_REQUEST/PRIOR_RESULT/ORDER_PRIOR/OBSERVATION_PRIOR!/OBX",
        "ORDER/OBSERVATION_REQUEST/PRIOR_RESULT/ORDER_PRIOR!/ORC",
        "ORDER/OBSERVATION_REQUEST/PRIOR_RESULT/ORDER_PRIOR/OBR",
        "ORDER/OBSERVATION_REQUEST/PRIOR_RESULT/ORDER_PRIOR/OBSERVATION_PRIOR!/OBX",
    ]


@pytest.mark.parametrize("version", ["2.3", "2.3.1", "2.4", "2.5", "2.5.1"])
def test_results_and_orders_of_several_requests_repeat(version: str) -> None:
    results = steps("ORU_R01", version, "MSH PID ORC OBR OBX ORC OBR OBX")
    orders = steps("ORM_O01", version, "MSH PID ORC OBR OBX ORC OBR OBX")
    assert [place.rpartition("/")[0].rpartition("/")[2] for place in results if place.endswith("ORC")] == [
        "ORDER_OBSERVATION!",
        "ORDER_OBSERVATION!",
    ]
    assert [place for place in orders if place.endswith("ORC")] == ["ORDER!/ORC", "ORDER!/ORC"]


def test_a_choice_holds_one_of_its_members() -> None:
    assert steps("ORM_O01", "2.3", "MSH PID ORC RXO NTE ORC OBR OBX") == [
        "MSH",
        "PATIENT!/PID",
        "ORDER!/ORC",
        "ORDER/ORDER_DETAIL!/CHOICE!/RXO",
        "ORDER/ORDER_DETAIL/NTE",
        "ORDER!/ORC",
        "ORDER/ORDER_DETAIL!/CHOICE!/OBR",
        "ORDER/ORDER_DETAIL/OBSERVATION!/OBX",
    ]


def test_a_sites_own_segment_belongs_to_where_it_stands() -> None:
    assert steps("DFT_P03", "2.5", "MSH ZAA PID FT1 ZFT FT1 ZFT") == [
        "MSH", "ZAA?", "PID", "FINANCIAL!/FT1", "FINANCIAL/ZFT?", "FINANCIAL!/FT1", "FINANCIAL/ZFT?",
    ]  # fmt: skip


def test_a_segment_out_of_order_keeps_the_group() -> None:
    assert steps("DFT_P03", "2.5", "MSH PV1 PID FT1 PV1 FT1") == [
        "MSH", "PV1", "PID?", "FINANCIAL!/FT1", "FINANCIAL/PV1?", "FINANCIAL!/FT1",
    ]  # fmt: skip


def test_charges_after_the_diagnoses_are_charges_all_the_same() -> None:
    assert steps("DFT_P03", "2.5", "MSH EVN PID NK1 PV1 DG1 FT1 NTE FT1")[5:] == [
        "DG1", "FINANCIAL!/FT1", "FINANCIAL/NTE", "FINANCIAL!/FT1",
    ]  # fmt: skip


def test_a_segment_with_one_place_goes_there_even_without_what_comes_before() -> None:
    assert steps("ORU_R01", "2.3", "MSH OBX") == ["MSH", "RESPONSE!/ORDER_OBSERVATION!/OBSERVATION!/OBX"]
    assert steps("DFT_P03", "2.5", "MSH FT1 IN2") == ["MSH", "FINANCIAL!/FT1", "INSURANCE!/IN2"]


def test_an_unknown_structure_keeps_everything_at_the_top() -> None:
    assert steps("ZZZ_Z01", "2.5", "MSH PID ZZZ") == ["MSH?", "PID?", "ZZZ?"]
    assert steps("DFT_P03", "9.9", "MSH PID") == ["MSH?", "PID?"]


def test_made_up_names_take_no_memory() -> None:
    one = walk("2.5", "DFT_P03")
    position = one.step(one.start, "FT1")
    strays = {id(one.step(position, name)) for name in ("A01", "", "[[[", "Z" * 900, "ft1", "\x00")}
    assert len(strays) == 1
    assert {id(walk(f"2.{n}.x", f"ZZZ_{n}")) for n in range(50)} == {id(walk("", ""))}
    assert not set(position.next) - set(tables("2.5")._rows)


def test_any_order_of_any_structure_walks() -> None:
    names = ["MSH", "PID", "PV1", "ORC", "OBR", "OBX", "NTE", "FT1", "ROL", "AL1", "ZZZ", "RXA", "IN1"]
    for version in VERSIONS:
        for structure in tables(version).structures:
            one = walk(version, structure)
            position = one.start
            for name in (*names, *reversed(names), *names[::3]):
                before, position = position, one.step(position, name)
                assert position.kept <= min(len(position.groups), len(before.groups))
                assert position.groups[: position.kept] == before.groups[: position.kept]


def test_every_place_of_every_structure_is_in_the_schema() -> None:
    for version in VERSIONS:
        for structure in tables(version).structures:
            type_, _, event = structure.partition("_")
            if len(event) != 3 or not event.isupper() or structure_id(type_, event, version) != structure:
                continue
            tree = schema((f"{type_}^{event}@{version}",))
            for groups, place in places(grammar(version, structure)):
                assert place.segment == ANY or tree.node((*groups, place.label)), f"{structure}@{version}: {place}"


def test_a_remembered_step_is_a_look_up() -> None:
    one = walk("2.5", "DFT_P03")
    names = "MSH EVN PID PV1 FT1 NTE FT1 FT1".split()

    def message() -> None:
        position = one.start
        for name in names:
            position = one.step(position, name)

    assert min(timeit.repeat(message, number=2_000, repeat=7)) / 2_000 / len(names) < 1e-6
