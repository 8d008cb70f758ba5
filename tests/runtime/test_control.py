"""The control socket: who is let in, what is refused, and what the client makes of it."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from runtime.api import RuntimeAbsent, RuntimeClient, RuntimeRefused
from runtime.control import Control
from runtime.delivery.process import JOURNAL
from runtime.journal.store import Journal
from runtime.proof import code, witness
from runtime.questions.replay import AskReplay, Replayed
from runtime.questions.status import Status
from runtime.secrets import FileSecrets
from runtime.wire import Contract, Refused
from runtime.world import SeededRandomness, SetClock, SystemNetwork, World

WORLD = World(SetClock(), SeededRandomness(1), SystemNetwork())
STATUS = Status(
    version="0",
    environment="TEST",
    label="synthetic",
    demo_root=False,
    started_ms=1,
    processes={},
    flows=(),
    masters={},
)


def asked(data: Path, ask: Callable[[RuntimeClient], Any], replay: Any = None) -> Any:
    """What ``ask`` comes to, with a control socket open."""

    async def replayed(request: AskReplay, uid: int) -> Contract:
        if replay is not None:
            raise replay
        assert uid == os.getuid()
        return Replayed(outcome="queued", cases=(1,), queued=1, parked=0, sentence=request.actor)

    async def run() -> Any:
        control = Control(data, WORLD, lambda: STATUS, replayed)
        await control.open()
        try:
            return await asyncio.to_thread(ask, RuntimeClient(data))
        finally:
            control.close()

    return asyncio.run(run())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / ("a-long-name-" * 8) / "data"  # a path longer than a Unix address
    folder.mkdir(parents=True)
    FileSecrets.prepare(folder, WORLD.randomness)
    journal = Journal.open(folder / JOURNAL, "delivery", WORLD)
    secrets = FileSecrets(folder / "secrets")
    journal.bind(code(secrets))
    witness(secrets).begin(journal.reader(), WORLD.clock.now_ms(), raised=False)
    with journal.write() as transaction:
        transaction.audit("case.opened", incident=1)
        transaction.run(
            "INSERT INTO incident (flow, message, subject, cause, cause_group, step, sentence, severity, owner,"
            " opened_ms, due_ms, state) VALUES ('f', 1, x'01', 'master-miss', x'0a', 's', 'Held.', 'high', 'desk', 1,"
            " 2, 'open')"
        )
    journal.close()
    return folder


def test_every_question_has_its_answer(data: Path) -> None:
    assert asked(data, lambda client: client.status()) == STATUS
    assert asked(data, lambda client: client.ledger()).balanced
    assert asked(data, lambda client: client.ledger("f")).open_cases == 1
    [case] = asked(data, lambda client: client.cases()).cases
    assert (case.number, case.group, case.severity) == (1, "0a", "high")
    assert asked(data, lambda client: client.cases("resolved")).cases == ()
    assert asked(data, lambda client: client.case(1)).case == case
    assert asked(data, lambda client: client.messages()).messages == ()
    verified = asked(data, lambda client: client.audit_verify())
    assert verified.good
    assert [chain.records for chain in verified.chains] == [1]
    assert asked(data, lambda client: client.replay("omar", case=1)).sentence == "omar"


def test_a_case_that_is_not_there_is_refused_with_a_sentence(data: Path) -> None:
    with pytest.raises(RuntimeRefused, match="no case 99") as refused:
        asked(data, lambda client: client.case(99))
    assert refused.value.code == "no-such-case"


def test_only_its_own_user_can_open_the_socket(data: Path) -> None:
    def mode(client: RuntimeClient) -> int:
        return stat.S_IMODE((data / "control.sock").stat().st_mode)

    assert asked(data, mode) == 0o600


def test_a_socket_left_by_a_killed_runtime_is_no_hindrance(data: Path) -> None:
    (data / "control.sock").touch()
    assert asked(data, lambda client: client.status()) == STATUS
    assert not (data / "control.sock").exists()


@pytest.mark.parametrize(
    "line",
    [
        b"\n", b"{}\n", b"nonsense\n", b'{"ask":"shutdown"}\n', b'{"ask":"status","more":1}\n', b'{"ask":"case"}\n',
        b'{"ask":"case","number":"1"}\n', b'{"ask":"replay","actor":"o"}\n', b"\xff\xfe\n",
        b'{"ask":"replay","actor":"o m","case":1}\n', b'{"ask":"cases","limit":100000}\n',
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_by_name(data: Path, line: bytes) -> None:
    answer = asked(data, lambda client: Refused.model_validate_json(client._exchange(line)))
    assert answer.refused == "unknown-request"


@pytest.mark.parametrize(
    "ask",
    [
        b'{"ask":"case","number":%d}',
        b'{"ask":"cases","after":%d}',
        b'{"ask":"replay","actor":"priya","case":%d}',
        b'{"ask":"timeline","message":%d}',
    ],
)
def test_a_number_that_no_journal_can_have_is_refused_before_it_is_looked_for(data: Path, ask: bytes) -> None:
    for number in (2**63, 10**30, -1):
        line = ask % number + b"\n"
        answer = asked(data, lambda client, line=line: Refused.model_validate_json(client._exchange(line)))
        assert answer.refused == "unknown-request"


def test_who_talks_too_much_is_hung_up_on_and_the_next_one_is_served(data: Path) -> None:
    def babble(client: RuntimeClient) -> Status:
        with pytest.raises(RuntimeAbsent):
            client._exchange(b"x" * (1 << 20))
        return client.status()

    assert asked(data, babble) == STATUS


def test_who_leaves_without_a_word_does_no_harm(data: Path) -> None:
    def leave(client: RuntimeClient) -> Status:
        for _ in range(5):
            with socket.socket(socket.AF_UNIX) as peer:
                folder = os.open(data, os.O_RDONLY)
                peer.connect(f"/proc/self/fd/{folder}/control.sock")
                os.close(folder)
        return client.status()

    assert asked(data, leave) == STATUS


def test_a_failure_inside_is_a_refusal_without_its_text(data: Path) -> None:
    with pytest.raises(RuntimeRefused) as refused:
        asked(data, lambda client: client.replay("omar", case=1), replay=ValueError("patient 4711"))
    assert "4711" not in refused.value.sentence


def test_without_a_runtime_the_client_says_so_in_one_line(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RuntimeAbsent) as absent:
            RuntimeClient(folder).status()
        assert "\n" not in str(absent.value)


def test_a_replay_names_exactly_one_target() -> None:
    for given in ({}, {"case": 1, "group": "ab" * 8}, {"key": ("a",), "case": 1}):
        with pytest.raises(ValidationError):
            AskReplay(actor="omar", **given)  # type: ignore[arg-type]  # wrong on purpose
