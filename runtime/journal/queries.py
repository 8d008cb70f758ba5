"""Every query on the journal, named, in sections by owner. Append-only tables have no update here."""

from __future__ import annotations

from typing import Final

# -- the journal itself ---------------------------------------------------------------------------------------------

META: Final = "SELECT value FROM meta WHERE name = ?"
SET_META: Final = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
DISTURBED: Final = "disturbed"
"""Name in meta: when a file of the journal was last taken away while it was open, and which."""
IS_JOURNAL: Final = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'"
TABLES: Final = "SELECT count(*) FROM sqlite_schema"

# -- audit: append-only ---------------------------------------------------------------------------------------------

AUDIT_TAIL: Final = "SELECT first + count, head FROM audit WHERE writer = ? ORDER BY first DESC LIMIT 1"
AUDIT_APPEND: Final = "INSERT INTO audit (writer, first, count, records, head, mac) VALUES (?, ?, ?, ?, ?, ?)"
AUDIT_ROWS: Final = "SELECT first, count, records, head FROM audit WHERE writer = ? AND first >= ? ORDER BY first"
"""As flows.audit.verify takes them."""
AUDIT_WRITERS: Final = "SELECT DISTINCT writer FROM audit ORDER BY writer"
CHECKPOINT_ADD: Final = "INSERT INTO checkpoint (made_ms, envelope) VALUES (?, ?)"
CHECKPOINTS: Final = "SELECT number, made_ms, envelope FROM checkpoint ORDER BY number"

# -- data keys ------------------------------------------------------------------------------------------------------

DATA_KEY_OF_PERIOD: Final = "SELECT number, wrapped FROM data_key WHERE flow = ? AND period = ?"
DATA_KEY: Final = "SELECT flow, period, wrapped FROM data_key WHERE number = ?"
DATA_KEY_ADD: Final = "INSERT INTO data_key (flow, period, wrapped) VALUES (?, ?, ?) RETURNING number"
DATA_KEYS: Final = "SELECT number, flow, period FROM data_key ORDER BY number"
DATA_KEYS_IN_USE: Final = (
    "SELECT data_key FROM message WHERE expanded = 0 UNION SELECT data_key FROM posting WHERE state = 'in-flight'"
    " UNION SELECT p.data_key FROM posting p JOIN incident i ON i.number = p.incident WHERE p.state = 'parked'"
    " AND i.state = 'open'"
)
"""Those of messages that are not done with: each part walks an index of what is open. What is held in a case that
somebody closed by hand is done with."""
WIPE: Final = "PRAGMA secure_delete = ON"
"""What is deleted from now on is overwritten in the file."""
WIPE_NO_MORE: Final = "PRAGMA secure_delete = OFF"
DATA_KEY_SHRED: Final = "DELETE FROM data_key WHERE number = ?"

# -- intake: message, refusal, tally --------------------------------------------------------------------------------

MESSAGE_LAST: Final = "SELECT coalesce(max(number), 0) FROM message"
MESSAGE_WAITING: Final = (
    "SELECT coalesce((SELECT min(number) FROM message WHERE expanded = 0), (SELECT max(number) + 1 FROM message), 1),"
    " coalesce((SELECT max(number) FROM message WHERE expanded = 0), (SELECT max(number) FROM message), 0)"
)
"""The first and the last message that wait for delivery; where none does, first is last + 1."""
MESSAGE_KIN: Final = "SELECT 1 FROM message WHERE twin BETWEEN ? AND ? LIMIT 1"
"""Whether any message of this source carried this identity: from identity || 00.. to identity || ff.."""
MESSAGE_TWIN: Final = (
    "SELECT number, received_ms FROM message WHERE twin = ? AND digest = ? AND received_ms > ?"
    " ORDER BY number DESC LIMIT 1"
)
"""The message that these very bytes were, if it came after the given time."""
MESSAGE_ADD: Final = (
    "INSERT INTO message (number, flow, source, release, received_ms, twin, digest, label, answer, filtered,"
    " expanded, data_key, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
REFUSAL_ADD: Final = (
    "INSERT INTO refusal (flow, source, received_ms, digest, size, reason, place, answer)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
TALLY_ADD: Final = (
    "INSERT INTO tally (flow, source, received, repeated, conflicts) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (flow, source) DO UPDATE SET received = received + excluded.received,"
    " repeated = repeated + excluded.repeated, conflicts = conflicts + excluded.conflicts"
)
