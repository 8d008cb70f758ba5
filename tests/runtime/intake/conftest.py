"""The loops on which intake is tested."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
import uvloop

from tests.runtime.intake.desk import Run


@pytest.fixture(name="run", params=[uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def _run(request: pytest.FixtureRequest) -> Run:
    """Production's loop and the plain one, on which simulations run."""

    def run(story: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(story)

    return run
