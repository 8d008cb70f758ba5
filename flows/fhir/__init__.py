"""Typed access to the published FHIR structures: what can stand where, and what it is.

Everything is read on demand from the committed data of flows/classification.
"""

from flows.fhir.accepts import RELEASES, Accepts, known_accepts, parse_accepts
from flows.fhir.schema import SchemaNode, SchemaTree, matches, schema
from flows.fhir.tables import Element, Tables, ground, nature, tables, tying

__all__ = [
    "RELEASES",
    "Accepts",
    "Element",
    "SchemaNode",
    "SchemaTree",
    "Tables",
    "ground",
    "known_accepts",
    "matches",
    "nature",
    "parse_accepts",
    "schema",
    "tables",
    "tying",
]
