"""Sessions: who is signed in with which browser. The browser holds a random value, the database its digest.

A session is made new at every sign-in, never taken over, and ends after some hours, after idling, at signing out, and
when the account changes. When it was last used is known to the process alone: a new start lets nobody idle longer
than the settings say.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sqlmodel import col, delete

from designer.accounts import Account, digest, roles_of, secret
from designer.context import Caller
from designer.models.people import PersonRow, SessionRow

if TYPE_CHECKING:
    from designer.context import Designer


class Seen:
    """When each session was last used. Only sessions that are there are remembered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: dict[str, float] = {}

    def idle(self, token: str, now: float) -> float:
        """Seconds since a session was used; 0 for one that this process has not met yet."""
        with self._lock:
            return now - self._at.get(token, now)

    def use(self, token: str, now: float, longest: float) -> None:
        """A session is used now. Those that nobody used for so ``longest`` are forgotten."""
        with self._lock:
            if token not in self._at:
                self._at = {each: at for each, at in self._at.items() if now - at <= longest}
            self._at[token] = now

    def forget(self, token: str) -> None:
        with self._lock:
            self._at.pop(token, None)


def begin(designer: Designer, account: Account, old: str | None) -> str:
    """Signs somebody in: gives the value for the browser. The session that the browser had before ends."""
    value = secret(designer)
    token = digest(value)
    with designer.database.change(account.person) as change:
        if old is not None:
            change.session.exec(delete(SessionRow).where(col(SessionRow.token) == digest(old)))
            change.after(lambda: designer.live.closed(digest(old)))
        longest = change.at_ms - designer.settings.session_hours * 3_600_000
        change.session.exec(delete(SessionRow).where(col(SessionRow.began_ms) <= longest))
        change.session.add(SessionRow(token=token, person=account.person, began_ms=change.at_ms))
        change.record("session.opened", person=account.person)
    return value


def find(designer: Designer, value: str | None, tab: str = "") -> Caller | None:
    """Who holds this value; None for nobody, or not any more."""
    if not value or len(value) > 100:
        return None
    token = digest(value)
    return by_token(designer, token, tab)


def by_token(designer: Designer, token: str, tab: str = "") -> Caller | None:
    """Who the session of this digest belongs to, if it still holds."""
    settings, now = designer.settings, designer.clock.monotonic()
    if designer.seen.idle(token, now) > settings.idle_minutes * 60:
        return None
    with designer.database.reading() as session:
        row = session.get(SessionRow, token)
        if row is None or designer.clock.now_ms() - row.began_ms > settings.session_hours * 3_600_000:
            return None
        person = session.get(PersonRow, row.person)
        if person is None or person.disabled:
            return None
    designer.seen.use(token, now, settings.session_hours * 3600)
    return Caller(person.id, person.name, roles_of(person), token, tab)


def close(designer: Designer, caller: Caller) -> None:
    """Signs somebody out."""
    with designer.database.change(caller.person) as change:
        change.session.exec(delete(SessionRow).where(col(SessionRow.token) == caller.session))
        change.record("session.closed", person=caller.person)
        change.after(lambda: designer.live.closed(caller.session))
    designer.seen.forget(caller.session)
