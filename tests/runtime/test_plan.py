"""The compiled plan gives what the interpreter, walking the tree record, gives: bytes, item paths, keys and reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.declaration import Declaration
from flows.environment import OperationContract, Surroundings
from flows.graph import read_flow
from nodes import catalogue
from nodes.contract import Node
from nodes.formats.plain import PlainRecord
from nodes.record import Envelope, Record
from nodes.sink import Request
from nodes.stop import Stop, Stopped
from runtime.compiler import Plan
from runtime.expansion import Accepted, Expansion
from runtime.interpreter import interpret
from runtime.lent import Lent
from tests.runtime.workshop import DEMO_ROWS, KEYS, Released, charge, released, table


def accepted(payload: bytes, number: int = 1) -> Accepted:
    return Accepted(number, "or-system", 1_775_000_000_000, hashlib.sha256(payload).digest(), "synthetic", payload)


class Both:
    """A release, compiled and to be interpreted."""

    def __init__(self, release: Released) -> None:
        masters = {name: table(each, DEMO_ROWS.get(name, ())) for name, each in release.around.masters.items()}
        lent = Lent(masters, b"p" * 32)
        self.release = release
        self.nodes = {step.id: catalogue.build(step, lent, release.around) for step in release.flow.steps}
        self.plan = Plan(release, self.nodes, KEYS)
        self.source: Any = self.nodes["receive"]

    def expand(self, payload: bytes) -> Expansion:
        """Both ways, equal."""
        one = self.plan.expand(accepted(payload))
        other = interpret(self.release, self.nodes, KEYS, accepted(payload), self.source.tree)
        assert one == other
        return one


SUPPLY = Both(released("supply-consumption"))


def test_each_line_becomes_one_posting_without_a_patient() -> None:
    expansion = SUPPLY.expand(charge("C1", "A-1", "B-2"))
    assert [(p.item, p.connection, p.operation) for p in expansion.postings] == [
        ("FT1[1]", "erp-inventory", "postGoodsIssue"),
        ("FT1[2]", "erp-inventory", "postGoodsIssue"),
    ]
    assert b"M-100" in (expansion.postings[0].body or b"")
    assert all(b"4711" not in (p.body or b"") and b"Rivera" not in (p.body or b"") for p in expansion.postings)
    assert len({p.idempotency for p in expansion.postings}) == 2


def test_a_line_that_stops_is_parked_with_its_item_and_the_others_go_on() -> None:
    expansion = SUPPLY.expand(charge("C1", "A-1", "ZZ-9", "B-2"))
    stopped = [(p.item, p.step, p.parked.cause, p.body) for p in expansion.postings if p.parked]
    assert stopped == [("FT1[2]", "to-material", "master-miss", None)]
    assert [p.item for p in expansion.postings] == ["FT1[1]", "FT1[2]", "FT1[3]"]


def test_a_message_that_stops_before_the_split_is_parked_whole() -> None:
    [posting] = SUPPLY.expand(charge("C1", "A-1", "B-2", encounter="")).postings
    assert (posting.item, posting.connection) == ("", "")


def test_a_message_without_lines_is_filtered_with_its_reason() -> None:
    expansion = SUPPLY.expand(charge("C1"))
    assert (expansion.postings, expansion.filtered) == ((), "no-lines")


def test_the_lane_hangs_on_the_ordering_key_and_without_one_on_the_source() -> None:
    one, two, other = (SUPPLY.expand(charge("C1", "A-1", encounter=e)).lane for e in ("E1", "E1", "E2"))
    assert one == two != other
    none = SUPPLY.expand(charge("C1", "A-1", encounter="")).lane
    assert none == SUPPLY.expand(charge("C2", "A-1", encounter="")).lane
    assert none not in (one, other)


def test_an_ordering_key_that_spells_absent_is_a_value() -> None:
    assert SUPPLY.expand(charge("C1", encounter="absent")).lane != SUPPLY.expand(charge("C1", encounter="")).lane


def test_the_key_hangs_on_every_byte_of_the_message_and_on_nothing_else() -> None:
    key = [p.idempotency for p in SUPPLY.expand(charge("C1", "A-1")).postings]
    assert key == [p.idempotency for p in SUPPLY.expand(charge("C1", "A-1")).postings]
    assert key != [p.idempotency for p in SUPPLY.expand(charge("C1", "A-1", quantity="3")).postings]


def test_bytes_that_no_source_took_are_parked_not_raised() -> None:
    expansion = SUPPLY.expand(b"\x00nonsense")
    assert [p.parked.cause for p in expansion.postings if p.parked] == ["node-failed"]


SEGMENTS = st.sampled_from(
    [
        "PID|1||4711^^^H~4712||Rivera^Ana", "PV1|1|I|OR1^R1^T1^LKS||||||||||||||||E7", "PV1|1|I|OR9",
        "FT1|1|||20260316||CG|A-1^X^SUP|||2|||4410", "FT1|2|||20260316||CG|B-2^X^SUP|||1.50|||4410",
        "FT1|3|||2026||CG|A-1^X^SUP|||x", 'FT1|4|||20260316||CG|""|||2', "FT1|5", "NTE|1||free", "ZZZ|1|A-1",
        "DG1|1||M16", "PID|2||4711", "",
    ]
)  # fmt: skip
EDITS = st.lists(st.tuples(st.integers(0, 400), st.sampled_from('|^~&\\\rA1"äFT')), max_size=4)


@settings(max_examples=200, deadline=None)
@given(st.lists(SEGMENTS, max_size=12), EDITS)
def test_any_message_expands_the_same_both_ways(segments: list[str], edits: list[tuple[int, str]]) -> None:
    text = "\r".join(["MSH|^~\\&|OR|HOSP|HUB|HQ|20260316073001||DFT^P03^DFT_P03|C1|P|2.5.1", "EVN|P03", *segments])
    for place, letter in edits:
        if place > 80:
            text = text[:place] + letter + text[place + 1 :]
    SUPPLY.expand(text.encode())


@pytest.mark.parametrize("library", ["bench-replenishment", "any-type"])
def test_the_other_library_flows_expand_the_same_both_ways(library: str) -> None:
    Both(released(library)).expand(charge("C1", "A-1", "B-2"))


# -- graphs of odd shapes, with nodes that do as their name says ----------------------------------------------------


class Odd(Node[Any]):
    """``copy`` passes on, ``fork`` gives two ports, ``split`` makes lines, the others stop or break."""

    kind, title = "odd", "Odd"
    carrier = "http"

    def __init__(self, what: str) -> None:
        self.what = what

    def identity(self, payload: bytes) -> tuple[str, ...]:
        return ("A", "B", payload.decode("latin-1"))

    def record(self, payload: bytes, envelope: Envelope) -> Record:
        if payload == b"unreadable":
            raise ValueError("patient 4711")
        return PlainRecord({"lines": tuple({"n": c} for c in payload.decode()), "n": "0"}, envelope)

    def run(self, record: Record) -> Iterator[tuple[str, Record]]:
        match self.what:
            case "fork":
                yield from (("out", record), ("else", record))
            case "split":
                yield from (("out", line) for line in record.split("lines"))
            case "park" | "late":
                if self.what == "late":
                    yield "out", record
                raise Stop(Stopped.PARK, "p", "Held.", place="n", master="m", subject=("v",))
            case "filter":
                raise Stop(Stopped.FILTER, "f", "Ended.")
            case "reject":
                raise Stop(Stopped.REJECT_LINE, "r", "Ended.")
            case "break":
                raise KeyError("patient 4711")
            case "change":
                yield "out", record.with_value("n", "1")
            case _:
                yield "out", record

    def request(self, record: Record) -> Request:
        if self.what == "bad-body":
            return self._sent(b'{"patient":"4711"}')
        if self.what == "bad-path":
            return self._sent(b"{}")._replace(target="/other")
        return self._sent(b'{"n":"%s"}' % str(record.fields().get("n", "")).encode())

    def _sent(self, body: bytes) -> Request:
        headers = (("Content-Type", "application/json"), ("Accept", "application/json"))
        return Request("POST", "/n", headers, body)


def graph(wires: list[tuple[str, str]], what: Mapping[str, str]) -> tuple[Released, dict[str, Node[Any]]]:
    """A flow from ``receive`` over the steps of ``what``; a step whose name begins with ``to-`` is a sink."""
    ids = ["receive", *what]
    steps = [
        {"id": name, "kind": "odd", "version": 1, "title": name, "connection": "c" if name.startswith("to-") else None}
        for name in ids
    ]
    spelled = {
        "format": "lockgate/flow/1", "id": "odd", "name": "Odd", "purpose": "replenishment", "steps": steps,
        "wires": [{"from": a if "." in a else f"{a}.out", "to": f"{b}.in"} for a, b in wires],
    }  # fmt: skip
    flow, found = read_flow(spelled)
    assert flow is not None, found
    declarations = {name: _declared(name) for name in ids}
    release = Released("d", flow, _NOWHERE, declarations, {n: ("n",) for n in ids if n.startswith("to-")})
    return release, {name: Odd(what.get(name, "copy")) for name in ids}


def _declared(name: str) -> Declaration:
    if name == "receive":
        return Declaration("odd", 1, "Odd", "source", connection="s")
    if not name.startswith("to-"):
        return Declaration("odd", 1, "Odd", "transform")
    operation = OperationContract(name.removesuffix("-again"), "POST", "/n", (), {}, None, (200,), "")
    return Declaration("odd", 1, "Odd", "sink", operation=operation, connection="c")


_NOWHERE: Surroundings = SUPPLY.release.around

GRAPHS: Mapping[str, tuple[list[tuple[str, str]], Mapping[str, str]]] = {
    "a straight line": ([("receive", "a"), ("a", "to-x")], {"a": "copy", "to-x": ""}),
    "a source alone": ([], {"to-x": ""}),
    "two sinks": ([("receive", "to-x"), ("receive", "to-y")], {"to-x": "", "to-y": ""}),
    "lines, then two ports": (
        [("receive", "s"), ("s", "f"), ("f", "to-x"), ("f.else", "to-y")],
        {"s": "split", "f": "fork", "to-x": "", "to-y": ""},
    ),
    "a port that leads nowhere": ([("receive", "f"), ("f", "to-x")], {"f": "fork", "to-x": ""}),
    "the same posting twice": (
        [("receive", "a"), ("receive", "b"), ("a", "to-x"), ("b", "to-x")], {"a": "", "b": "", "to-x": ""},
    ),
    "two postings under one key": (
        [("receive", "a"), ("receive", "b"), ("a", "to-x"), ("b", "to-x")], {"a": "", "b": "change", "to-x": ""},
    ),
    "one operation at two sinks": (
        [("receive", "to-x"), ("receive", "a"), ("a", "to-x-again")], {"to-x": "", "a": "change", "to-x-again": ""},
    ),
    "every way to stop": (
        [("receive", "s"), *((("s", n)) for n in ("p", "fi", "r", "b", "l")), ("l", "to-x")],
        {"s": "split", "p": "park", "fi": "filter", "r": "reject", "b": "break", "l": "late", "to-x": ""},
    ),
    "a sink with another body": ([("receive", "to-x")], {"to-x": "bad-body"}),
    "a sink with another path": ([("receive", "to-x")], {"to-x": "bad-path"}),
    "longer than the stack": (
        [("receive", "n0"), *((f"n{i}", f"n{i + 1}") for i in range(899)), ("n899", "f"), ("f", "to-x"),
         ("f.else", "to-y")],
        {**{f"n{i}": "copy" for i in range(900)}, "f": "fork", "to-x": "", "to-y": ""},
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", GRAPHS)
def test_a_graph_expands_the_same_both_ways(shape: str) -> None:
    release, nodes = graph(*GRAPHS[shape])
    plan = Plan(release, nodes, KEYS)
    for payload in (b"abc", b"", b"unreadable"):
        one, other = plan.expand(accepted(payload)), interpret(release, nodes, KEYS, accepted(payload))
        assert one == other
        assert one.postings or one.filtered
        spoken = [posting.parked.sentence for posting in one.postings if posting.parked]
        assert not any("4711" in sentence for sentence in spoken)


def expanded(shape: str, payload: bytes = b"abc") -> Expansion:
    release, nodes = graph(*GRAPHS[shape])
    return Plan(release, nodes, KEYS).expand(accepted(payload))


def test_a_second_posting_with_a_used_key_and_another_body_is_parked() -> None:
    for shape in ("two postings under one key", "one operation at two sinks"):
        first, second = expanded(shape).postings
        assert first.parked is None
        assert second.parked is not None
        assert second.parked.cause == "key-used"
        assert first.idempotency != second.idempotency


def test_the_same_posting_twice_is_sent_once_and_counted() -> None:
    expansion = expanded("the same posting twice")
    assert len(expansion.postings) == 1
    assert [line.reason for line in expansion.lines] == ["same-posting"]


def test_what_a_node_gave_before_it_stopped_goes_nowhere() -> None:
    assert all(posting.connection == "" for posting in expanded("every way to stop").postings)


def test_the_guard_parks_what_the_contract_does_not_sign() -> None:
    for shape in ("a sink with another body", "a sink with another path"):
        [posting] = expanded(shape).postings
        assert posting.parked is not None
        assert (posting.parked.cause, posting.body) == ("guard", None)
