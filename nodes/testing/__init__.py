"""What every node kind is held to: examples that run, and effects that are honest."""

from nodes.testing.examples import (
    CONNECTION,
    ENVELOPE,
    MemoryServices,
    config_of,
    differences,
    master_table,
    node_of,
    operation,
    record_of,
    results,
    surroundings,
)
from nodes.testing.probe import CANARY, Observed, dishonest, observed_effects

__all__ = [
    "CANARY",
    "CONNECTION",
    "ENVELOPE",
    "MemoryServices",
    "Observed",
    "config_of",
    "differences",
    "dishonest",
    "master_table",
    "node_of",
    "observed_effects",
    "operation",
    "record_of",
    "results",
    "surroundings",
]
