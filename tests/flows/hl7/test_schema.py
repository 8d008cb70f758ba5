"""One tree over all accepted structures and versions, and what selectors mean in it."""

import subprocess
import sys
import timeit

import pytest

from flows.classification.rules import UNKNOWN, nature_text
from flows.hl7 import (
    SchemaTree,
    matches,
    matching_groups,
    schema,
    schema_path,
    stands_in,
    versions_between,
    versions_missing,
)
from flows.paths import PathError, parse

CHARGES = ("DFT^P03@2.3-2.8",)


def found(tree: SchemaTree, selector: str) -> list[str]:
    return [schema_path(path, tree) for path, _ in matches(tree, parse(selector))]


@pytest.mark.parametrize(
    "selector",
    ["PV1-3.1", "PV1-3.4", "MSH-7.1", "PID-3.1", "PID-3[1].1", "PV1-19.1", "FT1-7.3", "FT1-7.1", "FT1-4.1", "FT1-10",
     "FT1-13.1", "FINANCIAL/FT1-7.1"],
)  # fmt: skip
def test_what_a_supply_flow_reads_is_there_in_every_version(selector: str) -> None:
    tree = schema(CHARGES)
    assert matches(tree, parse(selector))
    assert versions_missing(tree, parse(selector)) == ()


@pytest.mark.parametrize("version", versions_between("2.1-2.8"))
def test_charges_can_be_read_in_every_version_alone(version: str) -> None:
    tree = schema((f"DFT^P03@{version}",))
    for selector in ("MSH-10", "PID-3.1", "FT1-4.1", "FT1-7.1", "FT1-10"):
        assert found(tree, selector), selector
    assert bool(matching_groups(tree, "FINANCIAL")) is (version not in ("2.1", "2.2"))


def test_a_segment_is_found_at_any_depth_of_groups() -> None:
    [(path, node)] = matches(schema(("SIU^S12@2.3-2.6",)), parse("PID-3.1"))
    assert path == ("PATIENT", "PID", "3", "1")
    assert {nature_text(one) for one in node.natures} == {"patient-id S4 patient"}


def test_groups_stand_before_a_path_only_where_the_segment_is_ambiguous() -> None:
    tree = schema(("DFT^P03@2.5",))
    assert found(tree, "FT1-7.1") == ["FT1-7.1"]
    assert found(tree, "NTE-3") == [
        "COMMON_ORDER/ORDER/NTE-3",
        "COMMON_ORDER/OBSERVATION/NTE-3",
        "FINANCIAL/NTE-3",
        "FINANCIAL/FINANCIAL_COMMON_ORDER/FINANCIAL_ORDER/NTE-3",
        "FINANCIAL/FINANCIAL_COMMON_ORDER/FINANCIAL_OBSERVATION/NTE-3",
    ]
    assert schema_path(("FINANCIAL", "FT1", "7", "1")) == "FINANCIAL/FT1-7.1"


def test_a_segment_that_stands_twice_in_a_row_is_two_fields() -> None:
    tree = schema(("DFT^P03@2.5",))
    assert found(tree, "ROL-4.1")[:2] == ["ROL#1-4.1", "ROL#2-4.1"]
    leaves = [path for path, _ in tree.root.leaves()]
    assert len(leaves) == len(set(leaves))


def test_a_selector_with_groups_means_what_stands_inside_them() -> None:
    tree = schema(("DFT^P03@2.5",))
    assert found(tree, "FINANCIAL/NTE-3") == [path for path in found(tree, "NTE-3") if path.startswith("FINANCIAL/")]
    assert found(tree, "FINANCIAL/FINANCIAL_ORDER/NTE-3") == ["FINANCIAL/FINANCIAL_COMMON_ORDER/FINANCIAL_ORDER/NTE-3"]
    assert found(tree, "ORDER/FT1-7") == []
    assert stands_in(("ORDER",), ("ORDER#2", "DETAIL"))
    assert not stands_in(("DETAIL", "ORDER"), ("ORDER", "DETAIL"))


def test_the_first_part_of_a_primitive_is_the_primitive() -> None:
    assert found(schema(("DFT^P03@2.5",)), "FT1-10.1") == ["FT1-10"]
    assert found(schema(("DFT^P03@2.5",)), "FT1-10.2") == []


def test_a_value_that_gains_parts_in_a_later_version_is_its_first_part() -> None:
    tree = schema(("ADT^A01@2.3-2.5",))  # the family name is one text in 2.3 and five parts in 2.5
    [(path, node)] = matches(tree, parse("PID-5.1.1"))
    assert schema_path(path, tree) == "PID-5.1.1"
    assert node.versions == tree.accepted
    assert versions_missing(tree, parse("PID-5.1.2")) == ("ADT_A01@2.3",)


def test_versions_in_which_a_field_is_missing_are_named() -> None:
    tree = schema(CHARGES)
    assert versions_missing(tree, parse("FT1-34")) == tuple(
        f"DFT_P03@{version}" for version in ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6")
    )
    assert len(versions_missing(tree, parse("PID-99"))) == len(tree.accepted)


def test_a_version_whose_tables_lack_the_type_is_named() -> None:
    tree = schema(("SIU^S12@2.2-2.3",))
    assert tree.unpublished == ("SIU^S12@2.2",)
    assert versions_missing(tree, parse("PID-3")) == ("SIU^S12@2.2",)


def test_versions_that_differ_keep_every_nature() -> None:
    [(_, node)] = matches(schema(("DFT^P03@2.1-2.3",)), parse("PV1-36"))
    assert len(node.natures) == 1
    merged = {
        nature_text(n) for _, node in matches(schema(("DFT^P03@2.1-2.8",)), parse("FT1-10")) for n in node.natures
    }
    assert merged == {"price S2 financial", "quantity S1 operational"}


def test_a_composite_has_the_natures_of_all_its_leaves() -> None:
    [(path, node)] = matches(schema(("DFT^P03@2.5",)), parse("PV1-3"))
    assert not node.is_leaf
    assert {nature_text(one) for one in node.natures} == {
        "location S1 operational",
        "location S2 operational",
        "free-text S4 unknown",
    }
    assert path == ("PV1", "3")


def test_a_sites_own_segment_is_there_and_unknown() -> None:
    [(path, node)] = matches(schema(CHARGES), parse("ZPM-3.1"))
    assert (path, node.natures) == (("ZPM", "3", "1"), {UNKNOWN})
    assert versions_missing(schema(CHARGES), parse("ZPM-3.1")) == ()


def test_any_part_of_a_value_of_any_datatype_is_there_and_unknown() -> None:
    tree = schema(("ORU^R01@2.3",))
    assert found(tree, "OBX-5.2") == ["OBX-5.2"]
    [(_, node)] = matches(tree, parse("OBX-5.2"))
    assert {one.sensitivity for one in node.natures} == {4}


def test_any_type_has_only_its_header() -> None:
    tree = schema(("*@2.1-2.8",))
    assert tree.any_type
    assert found(tree, "MSH-9.2") == ["MSH-9.2"]
    assert [found(tree, text) for text in ("PID-3", "ZPM-1", "message/segments")] == [[], [], []]
    assert tree.root.wildcard == UNKNOWN


def test_a_choice_has_all_its_branches() -> None:
    tree = schema(("ORM^O01@2.3",))
    assert found(tree, "OBR-4.1") == ["OBR-4.1"]
    assert found(tree, "RXO-1.1") == ["RXO-1.1"]
    [(path, _)] = matches(tree, parse("RXO-1.1"))
    assert path[:3] == ("ORDER", "ORDER_DETAIL", "CHOICE")


def test_a_place_for_any_segment_breaks_nothing() -> None:
    tree = schema(("MFN^M01@2.5",))
    assert found(tree, "MFE-2") == ["MFE-2"]


def test_several_types_are_one_tree() -> None:
    tree = schema(("ADT^A01@2.5", "ADT^A04@2.5", "ORU^R01@2.5"))
    assert tree.accepted == {"ADT_A01@2.5", "ORU_R01@2.5"}
    assert found(tree, "PID-3.1") == ["PID-3.1", "PATIENT_RESULT/PATIENT/PID-3.1"]


def test_a_text_that_is_no_type_is_refused() -> None:
    with pytest.raises(PathError):
        schema(("DFT^P03",))


def test_groups_are_found_by_name() -> None:
    tree = schema(("ORU^R01@2.5",))
    [(path, node)] = matching_groups(tree, "ORDER_OBSERVATION")
    assert (path, node.repeats) == (("PATIENT_RESULT", "ORDER_OBSERVATION"), True)
    assert matching_groups(tree, "PATIENT_RESULT/ORDER_OBSERVATION") == [(path, node)]
    assert matching_groups(tree, "FINANCIAL") == []


def test_the_tree_is_made_once_and_handed_out_at_once() -> None:
    assert schema(CHARGES) is schema(CHARGES)
    assert min(timeit.repeat(lambda: schema(CHARGES), number=10_000, repeat=5)) / 10_000 < 50e-6


def test_the_first_tree_of_a_process_comes_quickly() -> None:
    code = (
        "import time; from flows.hl7 import schema; t = time.process_time(); "
        "schema(('DFT^P03@2.3-2.8',)); print(time.process_time() - t)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 1.0
