"""Generated HL7 messages, selectors and changes, for the tests that hold both records to one contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from hypothesis import strategies as st

from flows.paths import parse
from nodes.contract import Envelope, Record
from nodes.formats.hl7v2 import LazyRecord, read_message, tree

ENVELOPE = Envelope(7, "flow", "or-system", 1_774_000_000_000, ("A", "B", "C"), "", "synthetic")
TYPES = ("DFT^P03^DFT_P03", "ORU^R01^ORU_R01", "OML^O21", "SIU^S12", "ADT^A01", "ADT", "ZZZ^Z01", "")
VERSIONS = ("2.1", "2.3", "2.5.1", "2.8", "9.9", "")
SEGMENTS = (
    *("EVN", "PID", "PV1", "FT1", "FT1", "FT1", "PR1", "NTE", "OBX", "OBX", "OBR", "OBR"),
    *("ORC", "IN1", "DG1", "GT1", "ZZ1", "SPM", "AIS", "RGS", "MSA", "FT1X", "pid"),
)
GROUPS = ("FINANCIAL", "PATIENT_RESULT", "ORDER_OBSERVATION", "PATIENT_RESULT/ORDER_OBSERVATION", "OBSERVATION", "NONE")
DELIMITERS = ("|^~\\&", "|^~\\&#", "!$r?@", "#!@%*", "|^~\\", "|^~")
_CHARACTERS = 'aB1 "FSTREX04.br+-#é^^~&&\\\\'


class Change(NamedTuple):
    """One step that a record goes through: it may become several records."""

    what: str
    where: str

    def apply(self, record: Record) -> list[Record]:
        if self.what == "split":
            return list(record.split(self.where))
        if self.what == "add":
            return [record.with_value("lines", ({"material": "4711", "known": True}, {"material": "4712"}))]
        selector = parse(self.where)
        if self.what == "mask":
            return [record.with_masked(selector, lambda value: f"<{value[::-1]}&>")]
        if self.what == "empty":
            return [record.with_masked(selector, lambda _: "")]
        return [record.without(selector)]


fields = st.one_of(
    st.just(""),
    st.just('""'),
    st.text("ABC123", max_size=6),
    st.text(_CHARACTERS, max_size=14),
)


@st.composite
def messages(draw: st.DrawFn) -> str:
    """The text of a message: often sensible, often not."""
    marks = draw(st.sampled_from(DELIMITERS))
    separator, kind = marks[0], draw(st.sampled_from(TYPES)).replace("^", marks[1])
    names = draw(st.lists(st.sampled_from(SEGMENTS), max_size=10))
    clean = fields.map(lambda value: value.replace(separator, ""))
    header = ["MSH", marks[1:], *draw(st.lists(clean, min_size=6, max_size=6)), kind, "C1", "P"]
    lines = [separator.join((*header, draw(st.sampled_from(VERSIONS))))]
    lines += [separator.join((name, *draw(st.lists(clean, max_size=6)))) for name in names]
    return "\r".join(lines)


_small = st.integers(1, 4)
_index = st.one_of(st.just(""), st.just("[*]"), _small.map(lambda n: f"[{n}]"))


@st.composite
def selectors(draw: st.DrawFn) -> str:
    """An HL7 selector, or one of a record's own field."""
    if draw(st.integers(0, 9)) == 0:
        return draw(
            st.sampled_from(("lines.material", "lines[1].material", "lines[0].known", "none", "message/segments"))
        )
    group = draw(st.sampled_from(("", "", "", "FINANCIAL/", "PATIENT_RESULT/", "OBSERVATION/", "ORDER_OBSERVATION/")))
    segment = draw(st.sampled_from(("MSH", "PID", "FT1", "FT1", "OBX", "OBR", "NTE", "ZZ1")))
    text = f"{group}{segment}{draw(_index)}"
    if draw(st.integers(0, 7)):
        text += f"-{draw(_small)}{draw(_index)}"
        if draw(st.booleans()):
            text += f".{draw(_small)}"
            if draw(st.booleans()):
                text += f".{draw(_small)}"
    return text


changes = st.one_of(
    st.builds(Change, st.sampled_from(("mask", "mask", "empty", "drop")), selectors()),
    st.builds(Change, st.just("split"), st.sampled_from(GROUPS)),
    st.just(Change("add", "")),
)


def both(text: str, fallback: str | None = None) -> tuple[Record, Record]:
    """The fast and the plain record of a message."""
    payload = text.encode()
    fast = LazyRecord(read_message(payload, fallback=fallback), ENVELOPE)
    return fast, tree(read_message(payload, fallback=fallback), ENVELOPE)


def after(record: Record, steps: Iterable[Change]) -> list[Record]:
    """What a record becomes, step by step."""
    records: list[Record] = [record]
    for step in steps:
        records = [new for one in records for new in step.apply(one)]
    return records


Make = Callable[[str], Record]
MAKERS: dict[str, Make] = {"lazy": lambda text: both(text)[0], "tree": lambda text: both(text)[1]}
