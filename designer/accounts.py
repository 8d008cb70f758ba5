"""Accounts: passwords as argon2 hashes, one-time tokens for the first one, and what guessing costs.

A try is counted before the password is looked at, so that guesses at the same moment count too. A name that nobody has
answers as slowly and in the same words as one that somebody has.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, delete, select

from designer.database import Change
from designer.errors import Conflict, NotSignedIn, NotThere, TooMany, Unfit
from designer.models.people import PersonRow, SessionRow
from flows.trust import Role

if TYPE_CHECKING:
    from designer.context import Caller, Designer
    from designer.http.models.session import AccountChange

TOKEN_HOURS = 72
FIRST_WAIT_MS = 1000
SYSTEM = "designer"
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")
_AT_ONCE = threading.BoundedSemaphore(2)  # each hash takes 64 MiB
_REMEMBERED = 10_000
_WRONG = "Name and password do not fit together, or the account is not in use."


class Account(NamedTuple):
    """Somebody who may sign in."""

    person: str
    name: str
    roles: tuple[Role, ...]
    state: str


class Invitation(NamedTuple):
    """An account with the token that sets its first password."""

    account: Account
    token: str


class Strangers:
    """How often names were tried that nobody has: they are held up like any other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def wait_until(self, name: str) -> int:
        with self._lock:
            return self._tries.get(name, (0, 0))[1]

    def count(self, name: str, at_ms: int, tries: int, locked_ms: int) -> None:
        with self._lock:
            wrong = self._tries.pop(name, (0, 0))[0] + 1
            self._tries[name] = (wrong, at_ms + held_ms(wrong, tries, locked_ms))
            while len(self._tries) > _REMEMBERED:
                self._tries.popitem(last=False)


def signing_in(designer: Designer, name: str, password: str) -> Account:
    """The account of somebody who knows its password; otherwise NotSignedIn, or TooMany for a while."""
    row = _counted(designer, name)
    good = _fits(row.password if row else None, password) and row is not None and not row.disabled
    if not good or row is None:
        raise NotSignedIn("wrong-password", _WRONG)
    with designer.database.change(row.id) as change:
        fresh = _row(change.session, row.id)
        fresh.wrong, fresh.wait_until_ms = 0, 0
        if fresh.password and _HASHER.check_needs_rehash(fresh.password):
            fresh.password = _hash(password)
        change.record("password.accepted", person=row.id)
        return _account(fresh, change.at_ms)


def setting_up(designer: Designer, token: str, password: str) -> Account:
    """The account of a one-time token, with its first password set; the token counts no longer."""
    hashed = _hash(password)
    with designer.database.change(SYSTEM) as change:
        found = select(PersonRow).where(PersonRow.token == digest(token))
        row = change.session.exec(found).first()
        if row is None or row.disabled or (row.token_until_ms or 0) <= change.at_ms:
            raise NotSignedIn("wrong-token", "This token was used already, or is too old: ask for a new one.")
        change.actor = row.id
        _check(row, password)
        row.password, row.token, row.token_until_ms, row.wrong, row.wait_until_ms = hashed, None, None, 0, 0
        change.record("password.set", person=row.id)
        return _account(row, change.at_ms)


def changing_password(designer: Designer, caller: Caller, old: str, new: str) -> None:
    """Sets another password for the one who asks. All other sessions of the person end."""
    row = _counted(designer, caller.person)
    if row is None or not _fits(row.password, old):
        raise Unfit("wrong-password", "The old password is not right.", "/old")
    _check(row, new)
    hashed = _hash(new)
    with designer.database.change(caller.person) as change:
        fresh = _row(change.session, caller.person)
        fresh.password, fresh.wrong, fresh.wait_until_ms = hashed, 0, 0
        end_sessions(designer, change, caller.person, but=caller.session)
        change.record("password.changed", person=caller.person)


def playing(designer: Designer, person: str) -> Account:
    """One of a demo's people. Only the guard's policy lets anybody come here, and only in a demo."""
    root = designer.trusted.root
    if not root.demo or person not in root.persons:
        raise NotThere("no-persona", "This demo has nobody of that name.")
    known = root.persons[person]
    with designer.database.change(person) as change:
        row = change.session.get(PersonRow, person)
        if row is None:
            row = PersonRow(id=person, name=known.name, roles=_spelt(known.roles), made_ms=change.at_ms)
            change.session.add(row)
        if row.disabled:
            raise NotSignedIn("disabled", "This account was disabled.")
        row.name, row.roles = known.name, _spelt(known.roles)
        change.record("persona.chosen", person=person)
        return _account(row, change.at_ms)


def everybody(designer: Designer) -> tuple[Account, ...]:
    """All accounts, by name."""
    with designer.database.reading() as session:
        rows = session.exec(select(PersonRow).order_by(PersonRow.name, PersonRow.id)).all()
        return tuple(_account(row, designer.clock.now_ms()) for row in rows)


def anybody(designer: Designer) -> bool:
    """Whether anybody has set a password yet."""
    with designer.database.reading() as session:
        return session.exec(select(PersonRow).where(col(PersonRow.password).is_not(None)).limit(1)).first() is not None


def names(session: Session, people: Iterable[str]) -> dict[str, str]:
    """What people are called; somebody without an account by the id."""
    wanted = list(dict.fromkeys(people))
    rows = session.exec(select(PersonRow).where(col(PersonRow.id).in_(wanted))).all()
    known = {row.id: row.name for row in rows}
    return {person: known.get(person, person) for person in wanted}


def invite(designer: Designer, caller: Caller, person: str, name: str, roles: tuple[Role, ...]) -> Invitation:
    """A new account, without a password until its person sets one."""
    with designer.database.change(caller.person) as change:
        return invited(designer, change, person, name, roles)


def invited(designer: Designer, change: Change, person: str, name: str, roles: tuple[Role, ...]) -> Invitation:
    """As ``invite``, within a change."""
    if change.session.get(PersonRow, person) is not None:
        raise Conflict("taken", f"'{person}' has an account already.", "/person")
    row = PersonRow(id=person, name=name, roles=_spelt(roles), made_ms=change.at_ms)
    change.session.add(row)
    change.record("person.invited", person=person)
    return _with_token(designer, row, change.at_ms)


def renew(designer: Designer, caller: Caller, person: str) -> Invitation:
    """A new one-time token. The old password counts no longer, and all sessions end."""
    with designer.database.change(caller.person) as change:
        row = _row(change.session, person)
        row.password = None
        end_sessions(designer, change, person)
        change.record("person.renewed", person=person)
        return _with_token(designer, row, change.at_ms)


def change(designer: Designer, caller: Caller, person: str, wanted: AccountChange) -> Account:
    """Another name, other roles, or an end. The last administrator stays one."""
    with designer.database.change(caller.person) as done:
        row = _row(done.session, person)
        loses = wanted.disabled or Role.ADMINISTRATOR not in wanted.roles
        if loses and not _other_administrators(done.session, person):
            raise Conflict("last-administrator", "Somebody must stay who can keep the accounts.")
        if wanted.disabled or _spelt(wanted.roles) != row.roles:
            end_sessions(designer, done, person)
        row.name, row.roles, row.disabled = wanted.name, _spelt(wanted.roles), wanted.disabled
        done.record("person.changed", person=person, reason="disabled" if wanted.disabled else row.roles)
        return _account(row, done.at_ms)


def end_sessions(designer: Designer, change: Change, person: str, *, but: str = "") -> None:
    """Ends the sessions of a person, and closes their sockets once that is committed."""
    change.session.exec(delete(SessionRow).where(col(SessionRow.person) == person, col(SessionRow.token) != but))
    change.after(lambda: designer.live.ended(person, but=but))


def held_ms(wrong: int, tries: int, locked_ms: int) -> int:
    """How long no further password is looked at after so many wrong ones: twice as long each time, then locked."""
    if wrong >= tries:
        return locked_ms
    return FIRST_WAIT_MS << (wrong - 2) if wrong >= 2 else 0


def digest(token: str) -> str:
    """What stands in the database of a secret that somebody else holds."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def secret(designer: Designer) -> str:
    """32 random bytes as text."""
    return base64.urlsafe_b64encode(designer.randomness.bytes(32)).rstrip(b"=").decode("ascii")


def _counted(designer: Designer, name: str) -> PersonRow | None:
    """The row of a name, with this try counted as a wrong one; TooMany while it has to wait."""
    settings = designer.settings
    locked_ms = settings.locked_minutes * 60_000
    with designer.database.reading() as session:
        known = session.get(PersonRow, name) is not None
    if not known:
        _hold(designer.strangers.wait_until(name), designer.clock.now_ms())
        designer.strangers.count(name, designer.clock.now_ms(), settings.tries, locked_ms)
        with designer.database.change(SYSTEM) as change:  # the name is not recorded: it may be a password
            change.record("password.tried", reason="no-account")
        return None
    with designer.database.change(name) as change:
        row = _row(change.session, name)
        _hold(row.wait_until_ms, change.at_ms)
        if row.wait_until_ms and row.wrong >= settings.tries:
            row.wrong = 0
        row.wrong += 1
        row.wait_until_ms = change.at_ms + held_ms(row.wrong, settings.tries, locked_ms)
        change.record("password.tried", person=name, count=row.wrong)
        change.session.flush()
        change.session.expunge(row)
        return row


def _hold(until_ms: int, at_ms: int) -> None:
    if at_ms < until_ms:
        seconds = (until_ms - at_ms + 999) // 1000
        raise TooMany("wait", f"Too many wrong passwords: wait {seconds} seconds, then try again.", seconds)


def _fits(hashed: str | None, password: str) -> bool:
    """Whether a password fits. Takes as long where there is none to fit."""
    with _AT_ONCE:
        try:
            _HASHER.verify(hashed or _NOBODY, password)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False
        return hashed is not None


def _hash(password: str) -> str:
    with _AT_ONCE:
        try:
            return _HASHER.hash(password)
        except UnicodeEncodeError:
            raise Unfit("no-text", "A password is text.", "/password") from None


def _check(row: PersonRow, password: str) -> None:
    if row.id in password.casefold() or row.name.casefold() in password.casefold():
        raise Unfit("weak-password", "A password does not hold the name of its person.", "/password")
    if len(set(password)) < 5:
        raise Unfit("weak-password", "A password has at least five different characters.", "/password")


def _with_token(designer: Designer, row: PersonRow, at_ms: int) -> Invitation:
    token = secret(designer)
    row.token, row.token_until_ms = digest(token), at_ms + TOKEN_HOURS * 3_600_000
    return Invitation(_account(row, at_ms), token)


def _row(session: Session, person: str) -> PersonRow:
    row = session.get(PersonRow, person)
    if row is None:
        raise NotThere("no-person", f"Nobody here is called '{person}'.")
    return row


def _other_administrators(session: Session, person: str) -> bool:
    rows = session.exec(select(PersonRow).where(PersonRow.id != person, col(PersonRow.disabled).is_(False)))
    return any(Role.ADMINISTRATOR in row.roles.split() for row in rows)


def _account(row: PersonRow, at_ms: int) -> Account:
    state = "active" if row.password else "new"
    if row.wait_until_ms - at_ms > 60_000:
        state = "locked"
    if row.disabled:
        state = "disabled"
    return Account(row.id, row.name, roles_of(row), state)


def roles_of(row: PersonRow) -> tuple[Role, ...]:
    """The roles of an account."""
    return tuple(Role(each) for each in row.roles.split())


def _spelt(roles: Iterable[Role]) -> str:
    return " ".join(sorted({str(role) for role in roles}))
