"""Watches the release store: whoever looks at a review is told when somebody has signed, and when it is live.

The desk writes into the store; nobody tells the designer. A look costs the names of a few folders.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from designer import releases, reviews, shadows, versions
from designer.faults import reference
from designer.http.models.live import InboxHint, ReviewHint
from flows.trust import Role

if TYPE_CHECKING:
    from designer.context import Designer

EVERY_S = 1.0
_Mark = tuple[tuple[str, ...], bool]


class Watch:
    """A thread of its own; it ends with the process."""

    def __init__(self, designer: Designer) -> None:
        self._designer = designer
        self._stop = threading.Event()
        self._seen: dict[str, _Mark] = {}

    def start(self) -> None:
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            try:
                self.look()
                shadows.run_unasked(self._designer)
            except Exception as error:  # noqa: BLE001 - one bad look must not be the last
                reference(error)

    def look(self) -> None:
        """Compares the store with the last look."""
        running = versions.live(self._designer)
        watched = reviews.watched(self._designer)
        self._seen = {review: self._seen[review] for review, _, _ in watched if review in self._seen}
        for review, release, flow in watched:
            live = flow in running and running[flow].release == release
            mark = (releases.mark(self._designer, release), live)
            before = self._seen.get(review)
            self._seen[review] = mark
            if live and self._holds(release):
                reviews.settle(self._designer, review)
            if before is not None and before != mark:
                hint = ReviewHint(id=review, flow=flow, sentence=_sentence(before, mark))
                self._designer.live.everybody("review", hint)
                self._tell_operators(review, release)

    def _tell_operators(self, review: str, release: str) -> None:
        """An approved release waits for whoever may activate it."""
        known = releases.manifest_of(self._designer, release)
        standing = releases.standing(self._designer, release, known)
        if not standing.approved or standing.sequence is not None:
            return
        hint = InboxHint(
            what="release", id=review, sentence=f"'{known.flow['name']}' is approved and may be activated."
        )
        for person, each in self._designer.trusted.root.persons.items():
            if Role.OPERATOR in each.roles:
                self._designer.live.inbox(person, hint)

    def _holds(self, release: str) -> bool:
        """Whether the activation that lies in the store was signed by somebody who may."""
        known = releases.manifest_of(self._designer, release)
        return releases.standing(self._designer, release, known).sequence is not None


def _sentence(before: _Mark, now: _Mark) -> str:
    if now[1] and not before[1]:
        return "It is live."
    return "Somebody signed." if len(now[0]) > len(before[0]) else "It changed in the release store."
