"""What every acceptance test leaves behind is searched for canaries, whatever the test is about.

Who sends messages takes their identifying values from ``canaries``; where a sender or a sink writes down what it has by
its purpose, the test names that place with ``may_hold``. All else below ``tmp_path`` holds none, temporary files too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.reliability.canary import Canaries, Scanner

MayHold = Callable[[Path], None]


@pytest.fixture
def canaries(request: pytest.FixtureRequest) -> Canaries:
    """Values that are searched for when the test is over."""
    return Canaries(request.node.nodeid)


@pytest.fixture
def may_hold() -> MayHold:
    """Leaves a file or a folder out of the search."""
    return _LEFT_OUT.append


_LEFT_OUT: list[Path] = []


@pytest.fixture(autouse=True)
def _search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    _LEFT_OUT.clear()
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())  # counterparts here go on where they may
    monkeypatch.setenv("TMPDIR", str(temporary))
    yield
    assert Scanner().folder(tmp_path, _LEFT_OUT) == []
