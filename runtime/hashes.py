"""The keyed hashes of one flow's messages: lanes, business keys and idempotency keys, with all that every message
shares worked in once.
"""

from __future__ import annotations

from flows.paths import Selector
from flows.values import Absent, Value
from nodes.record import Record
from runtime.crypto import Mac, keyed, sized
from runtime.expansion import LONGEST_KEY, MOST_KEYS, Keys, spelled


class Hashes:
    """What a plan makes of values that stand in the journal as hashes alone."""

    def __init__(self, keys: Keys, flow: str) -> None:
        name = flow.encode()
        self._keys, self._flow = keys, name
        self._lanes = Mac(keys.lane, sized(name, b"key"))
        self._business = Mac(keys.lane, sized(name, b"business"))
        self._postings = Mac(keys.idempotency, sized(name))
        self._by_source: dict[str, tuple[bytes, Mac]] = {}

    def lane(self, source: str, ordering: Value) -> bytes:
        """Of the ordering key's value where the message has one, else of its source."""
        if isinstance(ordering, str) and not isinstance(ordering, Absent) and 0 < len(ordering) < LONGEST_KEY:
            return self._lanes.of(sized(ordering.encode("utf-8", "surrogatepass")))
        return self._of_source(source)[0]

    def business_keys(self, record: Record, selectors: tuple[Selector, ...]) -> tuple[bytes, ...]:
        """What the message can be found by: each value at its flow's business keys, once."""
        found: dict[bytes, None] = {}
        for selector in selectors:
            for value in record.every(selector)[:MOST_KEYS]:
                if isinstance(value, str) and 0 < len(value) < LONGEST_KEY:
                    found[self._business.of(sized(spelled(value)))[:16]] = None
        return tuple(found)

    def message(self, source: str, identity: tuple[str, ...], digest: bytes) -> Mac:
        """Where the idempotency keys of a message's postings go on from."""
        parts = [part.encode("utf-8", "surrogatepass") for part in identity]
        return self._of_source(source)[1].then(sized(*parts, digest))

    def _of_source(self, source: str) -> tuple[bytes, Mac]:
        known = self._by_source.get(source)
        if known is None:
            lane = keyed(self._keys.lane, self._flow, b"source", source.encode())
            known = self._by_source[source] = lane, self._postings.then(sized(source.encode()))
        return known
