"""Listeners: one a flow, opened and closed by activation, held back while delivery is behind."""

from __future__ import annotations

import asyncio
import errno
import os
from collections import Counter

from runtime.channel import log
from runtime.intake.arrival import Twins
from runtime.intake.recorder import Recorder
from runtime.intake.shown import CannotListen
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
        await self._open(fresh, known)
        self._by_flow[plan.flow] = fresh
        if known is not None:
            self._close(known)
        return fresh.address

    async def _open(self, fresh: FlowListener, known: FlowListener | None) -> None:
        holder = next((each for each in self._by_flow.values() if _meet(each.plan, fresh.plan)), None)
        if holder is not None and holder is not known:
            raise CannotListen("listen", cannot_listen(fresh.plan, known, f"flow '{holder.plan.flow}' listens there"))
        try:
            await fresh.open(self._network)
        except OSError as error:
            raise CannotListen("listen", cannot_listen(fresh.plan, known, why(error))) from None

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


def why(error: OSError) -> str:
    """Why a listener could not be opened, in words."""
    match error.errno:
        case errno.EADDRINUSE:
            return "another program on this machine listens there"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address"
        case errno.EACCES | errno.EPERM:
            return "this machine does not let the runtime listen there"
        case number if number is not None and number > 0:
            return f"the system says: {os.strerror(number).lower()}"
        case _:
            return "nobody knows an address of that name"  # a resolver's numbers are below zero


def cannot_listen(plan: Plan, known: FlowListener | None, why: str) -> str:
    """What happened, what became of messages, and what to do."""
    meanwhile = (
        f"What ran before goes on at {known.address}."
        if known is not None
        else "It took nothing in, so nothing is lost: senders keep their messages and send them again."
    )
    return (
        f"'{plan.flow}' cannot listen at {plan.host}:{plan.port} (connection '{plan.connection}'): {why}. {meanwhile} "
        "Free that address, or activate a version that listens at another one; it is tried again by itself."
    )


def _meet(one: Plan, other: Plan) -> bool:
    """Whether both listen at one address. Port 0 is whichever is free."""
    return one.port != 0 and _address(one) == _address(other)


def _place(plan: Plan) -> tuple[object, ...]:
    return *_address(plan), plan.tls is None, plan.carrier


def _address(plan: Plan) -> tuple[str, int]:
    return plan.host, plan.port
