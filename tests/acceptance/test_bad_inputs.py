"""Each of the forty bad inputs has tests, and they are there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.acceptance.bad_inputs import BAD_INPUTS

ROOT = Path(__file__).resolve().parents[2]


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of the tests of a file."""
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_the_list_is_complete() -> None:
    assert sorted(BAD_INPUTS) == list(range(1, 41))
    assert all(bad.what and bad.outcome and bad.tests for bad in BAD_INPUTS.values())


@pytest.mark.parametrize("number", BAD_INPUTS)
def test_what_holds_a_bad_input_to_its_outcome_is_there(number: int) -> None:
    bad = BAD_INPUTS[number]
    for each in bad.tests + bad.pages:
        file, _, name = each.partition("::")
        assert name in names_in(file), each
    assert len(set(bad.tests)) == len(bad.tests)
