"""The judge: compares the simulator's ledger with the ERP stand-in's, and asks the runtime nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from lockgate.demo.ledger import Entry

ACCEPTED = frozenset({"AA", "CA"})
Effect = tuple[str, str, str, str]
"""Used at, material, quantity in base units, cost centre: names one line of the plan."""


class Judgement(NamedTuple):
    """What the two ledgers show. ``lost``, ``duplicates``, ``strays`` and ``leaks`` are 0 in a good run."""

    sent: int
    acknowledged: int
    refused: int
    lost: int
    """Lines of acknowledged messages that the ERP should have and has not."""
    duplicates: int
    """Effects beyond the first of a line, and keys that came with another body."""
    strays: int
    """Effects that no acknowledged line explains, wrong quantities and materials among them."""
    leaks: int
    """Effects whose body holds a mark of a patient."""
    unanswered: int
    """Frames that were sent and never answered."""
    misjudged: int
    """Answers that are not what the frame deserves, or that echo another control id."""
    disorder: int
    """Effects of one encounter that came out of order, replays left out."""

    @property
    def clean(self) -> bool:
        return not (self.lost or self.duplicates or self.strays or self.leaks or self.unanswered or self.misjudged)


def judge(
    simulator: Iterable[Entry],
    erp: Iterable[Entry],
    *,
    held: Collection[str] = (),
    late: Collection[str] = (),
    marks: Collection[str] = (),
) -> Judgement:
    """``held``: items that must not arrive. ``late``: items that came by replay. ``marks``: texts of patients."""
    sent, planned, codes = _sender(simulator)
    acknowledged = {name for name, got in codes.items() if got & ACCEPTED}
    effects = [entry for entry in erp if entry["event"] in ("applied", "conflict")]
    arrived = Counter(_effect(entry["body"]) for entry in effects if entry["event"] == "applied")
    wanted = _wanted(planned, acknowledged, held)
    # a frame that was sent but whose answer was lost on the way may have been taken all the same
    allowed = _wanted(planned, planned, held)
    return Judgement(
        sent=sent,
        acknowledged=len(acknowledged),
        refused=sum(1 for got in codes.values() if not got & ACCEPTED),
        lost=len(wanted - arrived.keys()),
        duplicates=sum(n - 1 for n in arrived.values()) + sum(1 for e in effects if e["event"] == "conflict"),
        strays=len(arrived.keys() - allowed),
        leaks=sum(1 for e in effects if any(mark in str(e.get("body")) for mark in marks)),
        unanswered=sum(1 for name in planned if name not in codes),
        misjudged=sum(1 for name, got in codes.items() if not _deserved(planned[name], got)),
        disorder=_disorder(planned, effects, late),
    )


def _sender(entries: Iterable[Entry]) -> tuple[int, dict[str, Entry], dict[str, frozenset[str]]]:
    """Frames sent, the plan by name, and the codes that each frame was answered with (``!`` for a wrong echo)."""
    sent, planned, codes = 0, dict[str, Entry](), dict[str, frozenset[str]]()
    for entry in entries:
        if entry["event"] == "planned":
            planned[entry["frame"]] = entry
        elif entry["event"] == "sent":
            sent += 1
        elif entry["event"] == "answer":
            got = {entry["code"]} if entry["echoed"] or entry["code"] not in ACCEPTED else {entry["code"], "!"}
            codes[entry["frame"]] = codes.get(entry["frame"], frozenset()) | got
    return sent, planned, codes


def _wanted(planned: Mapping[str, Entry], names: Iterable[str], held: Collection[str]) -> set[Effect]:
    return {
        (line["used_at"], line["material"], _decimal(line["quantity"]), line["cost_centre"])
        for name in names
        for line in planned[name]["lines"]
        if line["item"] not in held
    }


def _effect(body: Mapping[str, object]) -> Effect:
    used = "".join(c for c in str(body.get("usedAt")) if c.isdigit())[:14]
    return used, str(body.get("material")), _decimal(str(body.get("quantity"))), str(body.get("costCentre"))


def _decimal(text: str) -> str:
    try:
        return str(Decimal(text).normalize())
    except InvalidOperation:
        return "no decimal"


def _deserved(planned: Entry, got: frozenset[str]) -> bool:
    if "!" in got:
        return False
    refused = bool(planned["expected"] == "refused")
    return refused != bool(got & ACCEPTED)


def _disorder(planned: Mapping[str, Entry], effects: Iterable[Entry], late: Collection[str]) -> int:
    place = {
        line["used_at"]: (entry["lane"], line["used_at"])
        for entry in planned.values()
        for line in entry["lines"]
        if line["item"] not in late
    }
    last, wrong = dict[str, str](), 0
    for entry in effects:
        lane, used = place.get(_effect(entry["body"])[0] if "body" in entry else "", ("", ""))
        if used and used < last.get(lane, ""):
            wrong += 1
        last[lane] = max(used, last.get(lane, ""))
    return wrong
