"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CORPORA = Path(os.environ.get("LOCKGATE_CORPORA", str(Path(__file__).resolve().parents[2] / "shared" / "data")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not CORPORA.is_dir():
        terminalreporter.write_line(f"corpora: ABSENT at {CORPORA}: what reads them did not run (set LOCKGATE_CORPORA)")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of public corpora; where it is absent the run says so."""
    if not CORPORA.is_dir():
        pytest.skip("the corpora are absent: set LOCKGATE_CORPORA to the folder that holds hl7v2/")
    return CORPORA
