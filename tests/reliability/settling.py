"""Waiting until nothing is under way."""

from __future__ import annotations

import asyncio
import time

from lockgate.demo.house import House, Runtime
from runtime.api import RuntimeTrouble
from runtime.questions.ledger import Ledger as Books


async def drained(house: House, runtime: Runtime, seconds: float) -> Books:
    """The books once every accepted message has come to its end."""
    until = time.monotonic() + seconds
    while True:
        assert runtime.alive(), runtime.why()
        try:
            books = await asyncio.to_thread(house.client.ledger)
        except RuntimeTrouble:
            books = None
        if books and books.in_flight == 0 and books.waiting == 0:
            return books
        assert time.monotonic() < until, f"not drained: {books}"
        await asyncio.sleep(0.1)
