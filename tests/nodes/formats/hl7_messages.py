"""Generated HL7 messages, selectors and changes, for the tests that hold both records to one contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from hypothesis import strategies as st

from flows.paths import parse
from nodes.formats.hl7v2 import LazyRecord, read_message, tree
from nodes.record import Envelope, Record

ENVELOPE = Envelope(7, "flow", "or-system", 1_774_000_000_000, ("A", "B", "C"), "", "synthetic")


class Shape(NamedTuple):
    """A type with segments that make its groups, and groups to split by."""

    type: str
    segments: tuple[str, ...]
    groups: tuple[str, ...]


SHAPES = (
    Shape("DFT^P03^DFT_P03", ("PID", "PV1", "FT1", "NTE", "FT1", "PR1", "ZZ1", "FT1", "DG1", "IN1"), ("FINANCIAL",)),
    Shape(
        "ORU^R01^ORU_R01",
        ("PID", "OBR", "OBX", "NTE", "OBX", "OBR", "OBX", "PID", "OBR", "ZZ1"),
        ("PATIENT_RESULT", "ORDER_OBSERVATION", "PATIENT_RESULT/ORDER_OBSERVATION", "OBSERVATION"),
    ),
    Shape("SIU^S12", ("PID", "RGS", "AIS", "NTE", "AIL", "RGS", "AIS", "ZZ1"), ("RESOURCES", "RESOURCES/SERVICE")),
    Shape("ADT^A01", ("PID", "PV1", "OBX", "IN1", "FT1X", "pid", "MSA"), ("INSURANCE", "NONE")),
    Shape("ZZZ^Z01", ("PID", "FT1", "ZZ1"), ("FINANCIAL",)),
)
VERSIONS = ("2.5", "2.5", "2.3.1", "2.8", "2.1", "9.9", "")
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
def messages(draw: st.DrawFn, shape: Shape | None = None) -> str:
    """The text of a message: its segments in order or not, its values often hostile."""
    shape = shape or draw(st.sampled_from(SHAPES))
    marks = draw(st.sampled_from(DELIMITERS))
    separator = marks[0]
    clean = fields.map(lambda value: value.replace(separator, "").replace("^", marks[1]))
    if draw(st.booleans()):
        names = [name for name in shape.segments if draw(st.integers(0, 3))]
    else:
        names = draw(st.lists(st.sampled_from(shape.segments), max_size=10))
    kind = shape.type.replace("^", marks[1])
    header = ["MSH", marks[1:], *draw(st.lists(clean, min_size=6, max_size=6)), kind, "C1", "P"]
    lines = [separator.join((*header, draw(st.sampled_from(VERSIONS))))]
    lines += [separator.join((name, *draw(st.lists(clean, min_size=1, max_size=5)))) for name in names]
    return "\r".join(lines)


_small = st.sampled_from((1, 1, 1, 2, 2, 3))
_index = st.one_of(st.just(""), st.just(""), st.just("[*]"), _small.map(lambda n: f"[{n}]"))
_NAMED = ("lines.material", "lines[1].material", "lines[0].known", "none", "message/segments")


@st.composite
def selectors(draw: st.DrawFn, shape: Shape | None = None) -> str:
    """An HL7 selector, or one of a record's own field."""
    shape = shape or draw(st.sampled_from(SHAPES))
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(_NAMED))
    group = draw(st.sampled_from(shape.groups)) + "/" if draw(st.integers(0, 3)) == 0 else ""
    segment = draw(st.sampled_from(("MSH", *(name for name in shape.segments if len(name) == 3 and name.isupper()))))
    text = f"{group}{segment}{draw(_index)}"
    if draw(st.integers(0, 7)):
        text += f"-{draw(_small)}{draw(_index)}"
        if draw(st.booleans()):
            text += f".{draw(_small)}"
            if draw(st.booleans()):
                text += f".{draw(_small)}"
    return text


def changes(shape: Shape) -> st.SearchStrategy[Change]:
    """Something done to a record of this shape."""
    edits = st.builds(Change, st.sampled_from(("mask", "mask", "empty", "drop")), selectors(shape))
    return st.one_of(edits, edits, st.builds(Change, st.just("split"), st.sampled_from(shape.groups)), st.just(ADD))


ADD = Change("add", "")


class Scenario(NamedTuple):
    """A message, what is done to it, and what is read afterwards."""

    text: str
    steps: list[Change]
    reads: list[str]


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    shape = draw(st.sampled_from(SHAPES))
    steps = draw(st.lists(changes(shape), max_size=4))
    return Scenario(draw(messages(shape)), steps, draw(st.lists(selectors(shape), min_size=4, max_size=12)))


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
