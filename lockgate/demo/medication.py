"""Medication use: the flow that takes what wards administered (HL7 v2 RAS^O17), drawn from the one for supplies."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

FLOW, SOURCE = "medication-use", "ward-hl7"
_ADMINISTERED = "RXA[1]"


def drawn(supplies: Mapping[str, Any]) -> dict[str, Any]:
    """The document: an administration in the place of a charge line, and the ward says who pays."""
    document: dict[str, Any] = copy.deepcopy(dict(supplies))
    document |= {"id": FLOW, "name": "Medication use on wards"}
    steps = {step["id"]: step for step in document["steps"]}
    steps["receive"] |= {"title": "Ward administrations", "connection": SOURCE}
    steps["receive"]["config"] |= {"accepts": ["RAS^O17@2.5-2.5.1"]}
    steps["lines"] |= {"title": "One record an administration", "config": {"each": "ADMINISTRATION"}}
    steps["to-material"]["config"] |= {
        "key": [f"{_ADMINISTERED}-5.3", f"{_ADMINISTERED}-5.1"],
        "at": f"{_ADMINISTERED}-3.1",
        "convert": {"quantity": f"{_ADMINISTERED}-6", "as": "quantity"},
    }
    steps["event"]["config"]["fields"] |= {"costCentre": "costCentre", "usedAt": f"{_ADMINISTERED}-3.1"}
    _charged_to_the_ward(document)
    return document


def _charged_to_the_ward(document: dict[str, Any]) -> None:
    """A look-up of the cost centre before the record is made."""
    charged = {
        "id": "charged",
        "kind": "map_to_master",
        "version": 1,
        "title": "Ward to cost centre",
        "config": {
            "master": "cost-centres",
            "key": ["PV1-3.1"],
            "at": f"{_ADMINISTERED}-3.1",
            "as": {"costCentre": "cost_centre"},
            "on_miss": "park",
        },
    }
    at = next(place for place, step in enumerate(document["steps"]) if step["id"] == "event")
    document["steps"].insert(at, charged)
    into = next(wire for wire in document["wires"] if wire["to"] == "event.in")
    document["wires"].append({"from": "charged.out", "to": "event.in"})
    into["to"] = "charged.in"
