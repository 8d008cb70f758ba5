"""What an answer over HTTP means by its status alone: for every sink that posts that way."""

from __future__ import annotations

import datetime
import email.utils
from collections.abc import Mapping

from nodes.sink import Answer, Outcome, Settled

LONGEST_WAIT_S = 3600
_AGAIN = {
    408: ("answer-408", "The other side waited too long for the request."),
    429: ("answer-429", "The other side asks for a slower pace."),
}


def by_status(answer: Answer, now_ms: int) -> Outcome:
    """The meaning of a status that is no success: what may pass is tried again, the rest is held."""
    status = answer.status
    if status in _AGAIN or 500 <= status < 600:
        reason, sentence = _AGAIN.get(status, (f"answer-{status}", "The other side failed."))
        return Outcome(Settled.RETRY, reason, sentence, retry_after_s(answer.headers, now_ms))
    if 300 <= status < 400:
        return held(f"answer-{status}", "The service answers with another address, which is never followed.")
    return held(f"answer-{status}", f"The service refused the posting with status {status}.")


def held(reason: str, sentence: str) -> Outcome:
    """It waits for a person."""
    return Outcome(Settled.PARK, reason, f"{sentence} The posting is held; it can be replayed.")


def names_key(answer: Answer, key: str) -> bool:
    """Whether the answer's own header says that it is about ``key``."""
    return answer.headers.get("idempotency-key", "").strip().strip('"') == key


def retry_after_s(headers: Mapping[str, str], now_ms: int) -> int | None:
    """The wait that ``Retry-After`` asks for, in seconds or as a date, between 0 and one hour; None: nothing usable."""
    text = headers.get("retry-after", "").strip()
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        return 0 if text != digits else LONGEST_WAIT_S if len(digits) > 6 else min(int(digits), LONGEST_WAIT_S)
    try:
        date = email.utils.parsedate_to_datetime(text)
        wait = (date if date.tzinfo else date.replace(tzinfo=datetime.UTC)).timestamp() - now_ms / 1000
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(int(wait), 0), LONGEST_WAIT_S)
