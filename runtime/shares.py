"""Which parked posting of a message each line of its replay comes from. No posting is given up on a guess."""

from __future__ import annotations

from typing import NamedTuple

from flows.graph import Flow
from runtime.expansion import Expansion, LineDraft, PostingDraft


class Row(NamedTuple):
    """A posting of the message as the journal has it."""

    number: int
    item: str
    step: str
    state: str
    key: bytes
    body_digest: bytes | None
    incident: int | None
    attempts: int
    cause: str | None
    lane: bytes


class Share(NamedTuple):
    """What one parked posting turns into. Nothing and no ``reason``: nobody can tell, and it stays where it is."""

    target: Row
    drafts: list[PostingDraft]
    lines: list[LineDraft]
    reason: str = ""
    """Why it ends without a posting, where it does."""


def shares_of(targets: tuple[Row, ...], rows: tuple[Row, ...], expansion: Expansion, flow: Flow) -> list[Share]:
    """Each new draft and line to the parked posting that it comes from; what the message has already is left out.

    ``targets`` are those of the message's ``rows`` that are replayed, ``flow`` is the version that made ``expansion``.
    """
    own = {row.number for row in targets}
    there = {row.key for row in rows if row.number not in own}
    behind = _behind(flow)
    shares = {row.number: Share(row, [], []) for row in targets}
    for draft in expansion.postings:
        home = next((row for row in targets if row.key == draft.idempotency), None) or next(
            (row for row in targets if _from(row, draft.item, draft.step, behind)), None
        )
        if home is None:
            continue
        if draft.idempotency not in there:
            shares[home.number].drafts.append(draft)
        elif home.step in behind:
            shares[home.number] = shares[home.number]._replace(reason="same-posting")
    for line in expansion.lines:
        home = next((row for row in targets if _from(row, line.item, line.step, behind)), None)
        if home is not None:
            shares[home.number].lines.append(line)
        else:
            _end_with(line, shares, behind)
    return list(shares.values())


def _end_with(line: LineDraft, shares: dict[int, Share], behind: dict[str, frozenset[str]]) -> None:
    """What ends before it is divided ends with every line that came from it."""
    for number, share in shares.items():
        row = share.target
        above = line.item in ("", row.item) or row.item.startswith(f"{line.item}/")
        if above and (row.step not in behind or row.step in behind.get(line.step, ())):
            shares[number] = share._replace(reason=share.reason or line.reason)


def _from(row: Row, item: str, step: str, behind: dict[str, frozenset[str]]) -> bool:
    """Whether a draft at ``step`` for ``item`` can come from the line that stopped as ``row``."""
    inside = row.item in ("", item) or item.startswith(f"{row.item}/")
    return inside and (row.step not in behind or step in behind[row.step])


def _behind(flow: Flow) -> dict[str, frozenset[str]]:
    """Each step with itself and all steps that its records can reach."""
    found: dict[str, frozenset[str]] = {}
    for step in flow.steps:
        seen: set[str] = set()
        todo = [step.id]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += [wire.target.step for wire in flow.out_of(name)]
        found[step.id] = frozenset(seen)
    return found
