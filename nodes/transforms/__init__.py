"""Transforms are verbs: what happens to a record."""
