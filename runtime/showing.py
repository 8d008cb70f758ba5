"""Looking into one stored message or body: which fields it has, and the value of one, for a reason that is recorded.

This is the only way by which a payload value leaves the runtime other than to its sink. The audit record is durable
before the value is handed over; where it cannot be written, nothing is shown.
"""

from __future__ import annotations

from typing import Final

import msgspec

from flows.paths import PathError, Selector, parse
from flows.values import Absent, Value
from nodes.formats.plain import PlainRecord
from nodes.leaves import kind_of, leaves, type_of
from nodes.record import Envelope, Record
from runtime.crypto import Unreadable, about_message, about_posting
from runtime.delivery.engine import Engine
from runtime.delivery.running import Running
from runtime.journal.keys import DataKeys, NoDataKey
from runtime.journal.reader import Reader
from runtime.questions.reveal import AskReveal, AskShape, Revealed, Shape
from runtime.wire import Refused

MOST_PLACES, MOST_VALUES, LONGEST_VALUE = 5_000, 20, 4_000
TOO_SHORT = 3
"""A value of fewer letters stands in any sentence by chance."""

MESSAGE: Final = (
    "SELECT flow, source, release, received_ms, label, digest, data_key, payload FROM message WHERE number = ?"
)
BODY: Final = (
    "SELECT p.body, p.data_key, r.digest, p.step, p.connection, p.operation, p.item, p.lane, p.idempotency"
    " FROM posting p LEFT JOIN release r ON r.number = p.release WHERE p.number = ? AND p.message = ?"
)

_DECODER = msgspec.json.Decoder(float_hook=str)
_GONE = Refused(
    refused="not-shown",
    sentence="The stored bytes are gone: their period was destroyed, or they were delivered and not kept.",
)
_CHANGED = Refused(
    refused="not-shown",
    sentence="The stored bytes do not open where they stand: somebody changed their row in the journal.",
)


class Showing:
    """Opens one message or body at a time, in the process that holds the keys."""

    def __init__(self, engine: Engine, data_keys: DataKeys) -> None:
        self._engine, self._data_keys = engine, data_keys
        self._reader: Reader = engine.journal.reader()

    def shape(self, asked: AskShape) -> Shape | Refused:
        """The places that hold a value, and nothing of the values."""
        record = self._record(asked.message, asked.posting)
        if isinstance(record, Refused):
            return record
        paths = [leaf.path for leaf in leaves(record)]
        return Shape(
            format=kind_of(record),
            type=type_of(record),
            places=tuple(paths[:MOST_PLACES]),
            more=max(0, len(paths) - MOST_PLACES),
        )

    def reveal(self, asked: AskReveal, uid: int) -> Revealed | Refused:
        """The values of one field. What is asked for is recorded, also where it is refused."""
        try:
            selector = parse(asked.path)
        except PathError as error:
            return Refused(refused="not-shown", sentence=error.sentence)
        if selector.form == "hl7" and selector.field is None:
            return Refused(refused="not-shown", sentence="Name one field, such as PID-5.1: one is shown at a time.")
        record = self._record(asked.message, asked.posting)
        if isinstance(record, Refused):
            return record
        values = _texts(record, selector)
        told = any(len(value) >= TOO_SHORT and value.casefold() in asked.reason.casefold() for value in values)
        seq = self._note(asked, uid, len(values), told)
        if told:
            return Refused(
                refused="not-shown", sentence="The reason holds the value itself: say why in words without it."
            )
        shown = tuple(value[:LONGEST_VALUE] for value in values[:MOST_VALUES])
        return Revealed(path=asked.path, values=shown, more=len(values) - len(shown), seq=seq)

    def _note(self, asked: AskReveal, uid: int, count: int, told: bool) -> int:
        """What was typed for a path where nothing stands may be anything, a patient's number too: it is not kept."""
        with self._engine.journal.write() as transaction:
            seq = transaction.next_seq
            transaction.audit(
                "field.withheld" if told else "field.revealed", message=asked.message, posting=asked.posting,
                place=asked.path if count else None, actor=f"{asked.actor}/uid-{uid}",
                reason=None if told else asked.reason, count=count,
            )  # fmt: skip
        return seq

    def _record(self, message: int, posting: int | None) -> Record | Refused:
        row = self._reader.row(MESSAGE, (message,))
        if row is None:
            return Refused(refused="no-such-message", sentence=f"There is no message {message}.")
        flow, source, release, received_ms, label, digest, data_key, sealed = row
        envelope = Envelope(message, flow, source, received_ms, (), "", label)
        if posting is not None:
            return self._body(message, posting, envelope)
        by = self._engine.releases.of(release, flow)
        if not isinstance(by, Running):
            return Refused(refused="not-shown", sentence=f"Its release cannot be read any more: {by.sentence}")
        try:
            about = about_message(message, flow, source, by.release.digest, received_ms, label, digest)
            payload = self._data_keys.numbered(self._reader, data_key).open(sealed, about)
            return by.plan.source.tree(payload, envelope)
        except NoDataKey:
            return _GONE
        except Unreadable:
            return _CHANGED
        except Exception as error:  # noqa: BLE001 - a message that its own source cannot read waits as a case
            return Refused(refused="not-shown", sentence=f"The message cannot be read ({type(error).__name__}).")

    def _body(self, message: int, posting: int, envelope: Envelope) -> Record | Refused:
        row = self._reader.row(BODY, (posting, message))
        if row is None:
            return Refused(refused="no-such-message", sentence=f"Message {message} has no posting {posting}.")
        sealed, data_key, *belongs = row
        if sealed is None:
            return _GONE
        try:
            about = about_posting(posting, message, *belongs)
            body = self._data_keys.numbered(self._reader, data_key).open(sealed, about)
            return PlainRecord(_fields(_DECODER.decode(body)), envelope)
        except (NoDataKey, msgspec.MsgspecError):
            return _GONE
        except Unreadable:
            return _CHANGED


def _texts(record: Record, selector: Selector) -> list[str]:
    return [_text(value) for value in record.every(selector)]


def _text(value: Value) -> str:
    if isinstance(value, Absent):
        return '""'
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else "(several fields)"


def _fields(body: object) -> dict[str, Value]:
    """A body's members as a record has them: numbers as text."""
    return {name: _value(value) for name, value in body.items()} if isinstance(body, dict) else {}


def _value(value: object) -> Value:
    if isinstance(value, dict):
        return {name: _value(each) for name, each in value.items()}
    if isinstance(value, list):
        return tuple(_value(each) for each in value)
    return value if isinstance(value, bool | str) else str(value)
