"""Looking in the audit: all chains and the signatures in the store, by what happened, by person and by time.

Each of the four places is read backwards from a position of its own; a page is what is newest among them. A place that
was read for long without a find ends the page where it stands, so that no answer takes unbounded time.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Response
from sqlmodel import Session, col, select

from designer import chains, signatures, versions
from designer.http.models import audit as shapes
from designer.models.audit import AuditRow
from designer.people import people
from flows.instants import from_ms
from runtime.api import RuntimeTrouble
from runtime.questions.audit import AskRecords
from runtime.wire import LAST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.context import Caller, Designer

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "everything": (),
    "people": (),
    "revealed": ("field.revealed", "field.withheld", "sample.revealed"),
    "signatures": ("release.activated", "release.ended", "master.taken"),
    "sign-ins": (
        "session.opened", "session.closed", "persona.chosen", "password.accepted", "password.tried", "password.set",
        "password.changed",
    ),
    "operations": ("case.closed", "cause.taken-on", "cause.given-up", "replay.asked", "replay.requested"),
}  # fmt: skip
"""Records of chains; signatures themselves stand in the store."""
BY_PEOPLE = ("field.revealed", "field.withheld", "case.closed", "replay.requested", "state.accepted")
"""What people did that stands in the runtime's chains; the designer's own chain has nothing else."""
WITH_SIGNATURES = frozenset({"everything", "people", "signatures"})
PLACES = ("intake", "delivery", "designer", "store")
MOST_EXPORTED, MOST_PAGES = 20_000, 400
A_PIECE, MOST_LOOKED_AT = 500, 20_000
SILENT = "No runtime answers: what intake and delivery recorded is missing here."
COLUMNS = ("when", "who", "what", "field", "message", "reason", "action", "chain", "record", "hash", "to the letter")


class _Found(NamedTuple):
    """What one place has, the newest first, and where to go on in it."""

    entries: Sequence[tuple[int, shapes.FoundEntry]]
    """Each with its position in the place."""
    next: int | None
    reached_ms: int
    silent: bool = False


def search(designer: Designer, caller: Caller, query: shapes.AuditSearch) -> shapes.FoundEntries:
    """A page of what fits. That somebody looks at the newest one is recorded."""
    if query.at is None:
        with designer.database.change(caller.person) as change:
            change.record("audit.viewed", place=query.what)
    return _page(designer, query, query.at, query.limit)


def export(designer: Designer, caller: Caller, query: shapes.AuditExport) -> Response:
    """Everything that fits, as a file; that it was taken away is recorded before it leaves."""
    found: list[shapes.FoundEntry] = []
    at: str | None = None
    complete = True
    for _ in range(MOST_PAGES):
        page = _page(designer, query, at, 200)
        found += page.entries
        at, complete = page.next, complete and page.complete
        if at is None or len(found) >= MOST_EXPORTED:
            break
    whole = complete and at is None
    with designer.database.change(caller.person) as change:
        about = {"person": query.person} if query.person else {}
        change.record(
            "audit.exported", place=query.what, count=len(found), period=f"{query.since}-{query.until or ''}", **about
        )
    text = _as_csv(found, whole) if query.format == "csv" else _as_lines(found, whole)
    kind = "text/csv" if query.format == "csv" else "application/x-ndjson"
    given = Response(text, mimetype=kind)
    given.headers["Content-Disposition"] = f'attachment; filename="lockgate-audit.{query.format}"'
    return given


def _page(designer: Designer, query: shapes.AuditFilter, at: str | None, limit: int) -> shapes.FoundEntries:
    begin = [int(each) for each in at.split(".")] if at else [LAST >> 1] * 4
    tell = partial(_entry, designer, people(designer), versions.names(designer))
    reads = {"intake": _of_runtime, "delivery": _of_runtime, "designer": _own, "store": _signed}
    found = [
        reads[place](designer, query, place, before, limit, tell) for place, before in zip(PLACES, begin, strict=True)
    ]
    horizon = max((each.reached_ms for each in found if each.next is not None), default=0)
    all_of_them = [(place, *each) for place, one in enumerate(found) for each in one.entries]
    all_of_them.sort(key=lambda each: (-each[2].at, each[0], -each[1]))
    shown = [each for each in all_of_them if each[2].at >= horizon][:limit]
    after = [_after(place, one, [each[1] for each in shown if each[0] == place]) for place, one in enumerate(found)]
    silent = any(each.silent for each in found)
    return shapes.FoundEntries(
        entries=tuple(each[2] for each in shown),
        next=".".join(str(each) for each in after) if any(after) else None,
        complete=not silent,
        sentence=SILENT if silent else "",
    )


def _after(place: int, found: _Found, shown: Sequence[int]) -> int:
    """The position to go on from in one place; 0 where it is over."""
    if len(shown) < len(found.entries):
        return min(shown) if shown else found.entries[0][0] + 1
    return found.next or 0


def _of_runtime(
    designer: Designer, query: shapes.AuditFilter, place: Any, before: int, limit: int, tell: Any
) -> _Found:
    actions = BY_PEOPLE if query.what == "people" else ACTIONS[query.what]
    if before == 0:
        return _Found((), None, 0)
    asked = AskRecords(
        writer=place, actions=actions, actor=query.person, since_ms=query.since,
        until_ms=LAST if query.until is None else query.until, before=before, limit=limit,
    )  # fmt: skip
    try:
        records = designer.runtime.records(asked)
    except RuntimeTrouble:
        return _Found((), None, 0, silent=True)
    entries = [(each.seq, tell(place, each.record, each.head)) for each in records.records]
    return _Found(entries, records.next, records.reached_ms)


def _own(designer: Designer, query: shapes.AuditFilter, place: str, before: int, limit: int, tell: Any) -> _Found:
    if before == 0:
        return _Found((), None, 0)
    entries: list[tuple[int, shapes.FoundEntry]] = []
    with designer.database.reading() as session:
        for looked, (seq, line, head) in enumerate(_backwards(session, before), 1):
            record = _read(line)
            at_ms = record.get("at", 0)
            if at_ms < query.since:
                break
            if not _fits(query, record):
                if looked >= MOST_LOOKED_AT:
                    return _Found(entries, seq, at_ms)
                continue
            if len(entries) == limit:
                return _Found(entries, entries[-1][0], entries[-1][1].at)
            entries.append((seq, tell(place, line, head)))
    return _Found(entries, None, query.since)


def _backwards(session: Session, before: int) -> Iterator[tuple[int, str, str]]:
    """Number, line and head of each record before one, the newest first."""
    while True:
        wanted = select(AuditRow).where(col(AuditRow.first) < before).order_by(col(AuditRow.first).desc())
        rows = session.exec(wanted.limit(A_PIECE)).all()
        for row in rows:
            lines = row.records.decode("utf-8", "replace").split("\n")
            for seq, line in reversed(list(enumerate(lines, row.first))):
                if seq < before:
                    yield seq, line, row.head.hex()
        if len(rows) < A_PIECE:
            return
        before = rows[-1].first


def _fits(query: shapes.AuditFilter, record: Mapping[str, Any]) -> bool:
    actions = ACTIONS[query.what]
    if actions and record.get("action") not in actions:
        return False
    if query.until is not None and record.get("at", 0) >= query.until:
        return False
    return query.person is None or query.person in (record.get("actor"), record.get("person"))


def _signed(designer: Designer, query: shapes.AuditFilter, place: str, before: int, limit: int, tell: Any) -> _Found:
    """Signatures by their position from the oldest, so that a new one moves no page."""
    if before == 0 or query.what not in WITH_SIGNATURES:
        return _Found((), None, 0)
    until = LAST if query.until is None else query.until
    fitting = [
        (position, each)
        for position, each in enumerate(signatures.everything(designer), 1)
        if position < before and query.since <= each.at_ms < until and query.person in (None, each.person)
    ][::-1]
    called = people(designer)
    entries = [(position, _of_signature(designer, called, each)) for position, each in fitting[:limit]]
    more = len(fitting) > limit
    return _Found(entries, entries[-1][0] if more else None, entries[-1][1].at if more else 0)


def _of_signature(designer: Designer, called: Mapping[str, str], each: signatures.Signed) -> shapes.FoundEntry:
    desk = designer.settings.desk
    master = each.action == "master.signed"
    who = called.get(each.person, each.person)
    said = {"action": each.action, "at": each.at_ms, "actor": each.person, "digest": each.subject}
    return shapes.FoundEntry(
        seq=0,
        at=each.at_ms,
        action=each.action,
        actor=who,
        about=f"master {each.name}" if master else f"release {each.subject[:12]}",
        reason=each.why,
        sentence=f"{who} {each.sentence}.",
        where="store",
        place="",
        message=None,
        link=f"{desk}/master/{each.name}" if master else f"{desk}/release/{each.subject}",
        record=json.dumps(said, sort_keys=True, separators=(",", ":")),
        head=each.envelope,
    )


def _entry(
    designer: Designer, called: Mapping[str, str], flows: Mapping[str, str], where: Any, line: str, head: str
) -> shapes.FoundEntry:
    told = chains.entry(line, called, flows)
    record = _read(line)
    message = record.get("message")
    message = message if isinstance(message, int) else None
    shown = told.action in ACTIONS["revealed"]
    return shapes.FoundEntry(
        **told.model_dump(),
        where=where,
        place=str(record.get("place", "")) if shown else "",
        message=message,
        link=_link(record, designer.settings.desk),
        record=line,
        head=head,
    )


def _link(record: Mapping[str, Any], desk: str) -> str:
    """The page of what a record is about; "" where there is none."""
    pages = (
        ("message", "/messages/{}"), ("incident", "/cases/{}"), ("cause", "/exceptions/{}"), ("review", "/reviews/{}"),
        ("draft", "/drafts/{}"), ("master", "/masters/{}?tab=steps"), ("release", f"{desk}/release/{{}}"),
    )  # fmt: skip
    return next((page.format(record[name]) for name, page in pages if record.get(name)), "")


def _read(line: str) -> dict[str, Any]:
    """A record; nothing where it is damaged."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("at"), int) else {}


def _as_csv(found: Sequence[shapes.FoundEntry], whole: bool) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for each in found:
        rows.writerow([_plain(value) for value in _row(each)])
    if not whole:
        rows.writerow(["", "", NOT_WHOLE])
    return text.getvalue()


def _as_lines(found: Sequence[shapes.FoundEntry], whole: bool) -> str:
    lines = [json.dumps(dict(zip(COLUMNS, _row(each), strict=True)), ensure_ascii=False) for each in found]
    if not whole:
        lines.append(json.dumps({"what": NOT_WHOLE}))
    return "".join(f"{line}\n" for line in lines)


NOT_WHOLE = "This is not everything that fits: take shorter stretches of time, and see that the runtime answers."


def _row(each: shapes.FoundEntry) -> tuple[str | int, ...]:
    return (
        from_ms(each.at), each.actor, each.sentence, each.place, each.message or "", each.reason, each.action,
        each.where, each.seq or "", each.head, each.record,
    )  # fmt: skip


def _plain(value: str | int) -> str:
    """No cell begins what a spreadsheet would take for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
