"""The truth table of acknowledgements: MSH-15 and MSH-16 against every verdict, from HL7's own rules."""

from __future__ import annotations

import itertools

import pytest

from flows.environment import Limits
from nodes.formats.hl7v2 import Header, read_header
from nodes.source import Refused
from runtime.intake.acknowledge import NONE, Verdict, acknowledgement

ASKED = ["", "AL", "NE", "ER", "SU", '""', "XX"]
A, E, R = Verdict.ACCEPT, Verdict.ERROR, Verdict.REJECT
ENHANCED = {  # MSH-15 -> the answers to accept, error and reject
    "AL": ("CA", "CE", "CR"),
    "NE": (NONE, NONE, NONE),
    "ER": (NONE, "CE", "CR"),
    "SU": ("CA", NONE, NONE),
    "": ("CA", "CE", "CR"),
    '""': ("CA", "CE", "CR"),
    "XX": ("CA", "CE", "CR"),
}
EMPTY = ("", '""')
TABLE = [
    (
        accept,
        application,
        verdict,
        ("AA", "AE", "AR")[column] if accept in EMPTY and application in EMPTY else ENHANCED[accept][column],
    )
    for accept, application in itertools.product(ASKED, ASKED)
    for column, verdict in enumerate((A, E, R))
]


def header(accept: str, application: str, kind: str = "DFT^P03") -> Header:
    frame = f"MSH|^~\\&|OR|H|E|Q|2026||{kind}|C1|P|2.5|||{accept}|{application}\rPID|1\r".encode()
    read = read_header(frame, Limits())
    found = read.header if isinstance(read, Refused) else read[0]
    assert found is not None
    return found


def test_the_table_is_complete() -> None:
    assert len(TABLE) == len(ASKED) ** 2 * 3
    assert {row[3] for row in TABLE} == {"AA", "AE", "AR", "CA", "CE", "CR", NONE}


@pytest.mark.parametrize(("accept", "application", "verdict", "code"), TABLE)
def test_the_answer_is_what_msh_15_and_msh_16_ask_for(
    accept: str, application: str, verdict: Verdict, code: str
) -> None:
    assert acknowledgement(header(accept, application), verdict) == code


@pytest.mark.parametrize("kind", ["ACK", "ACK^P03", "ACK^P03^ACK", "MCF"])
@pytest.mark.parametrize("asked", ["", "AL"])
@pytest.mark.parametrize("verdict", [A, E, R])
def test_an_acknowledgement_is_never_acknowledged(kind: str, asked: str, verdict: Verdict) -> None:
    assert acknowledgement(header(asked, asked, kind), verdict) == NONE


def test_what_has_no_header_has_no_answer() -> None:
    assert [acknowledgement(None, verdict) for verdict in (A, E, R)] == [NONE] * 3
