"""The reference: walks the graph record by record, reading everything afresh. Slow, plain, and always right.

It prepares nothing and shares neither wiring nor key making with the compiler; a differential test holds that both
give the same bytes, item paths, keys and reasons.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, cast

from flows.paths import parse
from flows.values import ABSENT, NULL
from nodes.contract import Node
from nodes.record import Envelope, Record
from nodes.stop import Stop, Stopped
from runtime.crypto import keyed
from runtime.expansion import (
    KEY_USED,
    LONGEST_KEY,
    MOST_KEYS,
    Accepted,
    Expansion,
    Keys,
    LineDraft,
    Parked,
    PostingDraft,
    Release,
    Sink,
    Source,
)
from runtime.guard import Guard, GuardRefusal, signed_headers

Read = Callable[[bytes, Envelope], Record]


class Visit(NamedTuple):
    """One record at one step: what came in, what left by which port, or why nothing did."""

    step: str
    record: Record
    made: tuple[tuple[str, Record], ...]
    ended: Parked | None = None
    how: Literal["on", "posted", "parked", "filter", "reject-line"] = "on"


def interpret(
    release: Release,
    nodes: Mapping[str, Node[Any]],
    keys: Keys,
    accepted: Accepted,
    read: Read | None = None,
    watch: Callable[[Visit], None] = lambda visit: None,
) -> Expansion:
    """What ``accepted`` becomes. ``read`` makes the tree record; the source's own reader otherwise. ``watch`` is told
    of every record at every step, in the order of the walk."""
    walk = _Walk(release, nodes, keys, accepted, watch)
    return walk.run(read or walk.source.record)


class _Leaving(NamedTuple):
    """A record that leaves a step by a port."""

    step: str
    port: str
    record: Record


class _Arriving(NamedTuple):
    """A record that comes to a step."""

    step: str
    record: Record


class _Walk:
    """One message on its way through the graph."""

    def __init__(
        self,
        release: Release,
        nodes: Mapping[str, Node[Any]],
        keys: Keys,
        accepted: Accepted,
        watch: Callable[[Visit], None],
    ) -> None:
        self._release, self._nodes, self._keys, self._accepted = release, nodes, keys, accepted
        self._watch = watch
        self._start = next(step for step, d in release.declarations.items() if d.category == "source")
        self.source = cast(Source, nodes[self._start])
        self._identity = self.source.identity(accepted.payload)
        self._postings: list[PostingDraft] = []
        self._lines: list[LineDraft] = []
        self._found_by: tuple[bytes, ...] = ()

    def run(self, read: Read) -> Expansion:
        flow, accepted = self._release.flow, self._accepted
        envelope = Envelope(
            accepted.number, flow.id, accepted.source, accepted.received_ms, self._identity, "", accepted.label
        )
        lane = keyed(self._keys.lane, flow.id.encode(), b"source", accepted.source.encode())
        try:
            record = read(accepted.payload, envelope)
            value = record.first(parse(flow.ordering.key)) if flow.ordering.key else ""
            self._found_by = self._business_keys(record)
        except Exception as error:  # noqa: BLE001 - as in the compiler
            self._park("", self._start, _failed(self._start, error))
        else:
            if isinstance(value, str) and value is not ABSENT and value is not NULL and 0 < len(value) < LONGEST_KEY:
                lane = keyed(self._keys.lane, flow.id.encode(), b"key", value.encode("utf-8", "surrogatepass"))
            self._watch(Visit(self._start, record, (("out", record),)))
            self._walk(record)
        return Expansion(tuple(self._postings), tuple(self._lines), self._filtered(), lane, self._found_by)

    def _business_keys(self, record: Record) -> tuple[bytes, ...]:
        flow, found = self._release.flow, list[bytes]()
        for path in flow.business_keys:
            for value in list(record.every(parse(path)))[:MOST_KEYS]:
                if isinstance(value, str) and value and len(value) < LONGEST_KEY:
                    text = value.strip().casefold().encode("utf-8", "surrogatepass")
                    key = keyed(self._keys.lane, flow.id.encode(), b"business", text)[:16]
                    found += [] if key in found else [key]
        return tuple(found)

    def _walk(self, record: Record) -> None:
        """Depth first, in the order of the wires: one line of a message before the next."""
        todo: list[_Leaving | _Arriving] = [_Leaving(self._start, "out", record)]
        while todo:
            now = todo.pop(0)
            then = self._leave(now) if isinstance(now, _Leaving) else self._visit(now)
            todo = [*then, *todo]

    def _leave(self, now: _Leaving) -> list[_Arriving]:
        wires = self._release.flow.wires
        targets = [_Arriving(wire.target.step, now.record) for wire in wires if wire.source == (now.step, now.port)]
        if not targets:
            self._lines.append(LineDraft(now.record.envelope.item_path, now.step, f"no-wire-{now.port}"))
        return targets

    def _visit(self, now: _Arriving) -> list[_Leaving]:
        visit = self._visited(*now)
        item = now.record.envelope.item_path
        if visit.how == "parked" and visit.ended is not None:
            self._park(item, now.step, visit.ended)
        elif visit.ended is not None:
            self._lines.append(LineDraft(item, now.step, visit.ended.cause))
        self._watch(visit)
        return [_Leaving(now.step, port, made) for port, made in visit.made]

    def _visited(self, step: str, record: Record) -> Visit:
        try:
            if self._release.declarations[step].category == "sink":
                self._post(step, record)
                return Visit(step, record, (), how="posted")
            return Visit(step, record, tuple(self._nodes[step].run(record)))
        except Stop as stop:
            why = Parked(stop.reason, stop.sentence, stop.place, stop.master, stop.subject, stop.reads)
            how: Any = "parked" if stop.how is Stopped.PARK else stop.how.value
            return Visit(step, record, (), why, how)
        except GuardRefusal as refusal:
            why = Parked("guard", f"{refusal} Nothing was sent; the line is held.", step)
            return Visit(step, record, (), why, "parked")
        except Exception as error:  # noqa: BLE001 - as in the compiler
            return Visit(step, record, (), _failed(step, error), "parked")

    def _post(self, step: str, record: Record) -> None:
        declared = self._release.declarations[step]
        operation, connection = declared.operation, declared.connection
        if operation is None or connection is None:
            raise GuardRefusal("The sink has no signed operation.")
        sink = cast(Sink, self._nodes[step])
        request = sink.request(record)
        if (request.method.upper(), request.target) != (operation.method.upper(), operation.path):
            raise GuardRefusal("The request does not go to the signed operation.")
        config = next(placed.config for placed in self._release.flow.steps if placed.id == step)
        if request.headers != signed_headers(sink.carrier, config):
            raise GuardRefusal("The request's headers are not the signed ones.")
        Guard.of(self._release.fields[step]).check(request.body)
        item = record.envelope.item_path
        self._add(PostingDraft(item, connection, operation.operation, step, b"", request.body))

    def _park(self, item: str, step: str, parked: Parked) -> None:
        self._add(PostingDraft(item, "", step, step, b"", None, parked))

    def _add(self, draft: PostingDraft) -> None:
        key = keyed(
            self._keys.idempotency,
            self._release.flow.id.encode(),
            self._accepted.source.encode(),
            *(part.encode("utf-8", "surrogatepass") for part in self._identity),
            self._accepted.digest,
            draft.connection.encode(),
            draft.operation.encode(),
            draft.item.encode(),
        )
        used = [posting.body for posting in self._postings if posting.idempotency == key]
        if not used:
            self._postings.append(draft._replace(idempotency=key))
        elif used[0] == draft.body:
            self._lines.append(LineDraft(draft.item, draft.step, "same-posting"))
        else:
            other = hmac.new(self._keys.idempotency, key + draft.step.encode(), "sha256").digest()
            self._postings.append(draft._replace(idempotency=other, parked=Parked("key-used", KEY_USED, draft.step)))

    def _filtered(self) -> str | None:
        if self._postings:
            return None
        reasons = sorted({line.reason for line in self._lines})
        return "nothing-to-send" if not reasons else reasons[0] if len(reasons) == 1 else "lines-filtered"


def _failed(step: str, error: Exception) -> Parked:
    return Parked(
        "node-failed",
        f"Step '{step}' failed on this line ({type(error).__name__}). The line is held; report the node, then replay.",
        step,
    )
