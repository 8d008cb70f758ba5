"""Invented messages for trying a draft out: of the types that its source takes, with values where the flow reads.

The same draft, rows of the masters and seed give the same text. Nothing comes from a message that anybody sent: values
are drawn by what the classification says of a field, keys from rows that stewards signed.
"""

from __future__ import annotations

from collections.abc import Mapping

from flows.master_table import Table
from runtime.rehearsal import Rehearsal
from runtime.synthetic import fhir, hl7
from runtime.synthetic.chance import Chance
from runtime.synthetic.needs import needs_of
from runtime.synthetic.values import Inventor


def invented(flow: Rehearsal, tables: Mapping[str, Table], seed: int) -> str:
    """One message that the draft's source takes; "" where its type cannot be invented."""
    source = next(step for step in flow.flow.steps if flow.declarations[step.id].category == "source")
    emits = flow.declarations[source.id].effects.emits
    if emits is None:
        return ""
    chance = Chance(seed)
    needs = needs_of(flow, tables, chance)
    made = {"hl7v2": hl7.message, "fhir": fhir.document}.get(emits.format)
    return made(emits.types, needs, Inventor(chance, needs.day)) if made is not None else ""
