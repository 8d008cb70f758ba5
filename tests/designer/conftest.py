"""Offices for the tests of the designer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.designer.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A demo's office: everybody is one click away."""
    made = Office(tmp_path)
    yield made
    made.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Office]:
    """A real installation: everybody has a password."""
    made = Office(tmp_path, demo=False)
    yield made
    made.close()
