"""SOAP as a whole: real journal, worker and sockets; a service that checks every request against its own contract."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

import flows
from lockgate.demo.ledger import Ledger, read
from lockgate.demo.serving import Reply
from lockgate.demo.soap_erp import Login, Service, SoapErp, SoapFaults, envelope, fault, posted
from runtime.ledger import ledger
from runtime.questions.replay import AskReplay
from tests.runtime.workshop import Shop, charge, shop

LIBRARY = "supply-consumption-soap"
WSDL = Path(flows.__file__).parent / "library" / LIBRARY / "contracts" / "inventory.wsdl"
QUIET = SoapFaults(0, 0, 0, 0)
Play = Callable[[Shop, "Counterpart"], Coroutine[Any, Any, None]]


class Counterpart:
    """The SOAP stand-in under the doors that a workshop asks for."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.path = folder / "soap-erp.jsonl"
        self.erp = SoapErp(Service(WSDL), Ledger(self.path), options.pop("faults", QUIET), **options)
        self.port = 0

    async def open(self) -> None:
        self.port = await self.erp.start(self.port)

    def close(self) -> None:
        self.erp.close()

    def applied(self) -> list[dict[str, Any]]:
        return [dict(entry) for entry in read(self.path) if entry["event"] == "applied"]

    def events(self) -> set[str]:
        return {entry["event"] for entry in read(self.path)}


def play(folder: Path, story: Play, given: dict[str, Any] | None = None, **options: Any) -> None:
    async def run() -> None:
        there = Counterpart(folder, **options)
        asked: dict[str, Any] = {"library": LIBRARY, **(given or {})}
        async with shop(folder, there, **asked) as made:  # type: ignore[arg-type]  # it asks for these doors alone
            await story(made, there)
            books = ledger(made.journal.reader())
            assert books.postings == books.delivered + books.parked + books.in_flight

    asyncio.run(run())


def no_key(flow: dict[str, Any]) -> None:
    config = next(step["config"] for step in flow["steps"] if step["kind"] == "soap")
    del config["key_field"], config["applied"]
    config["fixed"]["posting.reference"] = "0" * 32


def causes(made: Shop) -> dict[str, int]:
    return dict(made.rows("SELECT cause, sum(count) FROM incident GROUP BY cause"))


def odd(there: Counterpart, *replies: Reply) -> None:
    """The first requests are answered with these, the others well."""
    there.erp.odd = lambda number: replies[number - 1] if number <= len(replies) else None


def charges(count: int, start: int = 0) -> list[bytes]:
    return [charge(f"C{n}", "A-1", encounter=f"E{n}") for n in range(start, start + count)]


def test_messages_become_calls_that_the_service_finds_right(tmp_path: Path) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        made.accept(*charges(20))
        await made.settled(30)
        assert made.states() == {"delivered": 20} and there.events() == {"applied"}
        [entry, *_] = there.applied()
        assert entry["body"]["Material"] == "M-100" and entry["body"]["MovementType"] == "201"
        assert entry["body"]["PostedAt"] == "2026-03-16T07:30:01" and "4711" not in str(entry)
        assert entry["reference"] == entry["key"][:40]

    play(tmp_path, story)


def test_a_dropped_answer_is_asked_for_again_and_applied_once(tmp_path: Path) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        made.accept(*charges(60))
        await made.settled(60)
        assert made.states() == {"delivered": 60}
        applied = there.applied()
        assert len({entry["reference"] for entry in applied}) == len(applied) == 60
        assert there.events() == {"applied", "repeat", "locked", "failing", "unavailable"}

    play(tmp_path, story, faults=SoapFaults(5, 7, 11, 13))


LOGIN_PAGE = Reply(200, b"<!DOCTYPE html><html><body>Please log in</body></html>", "text/html")


@pytest.mark.parametrize(
    "reply",
    [
        LOGIN_PAGE,
        posted("1", space="urn:other"),
        posted("1", state="MAYBE"),
        posted("1", state="PARKED"),
        Reply(200, b""),
        Reply(200, envelope("")),
        Reply(200, posted("1").body[:-30]),
        Reply(200, b"<!DOCTYPE x [<!ENTITY y 'z'>]>" + posted("1").body),
        Reply(200, envelope("<a>" * 3000 + "</a>" * 3000)),
        Reply(200, envelope("x" * (2 << 20))),
        fault("Client", "Patient Rivera is not known", status=200),
        fault("Server", "no", "<UnknownMaterial{}><Text>Rivera</Text></UnknownMaterial>"),
        Reply(302, b"", headers=(("Location", "http://127.0.0.1:1/"),)),
        Reply(401, b"<html/>", "text/html"),
    ],
)
def test_an_answer_that_breaks_the_contract_is_a_case_and_says_nothing_of_what_was_in_it(
    tmp_path: Path, reply: Reply
) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        odd(there, reply)
        made.accept(*charges(1))
        await made.settled(30)
        assert made.states() == {"parked": 1} and there.applied() == []
        [(sentence,)] = made.rows("SELECT sentence FROM incident")
        assert "Rivera" not in sentence and "MAYBE" not in sentence

    play(tmp_path, story)


@pytest.mark.parametrize(
    "reply",
    [
        fault("Server", "Patient Rivera is locked", status=200),
        fault("Server", "locked", "<StockLocked{}><Seconds>1</Seconds></StockLocked>"),
        Reply(500, b"<html>oops</html>", "text/html"),
        Reply(503, b"", headers=(("Retry-After", "0"),)),
        Reply(0, b""),
    ],
)
def test_what_passes_by_itself_is_tried_again(tmp_path: Path, reply: Reply) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        odd(there, reply, reply)
        made.accept(*charges(1))
        await made.settled(30)
        assert made.states() == {"delivered": 1} and len(there.applied()) == 1

    play(tmp_path, story)


def test_what_breaks_a_schema_is_held_and_nothing_of_it_is_sent(tmp_path: Path) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        made.accept(charge("C1", "A-1", quantity="2.00001"))
        await made.settled(30)
        assert causes(made) == {"contract": 1} and there.events() == set()
        [(sentence,)] = made.rows("SELECT sentence FROM incident")
        assert "Quantity" in sentence and "2.00001" not in sentence

    play(tmp_path, story)


def test_a_login_is_a_digest_that_is_new_for_every_attempt(tmp_path: Path) -> None:
    connections = tmp_path / "secrets" / "connections"
    connections.mkdir(parents=True, mode=0o700)
    (connections / "erp-password").write_bytes(b"s3cret\n")
    (connections / "erp-password").chmod(0o600)

    async def story(made: Shop, there: Counterpart) -> None:
        made.accept(*charges(12))
        await made.settled(30)
        assert made.states() == {"delivered": 12} and "refused" not in there.events()

    given = {"user": "lockgate", "secret": "erp-password"}
    play(tmp_path, story, given, faults=SoapFaults(4, 0, 0, 0), login=Login("lockgate", "s3cret"))


# A service that tells no repetition


def test_without_a_key_a_lost_answer_is_a_case_and_never_sent_again(tmp_path: Path) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        made.accept(*charges(20))
        await made.settled(30)
        assert made.states() == {"delivered": 16, "parked": 4}
        assert causes(made) == {"uncertain": 4} and len(there.applied()) == 20

    play(tmp_path, story, {"change": no_key}, faults=SoapFaults(5, 0, 0, 0), honours_reference=False)


def test_without_a_key_what_was_being_sent_at_a_crash_is_uncertain_and_the_rest_goes_out(tmp_path: Path) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        there.erp.faults = SoapFaults(0, 0, 0, 0, delay_ms=300)
        made.accept(*charges(40))
        await made.until(lambda: there.erp.serving >= 4, 30)
        made.stop()
        begun = made.rows("SELECT count(*) FROM posting WHERE begun IS NOT NULL AND state = 'in-flight'")[0][0]
        assert 4 <= begun <= 16
        await made.until(lambda: there.erp.serving == 0, 30)
        there.erp.faults = QUIET
        made.start()
        await made.settled(30)
        assert made.states() == {"delivered": 40 - begun, "parked": begun}
        assert causes(made) == {"uncertain": begun}
        references = [entry["body"]["PostedAt"] + entry["key"] for entry in there.applied()]
        assert len(set(references)) == len(references) <= 40

    play(tmp_path, story, {"change": no_key}, honours_reference=False)


def test_an_uncertain_posting_goes_out_again_when_somebody_says_so(tmp_path: Path) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        odd(there, Reply(0, b""))
        made.accept(*charges(1))
        await made.settled(30)
        assert causes(made) == {"uncertain": 1} and there.applied() == []
        answer = await made.replays.run(AskReplay(actor="ana", case=1), 1000)
        assert answer.outcome == "queued"
        await made.settled(30)
        assert made.states() == {"delivered": 1} and len(there.applied()) == 1

    play(tmp_path, story, {"change": no_key}, honours_reference=False)
