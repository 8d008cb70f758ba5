"""Typed access to the published HL7 v2 structures: what can stand where, what it is called and what it is.

Everything is read on demand, one version at a time, from the committed data of flows/classification.
"""

from flows.hl7.accepts import VERSIONS, Accepts, known_accepts, parse_accepts, structure_id, versions_between
from flows.hl7.grammar import Grammar, Group, Place, grammar
from flows.hl7.matching import matches, matching_groups, schema_path, stands_in, versions_missing
from flows.hl7.schema import SchemaNode, SchemaTree, schema
from flows.hl7.tables import field_name, ground, leaf_natures, nature
from flows.hl7.walk import Position, Walk, walk

__all__ = [
    "VERSIONS",
    "Accepts",
    "Grammar",
    "Group",
    "Place",
    "Position",
    "SchemaNode",
    "SchemaTree",
    "Walk",
    "field_name",
    "grammar",
    "ground",
    "known_accepts",
    "leaf_natures",
    "matches",
    "matching_groups",
    "nature",
    "parse_accepts",
    "schema",
    "schema_path",
    "stands_in",
    "structure_id",
    "versions_between",
    "versions_missing",
    "walk",
]
