"""Causes in business words: what a failure means, what it holds up, and what would end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from designer.http.models.operations import FixHint
from designer.reasons import words
from designer.words import counted
from flows.masters import MasterContract
from flows.release import Manifest

KEYED = frozenset({"master-miss", "not-active", "unit-unknown"})


class Matter(NamedTuple):
    """What is known of a cause."""

    cause: str
    master: str
    key: tuple[str, ...]
    step: str
    """Where it happened; the source of a refused frame."""
    refused: bool
    """It is a frame that was never taken."""
    known: Manifest | None
    """The version of the flow that is live."""
    contract: MasterContract | None


def title(matter: Matter) -> str:
    """One line for a list."""
    if matter.refused:
        return f"{_system(matter)} sends messages that are refused: {words(matter.cause)}"
    if matter.cause in KEYED:
        return _keyed(matter)
    system, step = _system(matter), _step(matter)
    said = {
        "gave-up": f"{system} did not take a posting for too long",
        "uncertain": f"Nobody knows whether {system} took a posting",
        "guard": f"A posting to {system} is not what its contract takes",
        "contract": f"A posting to {system} is not what its contract takes",
        "not-in-contract": f"A posting to {system} has a field that its contract does not take",
        "missing-value": f"A value that '{step}' needs is missing",
        "not-a-decimal": f"A quantity at '{step}' is no number",
        "no-quantity": f"A quantity is missing at '{step}'",
        "unreadable-time": f"A time at '{step}' is no date",
        "no-lines": "A message has no lines to post",
        "key-used": f"Another content was posted to {system} under the same key",
        "node-failed": f"Step '{step}' failed by a mistake of its own",
        "payload-unreadable": "A stored message cannot be opened",
        "tampered": "Somebody changed a stored message or posting in the journal",
    }
    if matter.cause in said:
        return said[matter.cause]
    if matter.cause.startswith("answer-"):
        return f"{system} refuses a posting (status {matter.cause.removeprefix('answer-')})"
    if matter.cause.startswith("release-"):
        return "The version of the flow that took it may not run any more"
    return f"Held at '{step}': {words(matter.cause)}"


def fix(matter: Matter) -> FixHint:
    """What would end it."""
    if matter.refused:
        return FixHint(kind="ask-source", sentence="Have the sender correct the message and send it again.")
    if matter.cause == "unit-unknown":
        return FixHint(
            kind="add-unit",
            sentence=f"Add the conversion to master {matter.master}, have a steward sign it, then replay.",
            master=matter.master,
            key=matter.key,
        )
    if matter.cause in KEYED:
        return FixHint(
            kind="add-row",
            sentence=f"Add the missing row to master {matter.master}, have a steward sign it, then replay.",
            master=matter.master,
            key=matter.key,
        )
    if matter.cause in ("gave-up", "uncertain"):
        sentence = f"See that {_system(matter)} is back, then replay: the same key is sent, so it posts once."
        return FixHint(kind="ask-system", sentence=sentence)
    if matter.cause.startswith("answer-"):
        sentence = f"Ask the owner of {_system(matter)} why it refuses, mend that, then replay."
        return FixHint(kind="ask-system", sentence=sentence)
    if matter.cause.startswith("release-"):
        return FixHint(kind="activate", sentence="Activate a version that may run, then replay.")
    if matter.cause in ("guard", "contract", "not-in-contract", "missing-value", "key-used", "no-lines"):
        sentence = "Change the flow so that it makes what the contract takes, have it signed, then replay."
        return FixHint(kind="change-flow", sentence=sentence)
    if matter.cause == "tampered":
        sentence = "Report it at once: find out who writes in the data folder, and verify the audit. Nothing was sent."
        return FixHint(kind="report", sentence=sentence)
    if matter.cause in ("node-failed", "payload-unreadable"):
        return FixHint(kind="report", sentence="Report it with its number: nobody at this desk can mend it.")
    return FixHint(
        kind="ask-source", sentence="Have it corrected where it comes from and sent again, or change the flow."
    )


def impact(matter: Matter, lines: int, cases: int, others: Sequence[Manifest] = ()) -> str:
    """What is not done meanwhile; ``others`` are the versions of the other flows that it touches."""
    if matter.refused:
        frames = counted(cases, "kind of frame was", "kinds of frames were")
        them = "it" if cases == 1 else "them"
        return f"{frames} refused: nothing of {them} was taken, and nothing of {them} is posted."
    if not lines:
        return "What was held is on its way again: the other side has not answered yet. Nothing is lost."
    held = f"{counted(lines, 'line', 'lines')} of {counted(cases, 'message', 'messages')}"
    known = [each for each in (matter.known, *others) if each is not None]
    sinks = ", ".join(dict.fromkeys(sink for each in known for sink in _sinks(each)))
    kept = (
        "it is kept, and is posted once when it is"
        if lines == 1
        else "they are kept, and are posted once when they are"
    )
    return f"{held} did not reach {sinks or 'the systems behind this flow'}. Nothing is lost: {kept} replayed."


def over(matter: Matter, posted: int, cases: int) -> str:
    """What became of it, once no case is open any more; ``posted`` lines, where that is known."""
    if matter.refused:
        return "It was closed: nothing of what was refused was taken, and what the sender sent again counts for itself."
    if posted:
        return f"{counted(posted, 'line was', 'lines were')} posted by replay. Nothing of it is held any more."
    held = "its lines were" if cases == 1 else "their lines were"
    done = counted(cases, "case is", "cases are")
    return f"{done} resolved: {held} posted by replay, or ended on purpose. Nothing of it is held any more."


def runbook(matter: Matter, hint: FixHint) -> tuple[str, ...]:
    """What to do, step by step."""
    first = {
        "add-row": "Open the master, add the row with this key, and say why.",
        "add-unit": "Open the master, change the row of this item so that it knows the unit, and say why.",
        "ask-source": "Tell the owner of the sending system which field is wrong: the case names it.",
        "ask-system": "Ask the owner of the receiving system; the timeline of one message has times and statuses.",
        "change-flow": "Begin a draft of the flow, mend the step, test it with a sample, and submit it.",
        "activate": "Have an operator activate a version that may run.",
        "report": "Report the case with its number and the step.",
    }[hint.kind]
    signed = {
        "add-row": ("A steward signs it on the desk; one signature is enough for a new row.",),
        "add-unit": ("Two stewards sign it on the desk, since it changes a row.",),
        "change-flow": ("People sign it on the desk; an operator activates it.",),
    }.get(hint.kind, ())
    if hint.stage != "lacks":
        sign = signed if hint.stage == "waits" else ()
        return (*sign, *_REPLAY)
    if matter.refused:
        return (first, "The sender sends it again: what was refused is not kept, so there is nothing to replay.")
    return (
        first,
        *signed,
        *_REPLAY,
    )


_REPLAY = ("Try the replay: it says what would be posted.", "Replay. What is posted already stays as it is.")


def _keyed(matter: Matter) -> str:
    noun = matter.master.removesuffix("s").replace("-", " ") or "key"
    if not matter.key:
        when = " at that time" if matter.cause == "not-active" else ""
        article = "An" if noun[0] in "aeiou" else "A"
        return f"{article} {noun} is not in master {matter.master}{when}"
    names = matter.contract.key if matter.contract else ()
    if matter.cause == "unit-unknown":
        code = matter.key[-2] if len(matter.key) > 1 else matter.key[-1]
        return f"{noun.capitalize()} {code} has no conversion from unit {matter.key[-1] or 'none'}"
    part = f" {names[-1].replace('_', ' ')}" if names else ""
    return f"{noun.capitalize()}{part} {matter.key[-1]} is not in master {matter.master}"


def _system(matter: Matter) -> str:
    """The system behind a step, or the source of a refused frame, as people call it."""
    if matter.known is None:
        return f"'{matter.step}'"
    connections: Mapping[str, Any] = matter.known.environment["connections"]
    if matter.refused:
        return source(matter.known, matter.step) or f"'{matter.step}'"
    names = [str(each.get("connection")) for each in matter.known.flow["steps"] if each["id"] == matter.step]
    return str(connections.get(names[0] if names else "", {}).get("system", f"'{matter.step}'"))


def source(known: Manifest, connection: str) -> str:
    """The system behind a connection; "" where the version knows none of that name."""
    found: Mapping[str, Any] = known.environment["connections"].get(connection, {})
    return str(found.get("system", ""))


def _step(matter: Matter) -> str:
    steps: Sequence[Any] = matter.known.flow["steps"] if matter.known else ()
    return next((str(each["title"]) for each in steps if each["id"] == matter.step), matter.step)


def _sinks(known: Manifest) -> list[str]:
    steps = {each["id"]: each for each in known.flow["steps"]}
    connections = known.environment["connections"]
    return [str(connections[steps[sink]["connection"]]["system"]) for sink in sorted(known.fields)]
