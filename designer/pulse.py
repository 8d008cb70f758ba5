"""The pulse: once a second, the counters of every flow that somebody looks at."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from designer import operating
from designer.faults import reference
from designer.http.models.live import FlowHint

if TYPE_CHECKING:
    from designer.context import Designer

EVERY_S = 1.0


class Pulse:
    """A thread of its own; it ends with the process."""

    def __init__(self, designer: Designer) -> None:
        self._designer = designer
        self._stop = threading.Event()
        self._last: dict[str, tuple[object, str]] = {}

    def start(self) -> None:
        threading.Thread(target=self._run, name="pulse", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            try:
                self.beat()
            except Exception as error:  # noqa: BLE001 - one bad beat must not be the last
                reference(error)

    def beat(self) -> None:
        """Tells who looks what changed since the last time."""
        flows = self._designer.live.followed("flow")
        self._last = {flow: seen for flow, seen in self._last.items() if flow in flows}
        if not flows:
            return
        counted, states = operating.counters(self._designer), operating.states(self._designer) or {}
        for flow in flows:
            counters, live = counted.get(flow), states.get(flow)
            state = live.state if live else "stopped"
            if self._last.get(flow) != (counters, state):
                self._last[flow] = (counters, state)
                hint = FlowHint(id=flow, at=self._designer.clock.now_ms(), counters=counters, state=state)
                self._designer.live.flow(flow, hint)
