"""What reading HL7 costs: header, answer, and eleven values, in microseconds of CPU for each message.

Run: .venv/bin/python -m tests.bench.hl7_reader
"""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable

from flows.environment import Limits
from flows.paths import parse
from nodes.formats.hl7v2 import LazyRecord, answer, read_message, tree
from nodes.record import Envelope
from nodes.source import Refused
from nodes.sources.hl7_mllp import HL7MllpConfig, Listener

_STAFF = "1123^Keller^Ida^Maria^^Dr^^^NORTH^L^^^EN"
_ADDRESS = "Hauptstrasse 12^Hinterhaus^Winterthur^ZH^8400^CHE^H"
_LINE = f"CG|%s^LOCAL|||%s|14.50^CHF|29.00^CHF|4410^Theatre 2|||OR^2^A^NORTH|||K35.8^^ICD-10|{_STAFF}|||ORD-%s^ORSYS"
_CLIPS = "ITM-004711^Clip applier \\T\\ clips"
MESSAGE = "\r".join(
    (
        "MSH|^~\\&|ORSYS|NORTH|ERPGW|HQ|20260315101500+0100||DFT^P03^DFT_P03|B000000005|P|2.5.1|||AL|NE||UNICODE UTF-8",
        f"EVN|P03|20260315101500+0100|||{_STAFF}",
        f"PID|1||884512^^^HOSP^MR~193107-11^^^NAT^NI||Rivera^Ana^Maria^^Ms||19310704|F|||{_ADDRESS}||+41521112233^PRN^PH|||M",
        f"NK1|1|Rivera^Luis|SPO^Spouse^HL70063|{_ADDRESS}|+41521112234^PRN^PH",
        f"PV1|1|I|OR^2^A^NORTH||||{_STAFF}|{_STAFF}||SUR|||||||||99120045^^^HOSP^VN{'|' * 25}20260315080000+0100",
        "DG1|1||K35.8^Acute appendicitis with localised peritonitis^ICD-10||20260315|A",
        f"FT1|1|T1||20260315100000+0100||{_LINE % ('ITM-000123^Trocar 12 mm', 2, '77001')}",
        f"FT1|2|T2||20260315100500+0100||{_LINE % (_CLIPS, 1, '77002')}",
        "NTE|1|L|opened in theatre, implanted",
    )
).encode()
ELEVEN = tuple(
    parse(text)
    for text in (
        *("MSH-10", "PV1-19.1", "PV1-3.1", "PID-3[1].1", "MSH-7.1", "FT1[1]-7.1"),
        *("FT1[1]-7.3", "FT1[1]-10", "FT1[1]-13.1", "FT1[1]-4.1", "message/segments"),
    )
)
LINE = tuple(parse(text) for text in ("FT1-7.1", "FT1-7.3", "FT1-10", "FT1-13.1", "FT1-4.1"))
ENVELOPE = Envelope(1, "flow", "or-system", 0, (), "", "test")


def main() -> None:
    config = HL7MllpConfig(accepts=("DFT^P03@2.3-2.8",))
    listener = Listener(config, Limits())
    admitted = listener.admit(MESSAGE)
    assert not isinstance(admitted, Refused)
    number, pseudonym = parse("PID-3.1"), lambda value: "*" * len(value)

    def split() -> None:
        masked = LazyRecord(read_message(MESSAGE), ENVELOPE).with_masked(number, pseudonym)
        for line in masked.split("FINANCIAL"):
            for selector in LINE:
                line.first(selector)

    print(f"message of {len(MESSAGE)} bytes; microseconds of CPU for each")
    _show("admit: header, limits, type", lambda: listener.admit(MESSAGE))
    _show("answer", lambda: answer(admitted.header, "AA", control_id="L1", at_ms=1_774_000_000_000))
    _show("message ready to read", lambda: LazyRecord(read_message(MESSAGE), ENVELOPE))
    _show("and eleven values, lazily", lambda: _read(LazyRecord(read_message(MESSAGE), ENVELOPE)))
    warm = LazyRecord(read_message(MESSAGE), ENVELOPE)
    _show("eleven values again", lambda: _read(warm))
    _show("masked, split in two, five values a line", split)
    _show("eleven values from the whole tree", lambda: _read(tree(read_message(MESSAGE), ENVELOPE)), loops=500)


def _read(record: object) -> None:
    first = record.first  # type: ignore[attr-defined]  # both records, without a protocol's cost
    for selector in ELEVEN:
        first(selector)


def _show(what: str, job: Callable[[], object], loops: int = 5_000) -> None:
    best = min(timeit.repeat(job, timer=time.process_time, number=loops, repeat=7)) / loops
    print(f"  {best * 1e6:7.2f}  {what}")


if __name__ == "__main__":
    main()
