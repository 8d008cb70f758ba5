"""Why signed material is refused: one code a reason, one sentence for the person who must act."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, NoReturn, ParamSpec, TypeVar


class Reason(StrEnum):
    """Every reason for which something signed does not count. The runtime journals the code."""

    NOT_CANONICAL = "not-canonical"
    UNKNOWN_FORM = "unknown-form"

    SIGNATURE_MISSING = "signature-missing"
    SIGNATURE_WRONG = "signature-wrong"
    SIGNATURE_TWICE = "signature-twice"
    KEY_UNKNOWN = "key-unknown"
    KEY_UNDER_TWO_IDS = "key-under-two-ids"
    KEY_ID_WRONG = "key-id-wrong"
    KEY_UNUSABLE = "key-unusable"
    ROLE_MISSING = "role-missing"
    ORIGIN_WRONG = "origin-wrong"
    PASSKEY_WRONG = "passkey-wrong"

    ROOT_NOT_PINNED = "root-not-pinned"
    ROOT_UNSOUND = "root-unsound"
    ROOT_CHAIN_BROKEN = "root-chain-broken"
    ROOT_UNDERSIGNED = "root-undersigned"
    ROOT_EXPIRED = "root-expired"
    ROOT_ROLLED_BACK = "root-rolled-back"
    ROOT_OF_A_DEMO = "root-of-a-demo"

    MANIFEST_DAMAGED = "manifest-damaged"
    ATTACHMENT_DAMAGED = "attachment-damaged"
    ENVELOPE_DAMAGED = "envelope-damaged"
    ATTACHMENT_MISSING = "attachment-missing"
    ATTACHMENT_UNKNOWN = "attachment-unknown"
    STATEMENT_MISPLACED = "statement-misplaced"

    OTHER_RELEASE = "other-release"
    OTHER_FLOW = "other-flow"
    OTHER_ENVIRONMENT = "other-environment"
    OTHER_LABEL = "other-label"
    OTHER_VIEW = "other-view"

    AUTHORSHIP_MISSING = "authorship-missing"
    AUTHOR_UNKNOWN = "author-unknown"
    APPROVAL_MISSING = "approval-missing"
    APPROVAL_ROLE_MISSING = "approval-role-missing"
    APPROVED_TWICE = "approved-twice"
    AUTHOR_APPROVED = "author-approved"
    ACTIVATION_MISSING = "activation-missing"
    ACTIVATION_OLD = "activation-old"
    AUTHOR_ACTIVATED = "author-activated"
    APPROVER_ACTIVATED = "approver-activated"

    EXPIRED = "expired"
    NOT_YET_MADE = "not-yet-made"
    EPOCH_LOWER = "epoch-lower"
    REVOKED = "revoked"
    SET_ASIDE = "set-aside"

    MASTER_UNKNOWN = "master-unknown"
    ROW_REFUSED = "row-refused"

    BUILD_NOT_ACCEPTED = "build-not-accepted"
    POLICIES_NOT_ACCEPTED = "policies-not-accepted"
    POLICIES_DIFFER = "policies-differ"
    NODE_CHANGED = "node-changed"
    CONTENT_UNREADABLE = "content-unreadable"
    FINDING_HARD = "finding-hard"
    VERDICT_DIFFERS = "verdict-differs"
    LINEAGE_DIFFERS = "lineage-differs"
    FIELDS_DIFFER = "fields-differ"
    DIGEST_DIFFERS = "digest-differs"


class Refusal(NamedTuple):
    """A no, with its reason. Nothing of the refused material is used."""

    reason: Reason
    sentence: str


class Refused(Exception):
    """Carries a refusal up to the public function that answers with it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


def refuse(reason: Reason, sentence: str) -> NoReturn:
    raise Refused(Refusal(reason, sentence))


P = ParamSpec("P")
T = TypeVar("T")


def answering(check: Callable[P, T]) -> Callable[P, T | Refusal]:
    """``check`` with its refusal as an answer instead of an exception."""

    @functools.wraps(check)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T | Refusal:
        try:
            return check(*args, **kwargs)
        except Refused as refused:
            return refused.refusal

    return answer
