"""The catalogue: kinds are found by themselves, configs are refused with a place, digests cover all the code."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.declaration import Declaration
from flows.findings import Finding, RemoveConfig, SetConfig, Severity
from flows.graph import Step
from nodes import catalogue
from nodes.contract import Example
from nodes.testing import CONNECTION, MemoryServices, operation, surroundings

AROUND = surroundings(
    Example("", {}, {}, masters={"items": [{"key": ["1"], "values": {"material": "M"}}]}, operations={"post": {}})
)
EXAMPLES = [(kind.kind, example.config) for kind in catalogue.kinds().values() for example in kind.examples]
words = st.sampled_from(["field", "text", "fn", "args", "if", "all", "not", "in", "compare", "path", "method", "x"])
ROOT = Path(catalogue.__file__).parent.parent


def step(kind: str, config: Any, **more: Any) -> Step:
    return Step.model_validate({"id": "here", "kind": kind, "version": 1, "title": "Here", "config": config, **more})


def refused(kind: str, config: Any, **more: Any) -> tuple[Finding, ...]:
    found = catalogue.declare(step(kind, config, **more), AROUND)
    assert isinstance(found, tuple) and not isinstance(found, Declaration)
    return found


def declared(kind: str, config: Any, **more: Any) -> Declaration:
    found = catalogue.declare(step(kind, config, **more), AROUND)
    assert isinstance(found, Declaration), found
    return found


def test_kinds_are_discovered_from_their_files() -> None:
    files = {
        path.stem for group in ("sources", "transforms", "sinks") for path in (ROOT / "nodes" / group).glob("*.py")
    }
    assert {kind for kind, _ in catalogue.kinds()} == files - {"__init__"}


def test_a_kind_is_called_as_its_file() -> None:
    for (kind, _), node in catalogue.kinds().items():
        assert node.__module__.rpartition(".")[2] == kind


def test_sources_and_sinks_are_nouns_with_a_connection_and_transforms_have_none() -> None:
    needs, *_ = declared("rest", {"operation": "post"}).problems
    assert (needs.rule, needs.address.pointer) == ("LG-NODE-CONNECTION", "/connection")
    [has] = declared("mask", {"fields": [{"path": "PID-3", "method": "drop"}]}, connection=CONNECTION).problems
    assert "no connection" in has.sentence


def test_a_connection_that_the_environment_lacks_is_a_problem() -> None:
    found = declared("rest", {"operation": "post"}, connection="elsewhere").problems
    assert "LG-NODE-CONNECTION" in [each.rule for each in found]


def at(kind: str, **connection: Any) -> list[Finding]:
    """What is found against a source at a connection with these members, beside one of each protocol."""
    node = catalogue.kinds()[kind, 1]
    known = AROUND.environment.connections[CONNECTION].model_copy(update={"contract": None})
    around = {
        "wanted": known.model_copy(update=connection),
        "theatre": known.model_copy(update={"protocol": "mllp"}),
        "ward": known.model_copy(update={"base_path": "/fhir"}),
    }
    environment = AROUND.environment.model_copy(update={"connections": around})
    drawn = step(kind, dict(node.examples[0].config), connection="wanted")
    found = catalogue.declare(drawn, AROUND._replace(environment=environment))
    assert isinstance(found, Declaration)
    return [each for each in found.problems if each.rule == "LG-SOURCE-PROTOCOL"]


@pytest.mark.parametrize(
    ("kind", "connection"),
    [
        ("hl7_mllp", {}),
        ("hl7_mllp", {"protocol": "mllp", "base_path": "/any"}),
        ("fhir_inbound", {"base_path": "/fhir"}),
        ("fhir_inbound", {"protocol": "http"}),
    ],
)
def test_a_source_listens_where_its_protocol_is_spoken(kind: str, connection: dict[str, Any]) -> None:
    assert at(kind, **connection) == []


@pytest.mark.parametrize(
    ("kind", "connection", "said", "instead"),
    [
        ("fhir_inbound", {}, "speaks MLLP, and this step listens by HTTP", ["ward"]),
        ("hl7_mllp", {"base_path": "/fhir"}, "speaks HTTP, and this step listens by MLLP", ["theatre"]),
        ("hl7_mllp", {"protocol": "http"}, "speaks HTTP, and this step listens by MLLP", ["theatre"]),
        ("hl7_mllp", {"contract": "erp.json"}, "is there to post to, by its contract", ["theatre"]),
    ],
)
def test_a_source_elsewhere_is_told_what_is_spoken_there_and_where_it_fits(
    kind: str, connection: dict[str, Any], said: str, instead: list[str]
) -> None:
    (found,) = at(kind, **connection)
    assert said in found.sentence and "no message would ever come in" in found.sentence
    assert found.severity is Severity.HARD and found.address.pointer == "/connection"
    assert [fix.title for fix in found.fixes] == [f"Listen at '{name}'" for name in instead]


def test_a_sink_finds_the_operation_of_its_own_connection_alone() -> None:
    other = operation("post")._replace(path="/other")
    around = AROUND._replace(operations={("other", "post"): other, **AROUND.operations})
    found = catalogue.declare(step("rest", {"operation": "post"}, connection=CONNECTION), around)
    assert isinstance(found, Declaration)
    assert found.operation is not None and found.operation.path == "/uses"
    assert found.effects.sends == ("material", "quantity")
    node = catalogue.build(step("rest", {"operation": "post"}, connection=CONNECTION), MemoryServices(), around)
    assert node.around.operations.keys() == {(CONNECTION, "post")}


def test_an_unknown_kind_is_a_finding_that_names_the_nearest() -> None:
    [finding] = refused("maks", {})
    assert finding.severity is Severity.HARD
    assert "did you mean 'mask'" in finding.sentence
    assert (finding.address.step, finding.address.pointer) == ("here", "/kind")


def test_an_unknown_version_is_a_finding_that_names_the_ones_there_are() -> None:
    [finding] = refused("mask", {"fields": []}, version=9)
    assert finding.address.pointer == "/version" and "there is 1" in finding.sentence


def test_a_misspelt_path_is_a_finding_whose_fix_spells_it_right() -> None:
    [finding] = refused(
        "mask", {"fields": [{"path": "PV1-19.1", "method": "drop"}, {"path": "PID.3", "method": "drop"}]}
    )
    assert finding.rule == "LG-NODE-PATH"
    assert finding.address.pointer == "/config/fields/1/path"
    [edit] = finding.fixes[0].edits
    assert edit == SetConfig(step="here", pointer="/fields/1/path", value="PID-3")


@pytest.mark.parametrize(
    ("kind", "config", "pointer"),
    [
        ("mask", {"fields": [], "surprise": 1}, "/config/surprise"),
        ("mask", {"fields": [{"path": "PID-3", "method": "shred"}]}, "/config/fields/0/method"),
        ("mask", {"fields": [{"method": "drop"}]}, "/config/fields/0/path"),
        ("mask", {"fields": {"a": 1}}, "/config/fields"),
        ("mask", {}, "/config/fields"),
        ("map_to_master", {"master": "items", "key": ["a"], "as": {"m": "Not A Column"}}, "/config/as/m"),
        ("map_to_master", {"master": "items", "key": ["a"], "as": {"m": "material"}, "default": {}}, "/config/default"),
        ("map_fields", {"schema": "x@1", "fields": {"a": "PID.3"}}, "/config/fields/a"),
        ("map_fields", {"schema": "x@1", "fields": {"a": {"fn": "no", "args": []}}}, "/config/fields/a"),
        (
            "map_fields",
            {"schema": "x@1", "fields": {"a": {"fn": "concat", "args": [{"text": "a"}, {"field": "PID.3"}]}}},
            "/config/fields/a/args/1",
        ),
        ("map_fields", {"schema": "x@1", "fields": {"a": 7}}, "/config/fields/a"),
        ("map_fields", {"schema": "x@1", "fields": {"a": {"fn": "concat", "args": 7}}}, "/config/fields/a/args"),
        ("filter", {"keep": {"present": "PID.3"}}, "/config/keep"),
        (
            "filter",
            {"keep": {"compare": [{"field": "a"}, "~", {"field": "b"}]}},
            "/config/keep/compare/1",
        ),
        ("rest", {"operation": "post", "headers": {"Host": "x"}}, "/config/headers/Host"),
    ],
)
def test_a_config_that_cannot_be_read_is_a_finding_with_its_place(kind: str, config: Any, pointer: str) -> None:
    found = refused(kind, config)
    assert [finding.address.pointer for finding in found] == [pointer]
    assert all(finding.address.step == "here" and finding.severity is Severity.HARD for finding in found)
    assert all("https://" not in finding.sentence and "\n" not in finding.sentence for finding in found)


def test_findings_of_one_config_do_not_hide_each_other() -> None:
    found = refused("mask", {"fields": [{"path": "PID.3", "method": "drop"}, {"path": "x", "method": "no"}], "more": 1})
    assert len(found) == 3


@pytest.mark.parametrize(
    ("kind", "config", "says"),
    [
        ("map_to_master", {"master": "", "key": [], "as": {}}, "Master, Key and As are missing."),
        ("map_to_master", {}, "Master, Key and As are missing."),
        ("map_to_master", {"master": "items", "key": [""], "as": {"": ""}}, "Key and As are missing."),
        (
            "map_to_master",
            {"master": "items", "key": ["a"], "as": {"m": "material"}, "convert": {"quantity": "", "as": "q"}},
            "Convert: quantity is missing.",
        ),
        ("split", {"each": ""}, "Each is missing."),
        ("map_fields", {"schema": "", "fields": {}}, "Schema and Fields are missing."),
        ("rest", {}, "Connection and Operation are missing."),
        ("hl7_mllp", {"accepts": []}, "Connection and Accepts are missing."),
    ],
)
def test_what_is_not_filled_in_yet_is_one_finding_a_step(kind: str, config: Any, says: str) -> None:
    [finding] = refused(kind, config)
    assert finding.rule == "LG-NODE-UNFINISHED"
    assert finding.sentence == f"Step 'here' is not finished: {says}"


def test_no_sentence_is_written_as_a_library_has_it() -> None:
    config = {"master": "Not An Id", "key": ["a"], "as": {"Ä": "material"}}
    for finding in refused("map_to_master", config):
        assert not re.search(r"pattern|validation|should|\^\[", finding.sentence)


def test_a_finding_never_repeats_a_value_of_the_config() -> None:
    for finding in refused("mask", {"fields": [{"path": "a b c secret", "method": "hunter2"}]}):
        assert "hunter2" not in finding.sentence


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=8)
    | st.sampled_from(["PID-3", "PID.3", "a", "FINANCIAL"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(EXAMPLES), st.data())
def test_any_config_is_declared_or_refused(example: tuple[str, Any], data: st.DataObject) -> None:
    kind, config = example[0], copy.deepcopy(dict(example[1]))
    _disturb(config, data)
    found = catalogue.declare(step(kind, config, connection=CONNECTION), AROUND)
    assert isinstance(found, Declaration) or all(each.sentence.endswith(".") for each in found)


def _disturb(here: Any, data: st.DataObject) -> None:
    """Put any value anywhere."""
    while True:
        places = list(here) if isinstance(here, dict) else list(range(len(here)))
        place = data.draw(st.sampled_from([*places, "surprise"] if isinstance(here, dict) else places))
        inner = here.get(place) if isinstance(here, dict) else here[place]
        if isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
            here = inner
            continue
        here[place] = data.draw(json_values)
        return


def test_a_condition_as_deep_as_a_file_may_be_is_still_read() -> None:
    condition: Any = {"present": "a"}
    for _ in range(60):
        condition = {"not": condition}
    assert declared("filter", {"keep": condition}).effects.control == ("a",)


def test_problems_leave_the_effects_usable() -> None:
    found = declared("map_to_master", {"master": "nowhere", "key": ["FT1-7.1"], "as": {"m": "material"}})
    assert [(each.rule, each.address.pointer) for each in found.problems] == [("LG-NODE-MASTER", "/config/master")]
    assert found.effects.named[0].reads == ("FT1-7.1",)


@pytest.mark.parametrize("config", [None, [], "text", 7])
def test_what_is_no_object_never_gets_to_a_node(config: Any) -> None:
    with pytest.raises(ValueError):
        step("mask", config)


def test_digests_differ_by_kind_and_are_stable() -> None:
    digests = [catalogue.digest(*name) for name in catalogue.kinds()]
    assert len(set(digests)) == len(digests)
    assert all(len(each) == 64 for each in digests)
    assert catalogue.digest("mask", 1) == catalogue.digest("mask", 1)


MOVED = """
import json, pathlib, sys
from nodes import catalogue
digests = lambda: {kind: catalogue.digest.__wrapped__(kind, version) for kind, version in catalogue.kinds()}
found = {"": (before := digests())}
for file in sys.argv[1:]:
    path = pathlib.Path(file)
    held = path.read_text()
    path.write_text(held + "# one line more")
    found[file] = [kind for kind, digest in digests().items() if digest != before[kind]]
    path.write_text(held)
print(json.dumps(found))
"""


def test_a_digest_moves_with_the_nodes_file_and_its_imports_below_nodes_alone(tmp_path: Path) -> None:
    for package in ("flows", "nodes"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    every = sorted(kind for kind, _ in catalogue.kinds())
    expected = {
        "nodes/transforms/mask.py": ["mask"],
        "nodes/contract.py": every,
        "nodes/sink.py": ["rest", "sftp", "soap"],
        "nodes/source.py": ["fhir_inbound", "hl7_mllp"],
        "nodes/shapes.py": ["rest", "sftp", "soap"],
        "nodes/decimals.py": ["map_fields", "map_to_master", "rest", "sftp", "soap", "validate"],
        "nodes/formats/hl7v2/lazy.py": ["hl7_mllp"],
        "nodes/formats/__init__.py": ["fhir_inbound", "hl7_mllp"],
        "nodes/testing/probe.py": [],
        "flows/effects.py": [],
    }
    done = subprocess.run(
        [sys.executable, "-c", MOVED, *expected], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found.pop("") == {kind: catalogue.digest(kind, version) for kind, version in catalogue.kinds()}
    assert found == expected


def test_a_setting_that_lacks_beside_a_choice_is_asked_for_at_its_own_place() -> None:
    [found] = refused("mask", {"fields": [{"path": "PID-7", "method": "generalise"}]})
    assert found.sentence == "In step 'here', at /config/fields/0/to: choose how coarse 'generalise' makes the value."
    assert found.address.pointer == "/config/fields/0/to"
    [found] = refused("map_to_master", {"master": "items", "key": ["a"], "as": {"m": "material"}, "on_miss": "default"})
    assert found.address.pointer == "/config/default"


@pytest.mark.parametrize(
    ("kind", "config", "place"),
    [
        ("mask", {"fields": [{"path": "PID-7", "method": "drop", "to": "year"}]}, "/fields/0/to"),
        (
            "map_to_master",
            {"master": "items", "key": ["a"], "as": {"m": "material"}, "default": {"m": "M"}},
            "/default",
        ),
    ],
)
def test_a_setting_that_belongs_to_another_choice_can_be_taken_out(kind: str, config: Any, place: str) -> None:
    [found] = refused(kind, config)
    assert found.fixes[0].edits == (RemoveConfig(step="here", pointer=place),)


def test_a_setting_that_belongs_to_one_choice_of_another_says_so_to_forms() -> None:
    for kind, holder, name in (("mask", "MaskedField", "to"), ("map_to_master", None, "default")):
        schema = catalogue.kinds()[kind, 1].Config.model_json_schema()
        there = (schema["$defs"][holder] if holder else schema)["properties"]
        [(choice, value)] = there[name]["x-only-with"].items()
        assert value in there[choice]["enum"]


def test_forms_offer_every_type_that_a_source_can_accept() -> None:
    for kind in ("hl7_mllp", "fhir_inbound"):
        offered = catalogue.kinds()[kind, 1].Config.model_json_schema()["properties"]["accepts"]["items"]["examples"]
        assert len(offered) > 100
        declared(kind, {"accepts": offered[:100]}, connection=CONNECTION)
    hl7 = catalogue.kinds()["hl7_mllp", 1].Config.model_json_schema()["properties"]["accepts"]["items"]["examples"]
    assert {"RAS^O17@2.4-2.8", "DFT^P03@2.3-2.8"} <= set(hl7)
