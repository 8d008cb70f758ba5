"""OperationOutcome: what FHIR answers with, made of nothing but codes and places."""

from __future__ import annotations

import orjson

_ISSUES = {
    "too-long": "too-long",
    "body-too-long": "too-long",
    "too-many-entries": "too-costly",
    "too-deep": "too-costly",
    "type-not-accepted": "not-supported",
    "bundle-type": "not-supported",
    "media-type": "not-supported",
    "modifier-extension": "extension",
    "implicit-rules": "extension",
    "structure": "structure",
    "full-url-twice": "duplicate",
    "identity-conflict": "conflict",
    "disk-full": "transient",
    "behind": "transient",
    "timeout": "timeout",
    "token": "login",
    "not-found": "not-found",
    "unreadable": "exception",
}
"""Our reasons as FHIR's issue types; all others are ``invalid``."""


def outcome(code: str, reason: str, place: str, control_id: str) -> bytes:
    """The resource. ``code`` is the HTTP status, ``reason`` "" where the message is taken."""
    if reason:
        issue = {
            "severity": "error",
            "code": _ISSUES.get(reason, "invalid"),
            "diagnostics": f"{reason} at {place}" if place else reason,
        }
    else:
        said = "already stored" if code == "200" else "stored"
        issue = {"severity": "information", "code": "informational", "diagnostics": f"{said} as {control_id}"}
    located = {"expression": [place]} if reason and place and place[0].isupper() else {}
    return orjson.dumps({"resourceType": "OperationOutcome", "issue": [{**issue, **located}]})
