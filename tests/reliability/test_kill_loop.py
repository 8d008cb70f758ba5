"""kill -9 under load, forty times: nothing acknowledged is lost or doubled. A mutant shows that it would be seen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from lockgate.demo.house import LOCKGATE
from tests.reliability.loop import UNACKNOWLEDGED, KillLoop, Outcome, Signed, signed_house

VICTIMS = ("all", "all", "intake", "delivery", "supervisor") * 8
VICTIMS_OF_MUTANT = ("all",) * 5
HASTY = (sys.executable, str(Path(__file__).with_name("hasty.py")))

pytestmark = [pytest.mark.xdist_group("kill-loop"), pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    return signed_house(tmp_path_factory.mktemp("kill-loop") / "house")


def killed(signed: Signed, name: str, victims: Sequence[str], launcher: Sequence[str] = LOCKGATE) -> Outcome:
    outcome = asyncio.run(KillLoop(signed, name, launcher).run(victims))
    print(f"\n{name}: {outcome._replace(moments=())}")
    return outcome


def test_forty_kills_lose_nothing_that_was_acknowledged_and_double_nothing(signed: Signed) -> None:
    outcome = killed(signed, "sound", VICTIMS)
    assert len(outcome.moments) == len(VICTIMS) == 40
    for moment in outcome.moments:
        assert moment.unacknowledged >= UNACKNOWLEDGED, moment
        assert moment.being_sent > 0 and moment.being_posted > 0, moment
    judgement, books = outcome.judgement, outcome.books
    assert judgement.lost == 0 and judgement.duplicates == 0 and judgement.strays == 0, judgement
    assert judgement.clean and judgement.disorder == 0, judgement
    assert books.balanced and books.parked == 0 and books.accepted == books.postings == books.delivered, books


def test_the_same_loop_sees_a_runtime_that_acknowledges_before_the_commit(signed: Signed) -> None:
    outcome = killed(signed, "hasty", VICTIMS_OF_MUTANT, HASTY)
    assert outcome.judgement.lost > 0, outcome
