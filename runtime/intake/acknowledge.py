"""Which acknowledgement a sender gets, if any: HL7's original and enhanced modes as one table.

Original mode (MSH-15 and MSH-16 both empty): AA, AE or AR. Enhanced mode: the accept acknowledgement CA, CE or CR, when
MSH-15 asks for it: AL always, NE never, ER only on error or reject, SU only on success. Enhanced mode with MSH-15 empty
or outside table 0155 is answered always, since silence would stop the sender. No application acknowledgement follows:
what becomes of the message later is the ledger's business. An acknowledgement is never acknowledged.
"""

from __future__ import annotations

from enum import StrEnum

from nodes.formats.hl7v2 import Header
from runtime.intake.source import NONE


class Verdict(StrEnum):
    """What became of a frame, by the last letter of the code that says so."""

    ACCEPT = "A"
    ERROR = "E"
    REJECT = "R"


_ASKED = {
    "NE": frozenset[Verdict](),
    "ER": frozenset((Verdict.ERROR, Verdict.REJECT)),
    "SU": frozenset((Verdict.ACCEPT,)),
}
__all__ = ["NONE", "Verdict", "acknowledgement"]


def acknowledgement(header: Header | None, verdict: Verdict) -> str:
    """The code of MSA-1, or NONE."""
    if header is None or header.is_answer:
        return NONE
    if not header.enhanced:
        return "A" + verdict
    asked = _ASKED.get(header.accept_ack)
    return "C" + verdict if asked is None or verdict in asked else NONE
