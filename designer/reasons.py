"""Codes of what became of messages, in words. A code that nobody put into words is read with its dashes as spaces."""

from __future__ import annotations

_WORDS = {
    "already-applied": "it was posted before",
    "acknowledgement": "it is an answer, not a message",
    "answer-not-expected": "an answer that nobody asked for",
    "contract": "it is not what the contract of the other side takes",
    "control-id": "it has no control id",
    "delimiters": "its separators cannot be read",
    "disk-full": "there was no room to store it",
    "frame-too-long": "it is longer than the source may send",
    "gave-up": "the other side did not take it for too long",
    "guard": "it is not what the contract of the other side takes",
    "identity-conflict": "another message came under the same identity",
    "key-used": "another content was posted under the same key",
    "lines-filtered": "every line of it ended on purpose",
    "location-unknown": "the place is not known",
    "master-miss": "a key is not in its master",
    "missing-value": "a value that is needed is missing",
    "no-lines": "it has no lines to post",
    "no-resource": "it holds no resource",
    "no-wire-out": "no step takes it on",
    "nothing-to-do": "nothing was held",
    "nothing-used": "nothing was used",
    "not-a-charge": "it is no charge",
    "not-a-decimal": "a quantity is no number",
    "not-active": "the row that its key has does not hold at that time",
    "not-for-intake": "the source takes no such messages",
    "not-for-this-flow": "it is not meant for this flow",
    "not-in-contract": "it has a field that the contract of the other side does not take",
    "parked-again": "held again",
    "payload-unreadable": "what is stored of it cannot be opened",
    "queued": "on its way",
    "record-fields": "a field of the record is missing or unknown",
    "refused": "the other side refused it",
    "resource-type": "the type of resource is missing or unknown",
    "same-posting": "the same was posted by another line",
    "second-patient": "it speaks of two patients",
    "segment-name": "a segment has no proper name",
    "several-messages": "it holds several messages",
    "tampered": "its row in the journal was changed by somebody",
    "too-deep": "it is nested too deep",
    "too-long": "a part of it is too long",
    "type-missing": "it does not say of which type it is",
    "type-not-accepted": "the flow takes no messages of this type",
    "uncertain": "nobody knows whether the other side took it",
    "unit-unknown": "a unit has no conversion",
    "unreadable": "it cannot be read",
    "unreadable-time": "a time is no date",
    "version-not-accepted": "the flow takes no messages of this version",
    "version-unknown": "its version is not known",
}


def words(code: str) -> str:
    """``type-not-accepted``: the flow takes no messages of this type."""
    return _WORDS.get(code, code.replace("-", " "))
