"""Listeners: one flow an address; whoever comes second is told in words, and the first goes on."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import os
from typing import Any

import pytest

from runtime.intake.listeners import Listeners, why
from runtime.intake.plan import plan
from runtime.intake.shown import CannotListen
from tests.runtime.intake.child import AnyPort, release


def _plan(flow: str) -> Any:
    return dataclasses.replace(plan(release(port=2575), 1, None), flow=flow)  # type: ignore[arg-type]  # loopback asks for no secret


async def _both() -> tuple[str, str, str]:
    """The address of the first, what the second is told, and the address of the first's next version."""
    listeners = Listeners(AnyPort(0), None, None, (1, 0))  # type: ignore[arg-type]  # nothing comes in here
    first = await listeners.activate(_plan("first"))
    try:
        with pytest.raises(CannotListen) as refused:
            await listeners.activate(_plan("second"))
        return first, refused.value.sentence, await listeners.activate(_plan("first"))
    finally:
        listeners.close()


def test_a_second_flow_at_one_address_is_refused_in_words_and_the_first_goes_on() -> None:
    first, sentence, again = asyncio.run(_both())
    assert sentence.startswith(
        "'second' cannot listen at 127.0.0.1:2575 (connection 'or-system'): flow 'first' listens there. "
        "It took nothing in, so nothing is lost"
    )
    assert again == first


@pytest.mark.parametrize("number", [errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES, errno.EMFILE, -2])
def test_no_fault_of_the_system_is_told_as_a_program_has_it(number: int) -> None:
    said = why(OSError(number, f"error while attempting to bind on address ('127.0.0.1', 1): {number}"))
    assert "(" not in said
    assert "attempting" not in said
    assert os.linesep not in said
