"""Listeners: one a flow, opened and closed by activation, held back while delivery is behind."""

from __future__ import annotations

import asyncio
from collections import Counter

from runtime.channel import log
from runtime.intake.arrival import Twins
from runtime.intake.recorder import Recorder
from runtime.intake.source import Connection, Plan
from runtime.world import Listener, Network

BEHIND = 2048
"""Messages that may wait for delivery before intake stops reading."""
CROWDED_S = 60.0
"""How often it is said that all places of a listener are taken."""


class FlowListener:
    """The listening socket of one flow with its connections, all reading by the plan of the newest release."""

    def __init__(self, plan: Plan, twins: Twins, recorder: Recorder, held: bool) -> None:
        self.plan, self.twins, self.recorder = plan, twins, recorder
        self._connections: set[Connection] = set()
        self._held = held
        self._socket: Listener | None = None
        self._told = -CROWDED_S

    async def open(self, network: Network) -> None:
        plan = self.plan
        self._socket = await network.listen(plan.host, plan.port, lambda: plan.carrier.protocol(self), plan.tls)

    @property
    def address(self) -> str:
        return f"{self.plan.host}:{self._socket.port if self._socket else 0}"

    def renew(self, plan: Plan) -> None:
        """Frames that end from now on belong to the newer release."""
        self.plan = plan
        for connection in self._connections:
            connection.renew(plan)

    def hold(self, held: bool) -> None:
        self._held = held
        for connection in self._connections:
            connection.hold(held)

    def close(self) -> None:
        """No new connections, no new frames; what was read is still answered."""
        if self._socket:
            self._socket.close()
        for connection in tuple(self._connections):
            connection.retire()

    @property
    def quiet(self) -> bool:
        """No connection is left."""
        return not self._connections

    # -- for connections ----------------------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> bool:
        if self._socket is None or not self._room():
            return False
        self._connections.add(connection)
        if self._held:
            connection.hold(True)
        return True

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)

    def _room(self) -> bool:
        """Whether one more may come in; where all places are taken, a silent one is ended to make room.

        Else whoever opens them all and says nothing shuts every sender out. It goes by whose connections are most, then
        by who never sent anything, then by the longest silence; a sender that is ended so loses nothing and comes back.
        """
        if len(self._connections) < self.plan.limits.connections:
            return True
        crowd = Counter(each.peer for each in self._connections)
        idle = [
            (crowd[each.peer], not since[0], -since[1], each)
            for each in self._connections
            if (since := each.idle_since())
        ]
        if not idle:
            return False
        crowded = max(idle, key=lambda each: each[:3])[3]
        self._connections.discard(crowded)
        crowded.retire()
        self._tell()
        return True

    def _tell(self) -> None:
        """Says so, once a minute at most."""
        now = asyncio.get_running_loop().time()
        if now >= self._told + CROWDED_S:
            self._told = now
            log("intake.crowded", flow=self.plan.flow, connections=self.plan.limits.connections)


class Listeners:
    """All listeners of this process."""

    def __init__(self, network: Network, twins: Twins, recorder: Recorder, waiting: tuple[int, int]) -> None:
        """``waiting``: numbers of the first and the last message that delivery has not expanded yet."""
        self._network, self._twins, self._recorder = network, twins, recorder
        self._by_flow: dict[str, FlowListener] = {}
        self._closing: list[FlowListener] = []
        self._expanded, self._last = waiting[0] - 1, waiting[1]
        self._held = self._behind() > BEHIND

    async def activate(self, plan: Plan) -> str:
        """Opens the flow's listener, or hands the newer plan to the one that is open. Gives its address."""
        known = self._by_flow.get(plan.flow)
        if known is not None and _place(known.plan) == _place(plan):
            known.renew(plan)
            return known.address
        if known is not None and _address(known.plan) == _address(plan):
            self.deactivate(plan.flow)  # another protocol on the same port
            known = None
        fresh = FlowListener(plan, self._twins, self._recorder, self._held)
        await fresh.open(self._network)
        self._by_flow[plan.flow] = fresh
        if known is not None:
            self._close(known)
        return fresh.address

    def deactivate(self, flow: str) -> None:
        """Closes the flow's listener, if it is open."""
        listener = self._by_flow.pop(flow, None)
        if listener is not None:
            self._close(listener)

    def close(self) -> None:
        """Closes every listener."""
        for flow in tuple(self._by_flow):
            self.deactivate(flow)

    async def closed(self, seconds: float) -> None:
        """Waits until the connections of closed listeners have their last answers, or the seconds are over."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not all(listener.quiet for listener in self._closing) and loop.time() < until:
            await asyncio.sleep(0.01)

    def committed(self, number: int) -> None:
        """The last message that waits for delivery."""
        self._last = number
        if not self._held and self._behind() > BEHIND:
            self._hold(True)

    def expanded(self, through: int) -> None:
        """Delivery has expanded every message up to this number."""
        self._expanded = max(self._expanded, through)
        if self._held and self._behind() <= BEHIND // 2:
            self._hold(False)

    def _close(self, listener: FlowListener) -> None:
        self._closing = [each for each in self._closing if not each.quiet] + [listener]
        listener.close()

    def _behind(self) -> int:
        return self._last - self._expanded

    def _hold(self, held: bool) -> None:
        self._held = held
        for listener in self._by_flow.values():
            listener.hold(held)


def _place(plan: Plan) -> tuple[object, ...]:
    return *_address(plan), plan.tls is None, plan.carrier


def _address(plan: Plan) -> tuple[str, int]:
    return plan.host, plan.port
