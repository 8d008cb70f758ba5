"""How a node ends a record: with a reason, for the person who must act."""

from __future__ import annotations

from enum import StrEnum


class Stopped(StrEnum):
    """How a record can end before a sink. A parked one waits for a person; the others are counted with reason."""

    PARK = "park"
    FILTER = "filter"
    REJECT_LINE = "reject-line"


class Stop(Exception):
    """Ends this record. ``reason`` is a code; ``sentence`` is for the person who must act and holds no payload value.

    ``subject`` are the payload values that the cause hangs on, such as the key that a master lacks: the runtime keeps
    their HMAC (to group cases and to find those that a new row would release). ``reads`` are the selectors at which
    they stand, in the same order ("" for a value that a master gave): only where lineage says that all of these are
    operational data, S1 at most, are they kept, sealed, for the stewards of ``master``.
    """

    def __init__(
        self,
        how: Stopped,
        reason: str,
        sentence: str,
        *,
        place: str = "",
        master: str = "",
        subject: tuple[str, ...] = (),
        reads: tuple[str, ...] = (),
    ) -> None:
        super().__init__(sentence)
        self.how, self.reason, self.sentence = how, reason, sentence
        self.place, self.master, self.subject, self.reads = place, master, subject, reads
