"""What every test may ask for."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

CORPORA = Path(os.environ.get("LOCKGATE_CORPORA", str(Path(__file__).resolve().parents[2] / "shared" / "data")))


settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
"""How fast a machine is, or what else it does, decides nothing."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tests, seconds = defaultdict[str, set[str]](set), defaultdict[str, float](float)
    for report in (each for its in terminalreporter.stats.values() for each in its):
        if isinstance(report, pytest.TestReport):
            suite = suite_of(report.nodeid)
            tests[suite].add(report.nodeid)
            seconds[suite] += report.duration
    terminalreporter.section("time of each suite, summed over all workers")
    for suite in sorted(tests, key=lambda name: -seconds[name]):
        terminalreporter.write_line(f"{seconds[suite]:8.1f} s {len(tests[suite]):6} tests  {suite}")
    if not CORPORA.is_dir():
        terminalreporter.write_line(f"corpora: ABSENT at {CORPORA}: what reads them did not run (set LOCKGATE_CORPORA)")


def suite_of(nodeid: str) -> str:
    """``tests/acceptance`` of a test anywhere below it."""
    return "/".join(nodeid.partition("::")[0].split("/")[:2])


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of public corpora; where it is absent the run says so."""
    if not CORPORA.is_dir():
        pytest.skip("the corpora are absent: set LOCKGATE_CORPORA to the folder that holds hl7v2/")
    return CORPORA
