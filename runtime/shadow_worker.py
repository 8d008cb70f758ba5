"""The child that runs a candidate on messages that came: sealed, unsigned, its sinks only recording.

It reads the journal and opens no connection. What runs now and the candidate are given the same messages and the same
masters; only kinds of difference, field paths, codes and message numbers come back, never a value.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from flows.bundle import Bundle, parse_bundle
from flows.declaration import Declaration
from flows.release import Content, read_content, sent
from nodes import catalogue
from nodes.source import Refused as NotTaken
from nodes.source import Source
from runtime.compiler import Plan
from runtime.conformance import Conformance
from runtime.crypto import Unreadable, about_message
from runtime.expansion import Accepted, Expansion, Keys
from runtime.journal.keys import DataKeys, NoDataKey
from runtime.journal.reader import Reader
from runtime.ledger import open_reader
from runtime.lent import Lent
from runtime.masters import MasterBook
from runtime.questions.shadow import Shadow, ShadowGroup
from runtime.rehearsal import Rehearsal
from runtime.secrets import FileSecrets
from runtime.store import ReleaseStore, StoreTrouble
from runtime.wire import Contract, Refused
from runtime.world import SystemRandomness

ACTIVE: Final = "SELECT bundle FROM release WHERE flow = ? AND ended_ms IS NULL ORDER BY number DESC LIMIT 1"
MESSAGES: Final = (
    "SELECT m.number, m.source, r.digest, m.received_ms, m.digest, m.label, m.data_key, m.payload FROM message m"
    " LEFT JOIN release r ON r.number = m.release"
    " WHERE m.flow = ? AND m.received_ms >= ? ORDER BY m.number DESC LIMIT ?"
)
_KEYS: Final = Keys(b"shadow-idempotency", b"shadow-lane", b"shadow-cause")
_MOST_GROUPS, _EXAMPLES = 40, 5


class _Side(NamedTuple):
    """One version of the flow, ready to be run."""

    plan: Plan
    lent: Lent
    source: Source[Any]
    limits: Any  # flows.environment.Limits of the source's connection

    def run(self, accepted: Accepted) -> Expansion | str:
        """What the message becomes, or why the source would not take it."""
        admitted = self.source.listener(self.limits).admit(accepted.payload)
        if isinstance(admitted, NotTaken):
            return f"refused: {admitted.code}"
        if admitted.filtered:
            return f"filtered: {admitted.filtered}"
        self.lent.payload = accepted.payload
        return self.plan.expand(accepted)


class _Difference(NamedTuple):
    kind: str
    detail: tuple[str, ...]


class Unusable(Exception):
    """A version that cannot be run in shadow. The sentence says why."""


def shadow(data: Path, store: Path, release: str, since_ms: int, limit: int) -> Contract:
    """Both versions on the messages since then, the newest first."""
    secrets = FileSecrets(data / "secrets")
    conformance = Conformance(deadline_s=5)
    try:
        candidate = _content(ReleaseStore(store).bundle(release))
        reader = open_reader(data / "journal.db")
        row = reader.row(ACTIVE, (candidate.flow.id,))
        if row is None:
            return Refused(refused="not-shown", sentence=f"No version of '{candidate.flow.id}' runs to compare with.")
        book = MasterBook(data / "masters", ReleaseStore(store), secrets.derived("masters"))
        now, then = (_side(each, book, secrets, conformance) for each in (_content(row[0]), candidate))
        keys = DataKeys(secrets.master_key, SystemRandomness())
        return _compared(now, then, _messages(reader, keys, candidate.flow.id, since_ms, limit))
    except (StoreTrouble, Unusable) as error:
        return Refused(refused="not-shown", sentence=f"This release cannot be run in shadow: {error}")
    finally:
        conformance.close()


def _content(data: bytes) -> Content:
    parsed = parse_bundle(data)
    if not isinstance(parsed, Bundle):
        raise Unusable(parsed.sentence)
    content = read_content(parsed.manifest, parsed.attachments)
    if not isinstance(content, Content):
        raise Unusable(content[0].sentence)
    return content


def _side(content: Content, book: MasterBook, secrets: FileSecrets, conformance: Conformance) -> _Side:
    declared: dict[str, Declaration] = {}
    for step in content.flow.steps:
        declaration = catalogue.declare(step, content.around)
        if not isinstance(declaration, Declaration):
            raise Unusable(f"Step '{step.id}' cannot be read.")
        declared[step.id] = declaration
    rehearsed = Rehearsal(content.flow, content.around, declared, sent(declared))
    tables = {name: book.view(contract) for name, contract in content.around.masters.items()}
    lent = Lent(tables, secrets.pseudonym_key, conformance)
    nodes = {step.id: catalogue.build(step, lent, content.around) for step in content.flow.steps}
    start = next(step for step in content.flow.steps if declared[step.id].category == "source")
    source = nodes[start.id]
    if not isinstance(source, Source):
        raise Unusable(f"Step '{start.id}' is no source.")
    limits = content.around.environment.connections[start.connection or ""].limits
    return _Side(Plan(rehearsed, nodes, _KEYS), lent, source, limits)


def _messages(reader: Reader, keys: DataKeys, flow: str, since_ms: int, limit: int) -> Iterator[Accepted]:
    for number, source, release, received_ms, digest, label, key, sealed in reader.rows(
        MESSAGES, (flow, since_ms, limit)
    ):
        try:
            about = about_message(number, flow, source, release, received_ms, label, digest)
            payload = keys.numbered(reader, key).open(sealed, about)
        except (NoDataKey, Unreadable):
            continue
        yield Accepted(number, source, received_ms, digest, label, payload)


def _compared(now: _Side, then: _Side, messages: Iterator[Accepted]) -> Shadow:
    groups: dict[_Difference, list[int]] = defaultdict(list)
    count = identical = 0
    for accepted in messages:
        count += 1
        found = _differences(now.run(accepted), then.run(accepted))
        identical += not found
        for each in found:
            groups[each].append(accepted.number)
    listed = sorted(groups.items(), key=lambda item: -len(item[1]))
    return Shadow(
        messages=count,
        identical=identical,
        groups=tuple(
            ShadowGroup.model_validate(
                {"kind": each.kind, "detail": each.detail, "count": len(at), "examples": tuple(at[:_EXAMPLES])}
            )
            for each, at in listed[:_MOST_GROUPS]
        ),
    )


def _differences(was: Expansion | str, now: Expansion | str) -> set[_Difference]:
    """What a person should know, once a message and kind."""
    if isinstance(was, str) or isinstance(now, str):
        if isinstance(was, str) and isinstance(now, str):
            return set() if was == now else {_Difference("taken-otherwise", (was, now))}
        if isinstance(now, str):
            return {_Difference("no-longer-taken", (now,))}
        return {_Difference("newly-taken", (str(was),))}
    before, after = _sent(was), _sent(now)
    found = {_Difference("changed", _fields(before[key], after[key])) for key in before.keys() & after.keys()}
    found.discard(_Difference("changed", ()))
    held = {each.parked.cause: each.step for each in now.postings if each.parked}
    held_before = {each.parked.cause for each in was.postings if each.parked}
    if before.keys() - after.keys():
        why = tuple(sorted(f"{cause} at {step}" for cause, step in held.items() if cause not in held_before))
        found.add(_Difference("now-held" if why else "no-longer-posted", why))
    if after.keys() - before.keys():
        found.add(_Difference("now-posted", tuple(sorted(held_before - held.keys()))))
    if before.keys() == after.keys() and held_before != held.keys():
        found.add(_Difference("held-otherwise", tuple(sorted(held))))
    return found


def _sent(expansion: Expansion) -> dict[tuple[str, str, str], bytes]:
    return {
        (each.item, each.connection, each.operation): each.body or b""
        for each in expansion.postings
        if each.parked is None
    }


def _fields(was: bytes, now: bytes) -> tuple[str, ...]:
    """The names of the fields at which two bodies differ."""
    if was == now:
        return ()
    one, other = _read(was), _read(now)
    return tuple(sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))) or ("body",)


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def main() -> None:
    """One question on standard input, one answer on standard output."""
    asked = json.loads(sys.stdin.buffer.read())
    answer = shadow(
        Path(asked["data"]), Path(asked["store"]), asked["release"], int(asked["since_ms"]), int(asked["limit"])
    )
    sys.stdout.write(answer.model_dump_json())


if __name__ == "__main__":
    main()
