"""The seven answers that an approver needs, in words: made from the sealed bytes and from what people wrote."""

from __future__ import annotations

from typing import NamedTuple

from designer.compared import Compared, headline, system
from designer.http.models import reviews as shapes
from designer.words import counted, listed, plain
from flows.release import Manifest


class Told(NamedTuple):
    """What the sealed bytes do not say."""

    submitter: str
    authors: tuple[str, ...]
    reason: str
    tests: shapes.TestReport
    rules: tuple[shapes.RuleLine, ...]
    received: int | None
    """Messages of the last 24 hours; None where no runtime answers."""
    shadow: str
    """What a shadow run said; empty where none was made."""
    still_approved: bool
    """The version that runs now could be activated again."""


def seven(compared: Compared, told: Told) -> tuple[shapes.AnswerBody, ...]:
    """Question, answer, and whether there is one."""
    answers = (
        ("What business purpose does it serve?", _purpose(compared.now)),
        ("Who asked for it, and who built it?", _people(told)),
        ("What data newly leaves, and to whom?", headline(compared)),
        ("Which rules hold, fail, or were set aside?", _rules(compared.now, told.rules)),
        ("What was tested?", _tests(compared.now, told.tests)),
        ("What would have happened to yesterday's traffic?", _traffic(compared, told)),
        ("How do we go back?", _back(compared, told)),
    )
    return tuple(shapes.AnswerBody(question=question, answer=text, filled=bool(text)) for question, text in answers)


def _purpose(now: Manifest) -> str:
    flow = now.flow
    owners = flow.get("owners") or {}
    if not owners.get("business"):
        return ""
    return (
        f"{flow['name']}: {str(flow['purpose']).replace('-', ' ')}, {flow.get('criticality', 'normal')} criticality. "
        f"It takes what comes from {listed(_senders(now))}. "
        f"{plain(owners['business'])} answers for it; {plain(owners.get('cases') or 'nobody')} resolves its cases."
    )


def _senders(now: Manifest) -> list[str]:
    led = {wire["to"].partition(".")[0] for wire in now.flow["wires"]}
    return list(dict.fromkeys(system(now, step["id"]) for step in now.flow["steps"] if step["id"] not in led))


def _people(told: Told) -> str:
    if not told.reason:
        return ""
    asked = told.reason.rstrip(".")
    if told.authors == (told.submitter,):
        return f"{asked}. {told.submitter} built it and submitted it."
    return f"{asked}. {listed(told.authors)} built it; {told.submitter} submitted it."


def _rules(now: Manifest, rules: tuple[shapes.RuleLine, ...]) -> str:
    asked = [rule for rule in rules if rule.result != "not-asked"]
    broken = [rule for rule in asked if rule.result == "broken"]
    if not asked:
        return ""
    put = counted(len(now.verdict.get("results", ())), "question was", "questions were")
    held = f"All {counted(len(asked), 'rule', 'rules')} that apply hold"
    if broken:
        held = f"{len(asked) - len(broken)} of {counted(len(asked), 'rule', 'rules')} that apply hold"
    told = f"; broken: {listed([f'{rule.title} ({rule.id})' for rule in broken])}" if broken else ""
    waived = [f"{each.rule} until {each.expires[:10]} ({each.reason})" for each in now.waivers]
    aside = f"Set aside: {chr(44).join(waived)}." if waived else "None was set aside."
    return f"{held}{told}; {put} put to them. {aside}"


def _tests(now: Manifest, tests: shapes.TestReport) -> str:
    if not tests.cases:
        return ""
    titles = {str(step["id"]): str(step["title"]) for step in now.flow["steps"]}
    missed = f" No test case gets to {listed([titles.get(step, step) for step in tests.missed])}."
    count = len(tests.cases)
    passed = f"{tests.passed} of {counted(count, 'test case', 'test cases')} pass"
    if tests.passed == count:
        passed = "The one test case passes" if count == 1 else f"All {count} test cases pass"
    whole = " It gets to every step." if count == 1 else " Together they get to every step."
    return f"{passed} on exactly these bytes.{missed if tests.missed else whole}"


def _traffic(compared: Compared, told: Told) -> str:
    if compared.base is None:
        return "There was none: no version of this flow has run yet."
    if told.shadow:
        return told.shadow
    came = "It is not known how many messages came: no runtime answers."
    if told.received is not None:
        came = f"{counted(told.received, 'message', 'messages')} came in the last 24 hours."
    if compared.difference.empty:
        return f"{came} Nothing would have been done otherwise."
    done = f"{counted(len(compared.difference.behaviour), 'change', 'changes')} in what is done would have met them"
    return f"{came} {done}; a shadow run says which of them would have come out otherwise."


def _back(compared: Compared, told: Told) -> str:
    if compared.base is None:
        return (
            "Revoke it: the runtime stops it within 20 seconds and accepts nothing more. What it accepted and did not "
            "post yet is kept as cases."
        )
    before = "the version that runs now stays approved" if told.still_approved else "the version before is still there"
    return f"Activate the release before it again on the desk: {before}, and it takes over within seconds."
