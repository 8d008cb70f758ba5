"""A diff says first who learns more, then what is done otherwise, then what is only called otherwise."""

from __future__ import annotations

import copy
import json
from typing import Any

from flows.diff import Difference, View, diff, view
from flows.release import Source, read_manifest, read_source
from tests.trusted import KERNEL, files, sealed

FLOW = json.loads(files("flow.json"))
ENVIRONMENT = json.loads(files("environment.json"))


def atom(origin: str, *protections: str, concept: str = "patient-id", sensitivity: int = 4) -> Any:
    return {
        "origin": origin,
        "concept": concept,
        "classes": ["patient"],
        "sensitivity": sensitivity,
        "protections": list(protections),
    }


MRN, TOKEN = atom("PID-3.1"), atom("PID-3.1", "pseudonymised")
REPORT = {"decrement": {"fields": {"caseReference": [TOKEN]}}}


def seen(flow: Any = None, environment: Any = None, lineage: Any = None) -> View:
    """A flow as ``diff`` sees it, with a lineage report of our own."""
    source = read_source(json.dumps(flow or FLOW).encode(), json.dumps(environment or ENVIRONMENT).encode(), files)
    assert isinstance(source, Source), source
    return view(source.content, KERNEL)._replace(lineage=REPORT if lineage is None else lineage)


def sentences(difference: Difference) -> tuple[list[str], list[str], list[str]]:
    exposure, behaviour, configuration = ([each.sentence for each in part] for part in difference)
    return exposure, behaviour, configuration


def changed(document: Any, *path: str | int, to: Any) -> Any:
    other = copy.deepcopy(document)
    here = other
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = to
    return other


def test_nothing_changed_is_nothing_to_say() -> None:
    assert diff(seen(), seen()).empty


def test_an_unmasked_field_is_new_exposure_and_stands_first() -> None:
    after = {"decrement": {"fields": {"caseReference": [MRN]}}}
    exposure, behaviour, configuration = sentences(diff(seen(), seen(lineage=after)))
    assert exposure == [
        "'decrement' now gets PID-3.1 (patient-id, S4 patient), as it is in 'caseReference'.",
        "'decrement' no longer gets PID-3.1 (patient-id, S4 patient), pseudonymised in 'caseReference'.",
    ]
    assert behaviour == configuration == []


def test_an_unprotected_atom_beside_the_protected_one_is_not_hidden() -> None:
    after = {"decrement": {"fields": {"caseReference": [TOKEN, MRN]}}}
    (change,) = diff(seen(), seen(lineage=after)).exposure
    assert change.direction == "wider" and change.sink == "decrement" and change.field == "caseReference"


def test_a_field_that_is_gone_is_narrower() -> None:
    (change,) = diff(seen(), seen(lineage={"decrement": {"fields": {}}})).exposure
    assert change.direction == "narrower"


def test_another_destination_is_exposure() -> None:
    for name, value in (("host", "erp.example.org"), ("port", 443), ("transport", "tls"), ("secret", "erp-login")):
        environment = changed(ENVIRONMENT, "connections", "erp-inventory", name, to=value)
        (change, *_) = diff(seen(), seen(environment=environment)).exposure
        assert change.direction == "wider" and "sends elsewhere" in change.sentence and name in change.sentence


def test_another_throttle_is_configuration() -> None:
    environment = changed(ENVIRONMENT, "connections", "erp-inventory", "throttle", "in_flight", to=4)
    exposure, behaviour, configuration = sentences(diff(seen(), seen(environment=environment)))
    assert exposure == behaviour == []
    assert configuration == ["/environment/connections/erp-inventory/throttle/in_flight is 4 instead of 16."]


def test_a_mask_that_is_gone_is_behaviour_step_and_wires() -> None:
    flow = copy.deepcopy(FLOW)
    flow["steps"] = [step for step in flow["steps"] if step["id"] != "tokenise"]
    flow["wires"] = [wire for wire in flow["wires"] if "tokenise" not in wire["from"] + wire["to"]]
    flow["wires"].append({"from": "lines.out", "to": "to-material.in"})
    _, behaviour, _ = sentences(diff(seen(), seen(flow)))
    assert "Step 'tokenise' (mask) is gone." in behaviour
    assert "A wire from 'lines.out' to 'to-material.in' is new." in behaviour
    assert "The wire from 'lines.out' to 'tokenise.in' is gone." in behaviour


def test_a_changed_config_is_behaviour_with_its_place() -> None:
    flow = changed(FLOW, "steps", 4, "config", "on_miss", to="default")
    (change,) = diff(seen(), seen(flow)).behaviour
    assert change.pointer == "/flow/steps/to-material/config/on_miss"
    assert (change.before, change.after) == ("park", "default")


def test_a_changed_node_file_or_contract_is_behaviour() -> None:
    before = seen()
    after = before._replace(nodes=dict(before.nodes) | {"mask@1": "0" * 64}, files=dict(before.files) | {"x": "1" * 64})
    assert [each.pointer for each in diff(before, after).behaviour] == ["/nodes/mask@1", "/files/x"]


def test_titles_owners_and_layout_are_configuration() -> None:
    flow = changed(changed(FLOW, "steps", 0, "title", to="Charges"), "owners", "cases", to="supply-chain")
    flow["layout"] = {"receive": [5, 5]}
    exposure, behaviour, configuration = sentences(diff(seen(), seen(flow)))
    assert exposure == behaviour == []
    assert len(configuration) == 4


def test_of_a_first_release_everything_that_reaches_a_sink_is_new() -> None:
    exposure, behaviour, configuration = sentences(diff(None, seen()))
    assert any("is a new sink" in each for each in exposure) and any("now gets PID-3.1" in each for each in exposure)
    assert behaviour == configuration == []


def test_a_field_more_in_the_contract_of_a_sink_is_exposure() -> None:
    before = seen()
    fields = {"decrement": (*before.fields["decrement"], "mrn")}
    (change,) = diff(before, before._replace(fields=fields)).exposure
    assert change.sentence == "'decrement' may now be sent 'mrn'." and change.direction == "wider"


def test_a_sealed_manifest_and_the_flow_it_was_sealed_from_do_not_differ() -> None:
    manifest = read_manifest(sealed().manifest)
    source = read_source(files("flow.json"), files("environment.json"), files)
    assert isinstance(source, Source)
    assert diff(manifest, view(source.content, KERNEL)).empty
