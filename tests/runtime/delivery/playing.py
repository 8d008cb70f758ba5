"""A shop and an ERP that answers by a script, played to the end; its books have to balance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from runtime.ledger import ledger
from runtime.questions.replay import AskReplay
from tests.runtime.workshop import Erp, Shop, more, released, shop

Play = Callable[[Shop, Erp], Coroutine[Any, Any, None]]


def play(folder: Path, story: Play, **given: Any) -> None:
    async def run() -> None:
        erp = Erp()
        async with shop(folder, erp, **given) as made:
            await story(made, erp)
            books = ledger(made.journal.reader())
            assert books.postings == books.delivered + books.parked + books.in_flight
            assert made.journal.reader().rows("SELECT count(*) FROM audit WHERE writer = 'delivery'") != [(0,)]

    asyncio.run(run())


def hold_key(flow: dict[str, Any]) -> None:
    flow["ordering"]["on_park"] = "hold-key"


def answer(status: int, body: bytes = b"{}", headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d X\r\n%bContent-Length: %d\r\n\r\n%b" % (status, headers, len(body), body)


async def replay(made: Shop, **asked: Any) -> Any:
    return await made.replays.run(AskReplay(actor="omar", **asked), 0)


def add_item(made: Shop, item: str, material: str) -> None:
    row = {"key": ["SUP", item], "values": {"material": material, "base_unit": "EA"}}
    made.masters["items"] = more(made.masters["items"], [row])
    made.releases.renew("items")


def reject(made: Shop) -> Any:
    def change(flow: dict[str, Any]) -> None:
        step = next(each for each in flow["steps"] if each["id"] == "to-material")
        step["config"]["on_miss"] = "reject-line"

    port = made.release.around.environment.connections["erp-inventory"].port
    return released("supply-consumption", change, port=port)
