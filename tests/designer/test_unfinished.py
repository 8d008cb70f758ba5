"""Unfinished drafts: whatever is missing, cut or emptied, every question about the rest has an answer."""

from __future__ import annotations

import copy
import gc
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from designer import analysis, library, tables
from designer.drawing import Drawing
from designer.http.models import drafts as shapes
from flows.trees import Tree
from runtime.world import SystemClock
from tests.cost import uncollected
from tests.designer.office import Office

Json = Any
_QUERY = shapes.StepFieldsQuery.model_validate({"q": "", "limit": 20})
_WIRE = shapes.WireQuery.model_validate({})


def _spoiled(name: str) -> Iterator[tuple[str, str, Json]]:
    """A flow of the library without each setting, with each setting blank, and without each wire.

    What an earlier one has in the same words is not spoiled again; of a list the first element stands for all.
    """
    document = library.shipped()[name].document
    earlier = [step for other, each in library.shipped().items() if other < name for step in each.document["steps"]]
    for number, step in enumerate(document["steps"]):
        for place in _places(step["config"], ()) if step not in earlier else ():
            for how in ("gone", "blank"):
                yield f"{step['id']} {place} {how}", step["id"], _changed(document, number, place, blank=how == "blank")
    for number, wire in enumerate(document["wires"]):
        wires = [each for other, each in enumerate(document["wires"]) if other != number]
        yield f"no wire {wire['from']}", wire["to"].partition(".")[0], {**document, "wires": wires}


def _places(value: Json, loc: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, each in members:
        yield (*loc, name)
        yield from _places(each, (*loc, name))


def _changed(document: Json, number: int, place: tuple[Any, ...], *, blank: bool) -> Json:
    changed = copy.deepcopy(document)
    holder = changed["steps"][number]["config"]
    for part in place[:-1]:
        holder = holder[part]
    if blank:
        holder[place[-1]] = type(holder[place[-1]])()
    else:
        del holder[place[-1]]
    return changed


def _asked(drawing: Drawing, changed: str, document: Json) -> None:
    """Every question that the editor asks, of the step that changed, of those directly behind it and of the sinks."""
    found = drawing.analysed(document)
    analysis.body(found, 1)
    assert found.flow is not None
    assert found.analysis is not None
    behind = [wire for wire in found.flow.wires if wire.source.step == changed]
    for name in dict.fromkeys((changed, *(wire.target.step for wire in behind), *found.analysis.sinks)):
        tables.into(found, name, _QUERY)
    for wire in behind:
        tables.wire(found, *wire.ends, _WIRE)


@pytest.mark.parametrize("name", sorted(library.shipped()))
def test_no_missing_setting_and_no_cut_wire_breaks_an_answer(name: str) -> None:
    folder = resources.files("flows.library").joinpath(name)
    with uncollected(), resources.as_file(folder.joinpath("environment.json")) as environment:
        drawing = Drawing(environment, SystemClock())
        for what, changed, document in _spoiled(name):
            try:
                _asked(drawing, changed, document)
            except Exception as error:
                error.add_note(f"In '{name}': {what}")
                raise


def _trees() -> int:
    gc.collect()
    return sum(isinstance(each, Tree) for each in gc.get_objects())


def test_an_unfinished_step_takes_hardly_more_of_the_tables_apart_than_a_finished_one() -> None:
    document = library.shipped()["supply-consumption"].document
    number = next(at for at, step in enumerate(document["steps"]) if step["id"] == "event")
    unfinished = _changed(document, number, ("fields", "material"), blank=True)
    folder = resources.files("flows.library").joinpath("supply-consumption")
    with resources.as_file(folder.joinpath("environment.json")) as environment:
        drawing = Drawing(environment, SystemClock())
        counts = [_trees()]
        for each in (document, unfinished):
            analysis.body(drawing.analysed(each), 1)
            counts.append(_trees())
    before, whole, both = counts
    assert both - whole < 3 * (whole - before)


def test_what_earlier_steps_made_and_what_begins_as_typed_is_offered_first(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", {"name": "Use", "from": {"pattern": "supply-consumption"}}), 201)["id"]

    def offered(q: str) -> list[str]:
        return [row["path"] for row in ana.given(ana.get(f"/drafts/{draft}/steps/event/fields?q={q}&limit=5"))["rows"]]

    assert offered("mat")[0] == "material"
    assert offered("PID-3")[0] == "PID-3"
    assert offered("quantity")[0] == "quantity"


def test_of_a_field_that_is_typed_its_parts_are_offered_with_names_and_sensitivity(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", {"name": "Use", "from": {"pattern": "supply-consumption"}}), 201)["id"]

    def offered(q: str, step: str = "event") -> dict[str, Json]:
        rows = ana.given(ana.get(f"/drafts/{draft}/steps/{step}/fields?q={q}&limit=40"))["rows"]
        return {row["path"]: row for row in rows}

    assert list(offered("FT1-7."))[:3] == ["FT1-7.1", "FT1-7.2", "FT1-7.3"]
    assert list(offered("ft1-13"))[:2] == ["FT1-13", "FT1-13.1"]
    assert list(offered("FT1-7.1"))[:3] == ["FT1-7.1", "FT1-7.10", "FT1-7.11"]
    assert list(offered("PID-5.1.", "lines"))[:2] == ["PID-5.1.1", "PID-5.1.2"]
    number = offered("PID-3.1", "tokenise")["PID-3.1"]
    assert (number["name"], number["sensitivity"]) == ("Patient Identifier List: ID Number", 4)
    assert offered("PID-3.1")["PID-3.1"]["protections"] == ["pseudonymised"]
    assert offered("FT1-7.9")["FT1-7.9"]["concept"] == "free-text"
    assert not offered("FT1-7.99") and not offered("nothing.")


def test_behind_a_step_that_is_not_finished_the_fields_of_the_message_are_still_offered(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", {"name": "Use", "from": {"pattern": "supply-consumption"}}), 201)
    document = draft["document"]
    next(each for each in document["steps"] if each["id"] == "tokenise")["config"] = {}
    ana.given(ana.post(f"/drafts/{draft['id']}/pen", {"take": True}))
    saved = {"revision": draft["revision"], "document": document, "summary": "Emptied a step"}
    ana.given(ana.put(f"/drafts/{draft['id']}", saved))
    rows = ana.given(ana.get(f"/drafts/{draft['id']}/steps/to-material/fields?q=FT1-7."))["rows"]
    assert [row["path"] for row in rows[:2]] == ["FT1-7.1", "FT1-7.2"]


def test_of_an_element_of_fhir_that_is_typed_its_parts_are_offered(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", {"name": "Use", "from": {"pattern": "fhir-consumption"}}), 201)
    step = draft["document"]["steps"][1]["id"]
    rows = ana.given(ana.get(f"/drafts/{draft['id']}/steps/{step}/fields?q=SupplyDelivery.suppliedItem."))["rows"]
    assert {"SupplyDelivery.suppliedItem.quantity", "SupplyDelivery.suppliedItem.itemCodeableConcept"} <= {
        row["path"] for row in rows
    }


def test_the_groups_of_the_message_are_offered_to_the_step_that_takes_it_apart(office: Office) -> None:
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", {"name": "Use", "from": {"pattern": "supply-consumption"}}), 201)["id"]
    groups = ana.given(ana.get(f"/drafts/{draft}/steps/lines/fields"))["groups"]
    assert groups[0] == "FINANCIAL"
    assert "FT1" not in groups
    assert ana.given(ana.get(f"/drafts/{draft}/steps/decrement/fields"))["groups"] == []


def test_a_blank_flow_has_the_purpose_that_was_said_and_patterns_are_told_in_plain_words(office: Office) -> None:
    ana = office.signed_in("ana")
    source = {"blank": True, "purpose": "supply-consumption"}
    made = ana.given(ana.post("/drafts", {"name": "Use", "from": source}), 201)
    assert made["document"]["purpose"] == "supply-consumption"
    for each in ana.given(ana.get("/library"))["patterns"]:
        assert not set("`[]*") & set(each["sentence"]), each["sentence"]
