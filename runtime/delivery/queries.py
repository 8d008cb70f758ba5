"""Every query of delivery on its own tables, named. Whatever changes state here is audited in the same transaction."""

from __future__ import annotations

from typing import Final

# -- expansion ------------------------------------------------------------------------------------------------------

WAITING: Final = (
    "SELECT number, flow, source, release, received_ms, digest, label, data_key, payload FROM message"
    " WHERE expanded = 0 AND number > ? ORDER BY number LIMIT ?"
)
EXPANDED: Final = "UPDATE message SET expanded = 1, filtered = ? WHERE number = ?"
POSTING_LAST: Final = "SELECT coalesce(max(number), 0) FROM posting"
EXPANDED_LAST: Final = "SELECT coalesce(max(message), 0) FROM posting"
"""Messages are expanded by number: whatever waits at the start lies behind this one."""
POSTING_ADD: Final = (
    "INSERT INTO posting (number, message, release, item, connection, operation, step, lane, idempotency, state,"
    " snapshots, incident, data_key, body_digest, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
BUSINESS_KEY_ADD: Final = "INSERT OR IGNORE INTO business_key (day, hash, message) VALUES (?, ?, ?)"
LINE_ADD: Final = "INSERT INTO line (message, item, step, reason) VALUES (?, ?, ?, ?)"

# -- delivery -------------------------------------------------------------------------------------------------------

IN_FLIGHT: Final = (
    "SELECT p.number, p.message, p.release, coalesce(m.flow, ''), p.step, p.lane, p.idempotency, p.attempts,"
    " p.first_ms, p.next_ms, p.incident, p.data_key FROM posting p LEFT JOIN message m ON m.number = p.message"
    " WHERE p.state = 'in-flight' AND p.begun IS NULL AND p.number > ? ORDER BY p.number LIMIT ?"
)
BEGUN: Final = "UPDATE posting SET begun = ? WHERE number = ?"
BEGUN_BEFORE: Final = (
    "SELECT p.begun, p.number, p.message, p.release, coalesce(m.flow, ''), p.step, p.lane, p.idempotency,"
    " p.attempts, p.first_ms, p.next_ms, p.incident, p.data_key"
    " FROM posting p LEFT JOIN message m ON m.number = p.message"
    " WHERE p.state = 'in-flight' AND p.begun IS NOT NULL ORDER BY p.begun, p.number"
)
IN_FLIGHT_OF_RELEASE: Final = (
    "SELECT number, message, step, incident FROM posting WHERE state = 'in-flight' AND release = ? ORDER BY number"
)
RELEASES_IN_FLIGHT: Final = (
    "SELECT number, flow FROM release WHERE number IN"
    " (SELECT release FROM posting WHERE state = 'in-flight' UNION SELECT release FROM message WHERE expanded = 0)"
    " ORDER BY number"
)
BODY: Final = "SELECT item, connection, operation, body FROM posting WHERE number = ?"
DELIVERED: Final = (
    "UPDATE posting SET state = 'delivered', attempts = ?, first_ms = ?, status = ?, ended_ms = ?, body = NULL"
    " WHERE number = ?"
)
DEFERRED: Final = "UPDATE posting SET attempts = ?, first_ms = ?, next_ms = ?, status = ? WHERE number = ?"
PARKED: Final = (
    "UPDATE posting SET state = 'parked', attempts = ?, first_ms = ?, status = ?, incident = ? WHERE number = ?"
)
PARKED_AS_IT_IS: Final = "UPDATE posting SET state = 'parked', incident = ? WHERE number = ?"
HELD_LANES: Final = (
    "SELECT p.lane, min(p.number) FROM posting p JOIN message m ON m.number = p.message"
    " WHERE p.state = 'parked' AND m.flow = ? AND NOT EXISTS"
    " (SELECT 1 FROM incident i WHERE i.number = p.incident AND i.state = 'resolved') GROUP BY p.lane"
)
"""A held posting whose case somebody closed by hand holds nothing up."""
PARKED_IN_LANE: Final = (
    "SELECT p.number, p.release, m.flow FROM posting p JOIN message m ON m.number = p.message"
    " WHERE p.state = 'parked' AND p.lane = ? AND NOT EXISTS"
    " (SELECT 1 FROM incident i WHERE i.number = p.incident AND i.state = 'resolved') ORDER BY p.number"
)
EMPTY_CASES: Final = (
    "SELECT i.number FROM incident i WHERE i.state = 'open' AND i.message IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM posting p WHERE p.message = i.message AND p.incident = i.number"
    " AND p.state IN ('parked', 'in-flight'))"
)
"""Open cases that hold no line: whoever moved their lines to another case was interrupted, or forgot them."""

# -- releases -------------------------------------------------------------------------------------------------------

RELEASE_OF_DIGEST: Final = "SELECT number, sequence, ended_ms FROM release WHERE digest = ?"
RELEASE: Final = "SELECT flow, digest, sequence, bundle FROM release WHERE number = ?"
RELEASE_ADD: Final = (
    "INSERT INTO release (digest, flow, sequence, bundle, activated_ms) VALUES (?, ?, ?, ?, ?) RETURNING number"
)
RELEASE_AGAIN: Final = "UPDATE release SET sequence = ?, bundle = ?, activated_ms = ?, ended_ms = NULL WHERE number = ?"
RELEASES_OVER: Final = "UPDATE release SET ended_ms = ? WHERE flow = ? AND number <> ? AND ended_ms IS NULL"
RELEASE_OVER: Final = "UPDATE release SET ended_ms = ? WHERE flow = ? AND ended_ms IS NULL"
LAST_OF_FLOW: Final = "SELECT number, digest, sequence FROM release WHERE flow = ? ORDER BY sequence DESC LIMIT 1"

# -- refused frames -------------------------------------------------------------------------------------------------

REFUSALS: Final = (
    "SELECT number, flow, source, digest, reason, place, answer FROM refusal WHERE number > ? ORDER BY number LIMIT ?"
)
REFUSALS_SEEN: Final = "refusals-seen"
"""Name in meta: the last refusal that has become a case."""
