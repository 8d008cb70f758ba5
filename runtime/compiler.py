"""The compiled plan of one release: everything that does not hang on the message is prepared once.

Each step becomes a function that hands its records straight to the functions of the steps behind it; a message costs
no graph walking, and of a lazy record only what the nodes ask for is read. ``runtime.interpreter`` is the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from flows.graph import Flow, Step
from flows.paths import parse
from flows.values import ABSENT, Value
from nodes.contract import Node
from nodes.record import Envelope, Record
from nodes.sink import Request
from nodes.stop import Stop
from runtime.crypto import Mac, sized
from runtime.expansion import (
    KEY_USED,
    Accepted,
    Expansion,
    Keys,
    LineDraft,
    Parked,
    PostingDraft,
    Release,
    Sink,
    Source,
    ends_line,
    parked_by,
    parked_by_failure,
    why_filtered,
)
from runtime.guard import Guard, GuardRefusal, signed_headers
from runtime.hashes import Hashes

DEEPEST = 150
"""Steps in a row up to which steps call each other; a longer flow keeps its own stack."""


class Plan:
    """Expands the messages of one release."""

    def __init__(self, release: Release, nodes: Mapping[str, Node[Any]], keys: Keys) -> None:
        self._flow, self._hashes, self._keys = release.flow.id, Hashes(keys, release.flow.id), keys
        source = _source(release)
        self._source = cast(Source, nodes[source.id])
        self._source_step = source.id
        key = release.flow.ordering.key
        self._ordering = parse(key) if key else None
        self._business = tuple(parse(path) for path in release.flow.business_keys)
        self._enter = _wired(release, nodes, source.id)

    @property
    def source(self) -> Source:
        """What reads again what it let in."""
        return self._source

    def expand(self, accepted: Accepted) -> Expansion:
        """All that the message becomes. Total: whatever a node raises, the message ends up somewhere visible."""
        identity = self._source.identity(accepted.payload)
        envelope = Envelope(
            accepted.number, self._flow, accepted.source, accepted.received_ms, identity, "", accepted.label
        )
        out = _Out(self._hashes.message(accepted.source, identity, accepted.digest), self._keys.idempotency)
        lane: Value = ABSENT
        keys: tuple[bytes, ...] = ()
        try:
            record = self._source.record(accepted.payload, envelope)
            lane = record.first(self._ordering) if self._ordering is not None else ABSENT
            keys = self._hashes.business_keys(record, self._business)
        except Exception as error:  # noqa: BLE001 - one unreadable message must not end the process
            out.park("", self._source_step, parked_by_failure(self._source_step, error))
        else:
            self._enter(record, out)
            while out.todo:
                function, held = out.todo.pop()
                function(held, out)
        return Expansion(
            tuple(out.postings),
            tuple(out.lines),
            None if out.postings else why_filtered(out.lines),
            self._hashes.lane(accepted.source, lane),
            keys,
        )


class _Out:
    """What one message has become so far."""

    __slots__ = ("_key", "_mac", "_seen", "lines", "postings", "todo")

    def __init__(self, mac: Mac, key: bytes) -> None:
        self.postings: list[PostingDraft] = []
        self.lines: list[LineDraft] = []
        self.todo: list[tuple[_Function, Record]] = []
        self._mac, self._key = mac, key
        self._seen: dict[bytes, bytes | None] = {}

    def post(self, item: str, target: _Target, body: bytes) -> None:
        self._add(item, target.connection, target.operation, target.suffix, target.step, body, None)

    def park(self, item: str, step: str, parked: Parked) -> None:
        self._add(item, "", step, sized(b"", step.encode()), step, None, parked)

    def stop(self, item: str, step: str, stop: Stop) -> None:
        if ends_line(stop):
            self.lines.append(LineDraft(item, step, stop.reason))
        else:
            self.park(item, step, parked_by(stop))

    def _add(
        self,
        item: str,
        connection: str,
        operation: str,
        suffix: bytes,
        step: str,
        body: bytes | None,
        parked: Parked | None,
    ) -> None:
        key = self._mac.of(suffix + sized(item.encode()))
        if key in self._seen:
            if self._seen[key] == body:
                self.lines.append(LineDraft(item, step, "same-posting"))
                return
            key = Mac(self._key).of(key + step.encode())
            parked = Parked("key-used", KEY_USED, step)
        self._seen[key] = body
        self.postings.append(PostingDraft(item, connection, operation, step, key, body, parked))


_Function = Callable[[Record, _Out], None]


class _Target(NamedTuple):
    """Where a sink posts."""

    step: str
    connection: str
    operation: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    suffix: bytes


def _source(release: Release) -> Step:
    return next(s for s in release.flow.steps if release.declarations[s.id].category == "source")


def _wired(release: Release, nodes: Mapping[str, Node[Any]], source: str) -> _Function:
    """The function that takes the source's record, from the sinks backwards."""
    flow, declared = release.flow, release.declarations
    order = _from_sinks(flow)
    deep = _longest(flow, order) > DEEPEST
    functions: dict[str, _Function] = {}
    for step in order:
        if step == source:
            continue
        if declared[step].category == "sink":
            functions[step] = _sink(release, step, nodes[step])
        else:
            targets = _targets(flow, step, functions)
            functions[step] = _deep(step, nodes[step], targets) if deep else _transform(step, nodes[step], targets)
    first = _targets(flow, source, functions).get("out", ())
    return _fan(first) if first else _nowhere(source)


def _fan(functions: tuple[_Function, ...]) -> _Function:
    if len(functions) == 1:
        return functions[0]

    def fan(record: Record, out: _Out) -> None:
        for function in functions:
            function(record, out)

    return fan


def _nowhere(source: str) -> _Function:
    return lambda record, out: out.lines.append(LineDraft(record.envelope.item_path, source, "no-wire-out"))


def _targets(flow: Flow, step: str, functions: Mapping[str, _Function]) -> dict[str, tuple[_Function, ...]]:
    targets: dict[str, tuple[_Function, ...]] = {}
    for wire in flow.out_of(step):
        port = wire.source.port
        targets[port] = (*targets.get(port, ()), functions[wire.target.step])
    return targets


def _transform(step: str, node: Node[Any], targets: Mapping[str, tuple[_Function, ...]]) -> _Function:
    run = node.run
    nexts = {port: _fan(functions) for port, functions in targets.items()}

    def transform(record: Record, out: _Out) -> None:
        try:
            made = run(record)
            if made.__class__ is not tuple:
                made = tuple(made)
        except Stop as stop:
            out.stop(record.envelope.item_path, step, stop)
            return
        except Exception as error:  # noqa: BLE001 - a node's mistake parks the line, it does not end the process
            out.park(record.envelope.item_path, step, parked_by_failure(step, error))
            return
        for port, held in made:
            go = nexts.get(port)
            if go is None:
                out.lines.append(LineDraft(held.envelope.item_path, step, f"no-wire-{port}"))
            else:
                go(held, out)

    return transform


def _deep(step: str, node: Node[Any], targets: Mapping[str, tuple[_Function, ...]]) -> _Function:
    """As ``_transform``, for flows whose steps cannot call each other without running out of stack."""
    later = {port: _later(functions) for port, functions in targets.items()}

    def deep(record: Record, out: _Out) -> None:
        before = len(out.todo)
        _transform(step, node, later)(record, out)
        out.todo[before:] = reversed(out.todo[before:])

    return deep


def _later(functions: tuple[_Function, ...]) -> tuple[_Function, ...]:
    def putting_off(function: _Function) -> _Function:
        return lambda record, out: out.todo.append((function, record))

    return tuple(putting_off(function) for function in functions)


def _sink(release: Release, step: str, node: Node[Any]) -> _Function:
    sink = cast(Sink, node)
    target, guard = _target(release, step, sink.carrier), Guard.of(release.fields[step])

    def post(record: Record, out: _Out) -> None:
        item = record.envelope.item_path
        try:
            request = sink.request(record)
            _check(request, target, guard)
        except Stop as stop:
            out.stop(item, step, stop)
        except GuardRefusal as refusal:
            out.park(item, step, guarded(refusal, step))
        except Exception as error:  # noqa: BLE001 - a node's mistake parks the line, it does not end the process
            out.park(item, step, parked_by_failure(step, error))
        else:
            out.post(item, target, request.body)

    return post


def _target(release: Release, step: str, carrier: str) -> _Target:
    declared, placed = release.declarations[step], release.flow.step(step)
    if declared.operation is None or declared.connection is None or placed is None:
        raise ValueError(f"sink '{step}' has no operation or no connection")
    operation = declared.operation
    return _Target(
        step,
        declared.connection,
        operation.operation,
        operation.method,
        operation.path,
        signed_headers(carrier, placed.config),
        sized(declared.connection.encode(), operation.operation.encode()),
    )


def _check(request: Request, target: _Target, guard: Guard) -> None:
    if request.method.upper() != target.method.upper() or request.target != target.path:
        raise GuardRefusal("The request does not go to the signed operation.")
    if request.headers != target.headers:
        raise GuardRefusal("The request's headers are not the signed ones.")
    guard.check(request.body)


def guarded(refusal: GuardRefusal, step: str) -> Parked:
    """What the guard stopped: nothing of it was sent."""
    return Parked("guard", f"{refusal} Nothing was sent; the line is held.", step)


def _from_sinks(flow: Flow) -> list[str]:
    """Steps in an order in which every step stands before those that feed it."""
    behind = {step.id: {wire.target.step for wire in flow.out_of(step.id)} for step in flow.steps}
    order: list[str] = []
    done: set[str] = set()
    while len(order) < len(behind):
        ready = [step for step, targets in behind.items() if step not in done and targets <= done]
        if not ready:
            raise ValueError("a verified flow has no cycle")
        order += ready
        done.update(ready)
    return order


def _longest(flow: Flow, order: list[str]) -> int:
    """Steps on the longest way."""
    length: dict[str, int] = {}
    for step in order:
        length[step] = 1 + max((length[wire.target.step] for wire in flow.out_of(step)), default=0)
    return max(length.values())
