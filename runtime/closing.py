"""Closing a case by hand: somebody says why what it holds is not posted any more, and the record has it.

Nothing is thrown away: the message stays as long as its retention says, and what is held stays held, as the record of
what was not posted. A key that waited for it goes on. A case of which a posting is on its way is not closed.
"""

from __future__ import annotations

from typing import Final

from runtime.delivery.engine import Engine
from runtime.journal.reader import Reader
from runtime.questions.cases import AskClose, Closed

CASE: Final = "SELECT state, flow FROM incident WHERE number = ?"
ON_ITS_WAY: Final = "SELECT 1 FROM posting WHERE incident = ? AND state = 'in-flight' LIMIT 1"
LANES: Final = "SELECT DISTINCT lane FROM posting WHERE incident = ? AND state = 'parked'"
CLOSE: Final = "UPDATE incident SET state = 'resolved', resolved_ms = ? WHERE number = ? AND state = 'open'"
NOTE: Final = "INSERT INTO replay (incident, posting, actor, asked_ms, outcome) VALUES (?, NULL, ?, ?, 'closed')"


class Closing:
    """Closes one case at a time, in the process that keeps cases."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader: Reader = engine.journal.reader()

    def close(self, asked: AskClose, uid: int) -> Closed:
        """Resolves the case with a reason; says so where there is nothing to close."""
        row = self._reader.row(CASE, (asked.case,))
        if row is None:
            return Closed(outcome="nothing-to-do", sentence=f"There is no case {asked.case}.")
        state, flow = row
        if state != "open":
            return Closed(outcome="nothing-to-do", sentence=f"Case {asked.case} is resolved already.")
        if self._reader.row(ON_ITS_WAY, (asked.case,)) is not None:
            said = f"A line of case {asked.case} is on its way: wait for what becomes of it."
            return Closed(outcome="on-its-way", sentence=said)
        lanes = [lane for (lane,) in self._reader.rows(LANES, (asked.case,))]
        actor = f"{asked.actor}/uid-{uid}"
        with self._engine.journal.write() as transaction:
            transaction.run(CLOSE, (transaction.now_ms, asked.case))
            transaction.run(NOTE, (asked.case, actor, transaction.now_ms))
            transaction.audit("case.closed", incident=asked.case, flow=flow, actor=actor, reason=asked.reason)
        for lane in lanes:
            self._engine.let_go(lane)
        return Closed(outcome="closed", sentence=f"Case {asked.case} is closed: what it held is not posted.")
