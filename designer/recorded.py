"""Audit records as sentences: who did what, for whoever reads the chain and knows no action codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.reasons import words
from designer.words import counted

_SAID = {
    "session.opened": "{who} signed in.",
    "session.closed": "{who} signed out.",
    "persona.chosen": "{who} was chosen among the people of the demo.",
    "password.accepted": "The password of {person} was right.",
    "password.tried": "A wrong password was tried for {person}.",
    "password.set": "{person} set a first password.",
    "password.changed": "{person} changed the password.",
    "person.invited": "{who} gave {person} an account.",
    "person.changed": "{who} changed the account of {person}.",
    "person.renewed": "{who} gave {person} a new set-up token.",
    "draft.created": "{who} began a draft{flow}.",
    "draft.saved": "{who} saved a draft.",
    "draft.discarded": "{who} threw a draft away.",
    "test-case.saved": "{who} saved a test case.",
    "test-case.changed": "{who} changed a test case.",
    "test-case.removed": "{who} removed a test case.",
    "test-cases.run": "{who} ran {cases}.",
    "sample.revealed": "{who} looked at field {place} of a sample.",
    "review.submitted": "{who} submitted a change{flow}.",
    "review.commented": "{who} commented on a change.",
    "comment.resolved": "{who} settled a comment.",
    "review.looked": "{who} looked at a change{flow}.",
    "review.returned": "{who} asked for changes{flow}.",
    "review.withdrawn": "{who} withdrew a change{flow}.",
    "review.settled": "A change{flow} was seen live.",
    "review.shadowing": "{who} asked what a change would have made of messages that came.",
    "review.shadowed": "A change was run over {messages} that came, without sending anything.",
    "review.unshadowed": "A change could not be run over messages that came.",
    "master.prepared": "{who} prepared step {sequence} of master '{master}' for signatures.",
    "master.taken-back": "{who} took step {sequence} of master '{master}' back before it was in force.",
    "master.taken": "Master '{master}' is in force up to step {sequence}.",
    "replay.asked": "{who} asked for a replay{case}.",
    "replay.requested": "A replay{case}{by} came to: {outcome}.",
    "cause.taken-on": "{who} took a cause on.",
    "cause.given-up": "{who} gave a cause up.",
    "message.revealing": "{who} asked to see a field of message {message}.",
    "field.revealed": "Field {place} of message {message} was shown to {who}.",
    "field.withheld": "Field {place} of message {message} was not shown to {who}.",
    "audit.viewed": "{who} looked at the audit ({place}).",
    "audit.exported": "{who} took {count} records of the audit away as a file ({place}).",
    "audit.verified": "{who} had every chain verified.",
    "message.accepted": "Message {message}{flow} was stored and answered.",
    "message.repeated": "Message {message} came again and was answered as the first time.",
    "message.expanded": "Message {message}{flow} was taken apart into {lines}.",
    "message.filtered": "Message {message} ended on purpose: {reason}.",
    "frame.refused": "A message of '{source}' was refused: {reason}.",
    "frames.unrecorded": "{count} refused messages were counted only: too many came at once.",
    "posting.begun": "Posting {posting} was sent{flow}.",
    "posting.delivered": "Posting {posting} was taken by the other side.",
    "posting.deferred": "Posting {posting} was not taken for now and is sent again.",
    "posting.parked": "Posting {posting} of message {message} is held: {reason}.",
    "posting.replayed": "Posting {posting} of message {message} was replayed{by}: {outcome}.",
    "posting.withdrawn": "Posting {posting} of message {message} ended on purpose{by}: {reason}.",
    "case.opened": "Case {incident} was opened{flow}: {reason}.",
    "case.resolved": "Case {incident} is resolved.",
    "case.closed": "Case {incident} was closed{by} without a posting.",
    "payload.shredded": "The payloads of {period}{flow} became unreadable: their retention is over.",
    "state.accepted": "{who} accepted journal and sealed files as they stand: {reason}.",
    "release.activated": "Release {release:.12}{flow} runs.",
    "release.ended": "A release{flow} stopped: {reason}.",
    "checkpoint.made": "Checkpoint {count} of all chains was signed.",
}


ACTIONS = frozenset(_SAID)


def sentence(record: Mapping[str, Any], called: Mapping[str, str], flows: Mapping[str, str] | None = None) -> str:
    """A record in words; an action that nobody put into words is told by its code. People and flows have names."""
    found = _Parts(record, called, flows or {})
    said = _SAID.get(str(record["action"]))
    if said is None or not found.has(said):
        return f"{str(record['action']).replace('.', ' ').replace('-', ' ').capitalize()}{found.by}."
    return said.format_map(found.all)


class _Parts:
    """What sentences are filled with."""

    def __init__(self, record: Mapping[str, Any], called: Mapping[str, str], flows: Mapping[str, str]) -> None:
        actor, person = str(record.get("actor", "")).partition("/")[0], str(record.get("person", ""))
        who = called.get(actor, actor)
        count, flow = record.get("count"), str(record.get("flow", ""))
        self.by = f" by {who}" if who else ""
        self.all: dict[str, Any] = {
            **{name: value for name, value in record.items() if name not in ("reason", "outcome", "flow")},
            "who": "Lockgate" if actor in ("", "designer") else who,
            "person": called.get(person, person) or "a name that nobody has",
            "by": self.by,
            "flow": f" of '{flows.get(flow, flow)}'" if flow else "",
            "case": f" of case {record['incident']}" if record.get("incident") else "",
            "reason": words(str(record.get("reason", ""))),
            "outcome": words(str(record.get("outcome", ""))),
            "cases": counted(count, "test case", "test cases") if isinstance(count, int) else "the test cases",
            "lines": counted(count, "line", "lines") if isinstance(count, int) else "lines",
            "messages": counted(count, "message", "messages") if isinstance(count, int) else "messages",
        }

    def has(self, said: str) -> bool:
        """Whether a record has all that its sentence names: an old or damaged one may not."""
        try:
            said.format_map(self.all)
        except (KeyError, ValueError, IndexError):
            return False
        return True
