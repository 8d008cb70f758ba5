"""Workers: a child that hangs, dies or talks nonsense costs one answer and nothing else."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from nodes.services import NonConformity
from runtime.conformance import Conformance, shortened, skeleton
from runtime.workers import MOST_ASKED, Worker

HEAD = "MSH|^~\\&|OR|HOSP|||20260301||DFT^P03^DFT_P03|C7|P|2.5\r"
WHOLE = HEAD + "EVN|P03\rPID|1||4711||Rivera^Ana\rPV1|1|I\rFT1|1||||||A-1\rFT1|2||||||B-2\rZSU|1|secret\r"


@pytest.fixture(scope="module")
def conformance() -> Iterator[Conformance]:
    check = Conformance(deadline_s=60)
    yield check
    check.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_message_as_the_tables_have_it_conforms(conformance: Conformance) -> None:
    assert conformance(WHOLE.encode()) == ()


@pytest.mark.parametrize(
    ("text", "departures"),
    [
        (WHOLE.replace("PID|1||4711||Rivera^Ana\r", ""), [("segment-missing", "PID")]),
        (WHOLE.replace("PV1|1|I\r", "PV1|1|I\rPV1|2|I\r"), [("segment-repeated", "PV1")]),
        (HEAD + "EVN|P03\rPID|1\r", [("segment-missing", "FINANCIAL")]),
        (WHOLE + "MSA|AA\r", [("segment-unexpected", "MSA")]),
        (WHOLE.replace("DFT^P03^DFT_P03", "DFT^P99"), [("structure-unknown", "MSH-9")]),
        (WHOLE.replace("|2.5\r", "|9.9\r"), [("structure-unknown", "MSH-9")]),
        (WHOLE + "nonsense\r", [("segment-unexpected", "segment 8")]),
        ("PID|1\r", [("unreadable", "MSH")]),
    ],
)
def test_a_departure_is_named_by_code_and_place(
    conformance: Conformance, text: str, departures: list[tuple[str, str]]
) -> None:
    assert conformance(text.encode()) == tuple(NonConformity(*each) for each in departures)  # type: ignore[arg-type]


def test_no_value_of_a_message_reaches_the_worker() -> None:
    asked = skeleton(WHOLE.encode())
    assert isinstance(asked, bytes)
    assert not any(value in asked for value in (b"4711", b"Rivera", b"A-1", b"secret", b"C7", b"HOSP"))


def test_the_same_sequence_is_asked_once(conformance: Conformance) -> None:
    assert conformance(WHOLE.encode()) == ()
    worker = conformance._worker
    pid = worker.pid
    worker.close()
    assert conformance(WHOLE.replace("4711", "4712").encode()) == ()
    assert worker.pid is None and pid is not None


@pytest.mark.parametrize(
    ("names", "short"),
    [
        ("FT1", "FT1"),
        ("FT1 FT1", "FT1 FT1"),
        ("PV1 FT1 FT1 FT1 FT1 DG1", "PV1 FT1 FT1 DG1"),
        ("FT1 NTE FT1 NTE FT1 NTE FT1 NTE", "FT1 NTE FT1 NTE"),
        ("OBR OBX OBX OBX OBR OBX OBX OBX OBX OBR OBX OBX OBX", "OBR OBX OBX OBR OBX OBX"),
        ("PID PV1 PID PV1", "PID PV1 PID PV1"),
    ],
)
def test_repetitions_are_shortened_to_two(names: str, short: str) -> None:
    assert shortened(names.split()) == short.split()


def test_a_message_with_more_lines_is_the_same_question() -> None:
    assert skeleton((WHOLE + "FT1|3\r" * 2).encode()) == skeleton((WHOLE + "FT1|3\r" * 4_000).encode())


def test_a_message_of_very_many_different_segments_is_answered_without_asking() -> None:
    names = "".join(f"{chr(65 + n % 26)}{chr(65 + n // 26 % 26)}{n // 676 % 10}|\r" for n in range(20_000))
    assert skeleton((WHOLE + names).encode()) == NonConformity("unreadable", "number of segments")


def test_a_child_that_hangs_is_killed_at_its_deadline_and_replaced() -> None:
    check = Conformance(deadline_s=60)
    assert check(WHOLE.encode()) == ()
    pid = check._worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    check._worker._deadline_ms = 200
    assert check((WHOLE + "NTE|1\r").encode()) is None
    assert not alive(pid)
    check._worker._deadline_ms = 60_000
    assert check((WHOLE + "NTE|1\r").encode()) is not None
    check.close()


def test_a_child_that_died_is_replaced() -> None:
    check = Conformance(deadline_s=60)
    check(WHOLE.encode())
    pid = check._worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    answers = [check((WHOLE + "NTE|1\r").encode()) for _ in range(2)]
    assert answers[-1] is not None
    check.close()
    assert check._worker.pid is None


class Saying(Worker):
    """A child that answers every question with the same bytes."""

    def __init__(self, says: str, deadline_s: float = 20.0) -> None:
        super().__init__("unused", deadline_s=deadline_s)
        program = f"import sys,os\nfor _ in sys.stdin.buffer: os.write(1, {says!r}.encode())"
        self._command = (sys.executable, "-c", program)


@pytest.mark.parametrize(
    "says",
    [
        "no json\n",
        '{"a":1}\n',
        '[["segment-missing"]]\n',
        '[["rm -rf","PID"]]\n',
        '[["segment-missing",7]]\n',
        '[["segment-missing","Rív"]]\n',
    ],
)
def test_a_child_that_talks_nonsense_gives_no_answer(says: str) -> None:
    check = Conformance()
    check._worker = Saying(says)
    assert check(WHOLE.encode()) is None
    check.close()


def test_half_an_answer_is_none_and_ends_the_child() -> None:
    worker = Saying('[["segment-mi')
    assert worker.ask(b"x") is None
    assert worker.pid is None


def test_a_question_that_a_pipe_may_not_take_is_not_asked() -> None:
    worker = Saying("[]\n")
    assert worker.ask(b"x" * MOST_ASKED) is None
    assert worker.ask(b"two\nlines") is None
    assert worker.pid is None


def test_the_environment_of_the_runtime_stays_with_the_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKGATE_SECRET", "s3cret")
    worker = Saying("")
    worker._command = (sys.executable, "-c", "import os,sys\nsys.stdin.readline();print(sorted(os.environ),flush=True)")
    answer = worker.ask(b"x")
    worker.close()
    assert answer is not None and b"LOCKGATE_SECRET" not in answer
