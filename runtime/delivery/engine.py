"""The heart of delivery: one turn commits what attempts came to and expands what waits, then sends what may go.

A turn runs whenever there is something to do, so batches form by themselves under load and a lone message never waits.
A posting is committed before its first byte is sent. Nothing is ever kept in memory that the journal does not hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from flows.environment import Connection
from runtime.cases import open_case, open_refusal, resolve_if_over
from runtime.channel import Activate, Said, log
from runtime.connections import Vendor, vendor_of
from runtime.crypto import Unreadable, about_posting
from runtime.delivery import outcomes, queries
from runtime.delivery.attempts import Decision, Delivered, Park
from runtime.delivery.carriers import Link, open_link
from runtime.delivery.expander import TAMPERED, Expander, Ready, Written
from runtime.delivery.outcomes import Settled
from runtime.delivery.releases import Releases
from runtime.delivery.route import WINDOW, Load, Route, Waiting
from runtime.delivery.running import Barred, Running
from runtime.expansion import Keys, Parked
from runtime.journal import queries as journal_queries
from runtime.journal.errors import DiskFull, JournalBroken
from runtime.journal.keys import DataKeys, NoDataKey
from runtime.journal.reader import Row
from runtime.journal.store import Journal
from runtime.journal.transaction import Transaction
from runtime.secrets import FileSecrets
from runtime.throttle import Gate
from runtime.world import World

LOOK_S = 0.25
"""How often the journal is looked at without being woken."""
FULL_S = 1.0
"""How long to wait after a full disk."""
REFILL = 500
GATHER_S, GATHER_MOST = 0.005, 64
"""Deliveries wait so long for the next commit to take them along, unless so many wait: nothing hangs on them but the
record. Until then a crash sends them again, under the key that the system knows."""


TAMPERED_POSTING = Park(
    TAMPERED,
    "The stored posting does not open where it stands: its row in the journal was changed, or it was put there from"
    " elsewhere. Nothing of it was sent; other postings go on. Find out who writes in the data folder, and ask at the"
    " other side before you replay.",
    None,
)


class Routes:
    """One route a vendor, shared by every flow and release that posts there."""

    def __init__(self, world: World, secrets: FileSecrets, made: Callable[[Link, Gate], Route]) -> None:
        self._world, self._secrets, self._made = world, secrets, made
        self._by_vendor: dict[tuple[Vendor, str], Route] = {}

    def to(self, name: str, connection: Connection, carrier: str) -> Route:
        """The route to a connection by the carrier that its sink names."""
        vendor = vendor_of(name, connection), carrier
        route = self._by_vendor.get(vendor)
        if route is None:
            link = open_link(carrier, name, connection, self._secrets, self._world)
            route = self._made(link, Gate(connection.throttle, self._world.clock.monotonic()))
            self._by_vendor[vendor] = route
        else:
            route.gate.take(connection.throttle)
        return route

    def __iter__(self) -> Any:
        return iter(tuple(self._by_vendor.values()))


class Engine:
    """Expands, sends and keeps the books. The only owner of the write connection of this process."""

    def __init__(
        self,
        world: World,
        journal: Journal,
        data_keys: DataKeys,
        keys: Keys,
        expanded: Callable[[int], None],
        broken: Callable[[JournalBroken], None],
    ) -> None:
        """``expanded`` hears the number through which all messages are expanded; ``broken`` ends the process."""
        self._world, self.journal, self._data_keys, self._keys = world, journal, data_keys, keys
        self._expanded, self._broken = expanded, broken
        self._reader = journal.reader()
        self._settled: list[Settled] = []
        self._begun: list[tuple[Load, Callable[[], None]]] = []
        self._scheduled = self._draining = self._full = self._ballast_out = False
        self._gathering: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._looking = True
        """Refused frames are looked for: they are in no hurry."""
        row = self._reader.row(journal_queries.META, (queries.REFUSALS_SEEN,))
        self._refusals_seen = int(row[0]) if row else 0
        self.routes: Routes
        self.releases: Releases
        self.expander: Expander

    def begin(self, routes: Routes, releases: Releases, expander: Expander) -> None:
        """Takes up what a former life left, and looks for work from now on."""
        self.routes, self.releases, self.expander = routes, releases, expander
        self._resume()
        self._look()

    def route(self, link: Link, gate: Gate) -> Route:
        return Route(self._world, link, gate, self._settle, self._body_of, self._barred, self._begin)

    def wake(self) -> None:
        """There may be something to do."""
        if not self._scheduled and not self._full:
            self._scheduled = True
            self._loop.call_soon(self._turn)

    def flush(self) -> None:
        """Commits now what attempts came to."""
        self._turn()

    def send(self, waiting: list[Waiting]) -> None:
        """Puts committed postings on their way."""
        routes = set()
        for each in waiting:
            route = each.to.route
            routes.add(route)
            if each.number > route.last and (route.behind or route.lanes.count >= WINDOW):
                route.behind = True  # it will be read when there is room, in order
            else:
                route.add(each)
        for route in routes:
            route.pump()

    def activate(self, command: Activate) -> Said:
        """Takes a release into use. What its flow has parked holds the keys that wait for it, whatever came before."""
        said = self.releases.activate(command)
        by = self.releases.active(command.flow)
        if said.say == "activated" and by is not None:
            self._hold_again(by, command.flow)
        self.wake()
        return said

    def let_go(self, lane: bytes) -> None:
        """A parked posting of the lane is none any more: the lane goes on, up to the next one that holds it."""
        if all(route.lanes.held_by(lane) is None for route in self.routes):
            return
        held = next((row[0] for row in self._reader.rows(queries.PARKED_IN_LANE, (lane,)) if self._holds(*row)), None)
        for route in self.routes:
            route.lanes.let_go(lane, held)
            route.pump()

    def _holds(self, posting: int, release: int, flow: str) -> bool:
        """Whether what follows a parked posting waits for it: as the version says that runs now, or else its own."""
        by = self.releases.active(flow) or self.releases.of(release, flow)
        return isinstance(by, Running) and by.hold_key

    async def drain(self, seconds: float) -> None:
        """Expands and sends nothing more; waits for requests under way and commits what they came to."""
        self._draining = True
        for route in self.routes:
            route.stop()
        until = self._loop.time() + seconds
        while any(route.under_way for route in self.routes) and self._loop.time() < until:
            await asyncio.sleep(0.005)
        self.flush()

    # -- a turn -----------------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        self._scheduled = False
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        settled, self._settled = self._settled, []
        begun, self._begun = self._begun, []
        batch = [] if self._draining else self.expander.read()
        refusals = self._reader.rows(queries.REFUSALS, (self._refusals_seen, 200)) if self._looking else []
        self._looking = bool(refusals)
        if not settled and not batch and not refusals and not begun:
            return
        try:
            written = self._commit(settled, batch, refusals, begun)
        except DiskFull:
            self._settled = settled + self._settled
            self._begun = begun + self._begun
            self._wait_for_room()
            return
        except JournalBroken as failure:
            self._broken(failure)
            return
        for _, then in begun:
            then()
        self._after(batch, refusals, written)

    def _commit(
        self,
        settled: list[Settled],
        batch: list[Ready],
        refusals: list[Row],
        begun: list[tuple[Load, Callable[[], None]]],
    ) -> Written | None:
        written = None
        with self.journal.write() as transaction:
            if settled:
                outcomes.write(transaction, settled, self._keys.cause)
            for load, _ in begun:
                outcomes.begin(transaction, load)
            if batch:
                written = self.expander.write(transaction, batch)
            if refusals:
                self._write_refusals(transaction, refusals)
        return written

    def _after(self, batch: list[Ready], refusals: list[Row], written: Written | None) -> None:
        if refusals:
            self._refusals_seen = refusals[-1][0]
        if written is not None:
            self.expander.done(written)
            for lane, number in written.held:
                for route in self.routes:
                    route.lanes.hold(lane, number)
            self.send(written.waiting)
            self._expanded(written.through)
        for route in self.routes:
            if route.behind and route.lanes.count < WINDOW // 2:
                self._refill(route)
        try:
            self.journal.settle()
        except JournalBroken as failure:
            self._broken(failure)
        if batch or refusals:
            self.wake()

    def _write_refusals(self, transaction: Transaction, refusals: list[Row]) -> None:
        for _, flow, source, digest, reason, place, answer in refusals:
            desk = self.releases.desk(flow)
            open_refusal(transaction, desk, self._keys.cause, digest, source, reason, place, answer)
        transaction.run(journal_queries.SET_META, (queries.REFUSALS_SEEN, str(refusals[-1][0])))

    def _wait_for_room(self) -> None:
        """A full disk: what is decided stays in memory, nothing new is begun, and the ballast makes room once."""
        if not self._full and self.journal.ballast is not None:
            self.journal.ballast.release()
            self._ballast_out = True
        self._full = True
        log("journal.full")
        self._loop.call_later(FULL_S, self._room)

    def _room(self) -> None:
        self._full = False
        self.wake()

    def _look(self) -> None:
        try:
            self.journal.look()
        except JournalBroken as failure:
            self._broken(failure)
            return
        self._looking = True
        self.wake()
        if self._ballast_out and not self._full and self.journal.ballast is not None:
            self._ballast_out = not self.journal.ballast.restore()
        self._loop.call_later(LOOK_S, self._look)

    # -- for routes -------------------------------------------------------------------------------------------------

    def _settle(self, waiting: Waiting, decision: Decision) -> None:
        self._settled.append(Settled(waiting, decision, waiting.attempts))
        honoured = decision.__class__ is Delivered and waiting.incident is None and not waiting.to.begins
        if not honoured or len(self._settled) >= GATHER_MOST:
            self.wake()
        elif self._gathering is None and not self._scheduled:
            self._gathering = self._loop.call_later(GATHER_S, self.wake)

    def _begin(self, load: Load, then: Callable[[], None]) -> None:
        """``then`` is called once it is durable that this load is about to be sent."""
        self._begun.append((load, then))
        self.wake()

    def _body_of(self, waiting: Waiting) -> bytes | Park:
        """The stored body, if it was sealed for the very sink by which it would go out, and under this key."""
        to = waiting.to
        item, connection, operation, sealed = self._reader.row(queries.BODY, (waiting.number,)) or (None,) * 4
        if sealed is None or (connection, operation) != (to.connection, to.operation):
            return TAMPERED_POSTING
        try:
            about = about_posting(
                waiting.number, waiting.message, to.digest, to.step, connection, operation, item, waiting.lane,
                bytes.fromhex(waiting.key.decode("ascii")),
            )  # fmt: skip
            return self._data_keys.numbered(self._reader, waiting.data_key).open(sealed, about)
        except NoDataKey:
            return Park("shredded", "Its payload was destroyed with its period.", None)
        except Unreadable:
            return TAMPERED_POSTING

    def _barred(self, waiting: Waiting) -> Park | None:
        by = self.releases.of(waiting.to.release, waiting.to.desk.flow)
        return Park(by.reason, by.sentence, None) if isinstance(by, Barred) else None

    # -- from the journal ---------------------------------------------------------------------------------------------

    def _resume(self) -> None:
        """Every posting that is on its way, by the release that made it; routes are made as they are needed."""
        for number, flow in self._reader.rows(queries.RELEASES_IN_FLIGHT):
            by = self.releases.of(number, flow)
            if isinstance(by, Barred):
                self._park_all(by)
            else:
                self._hold_again(by, flow)
        self._resolve_empty()
        for load in self._broken_off():
            load[0].to.route.take_up(load)
        for route in self.routes:
            self._refill(route)

    def _resolve_empty(self) -> None:
        """A case whose lines wait in other cases by now is over: no replay would find anything in it."""
        empty = self._reader.rows(queries.EMPTY_CASES)
        if empty:
            try:
                with self.journal.write() as transaction:
                    for (case,) in empty:
                        resolve_if_over(transaction, case)
            except DiskFull:
                log("journal.full")  # the next start finds them again

    def _broken_off(self) -> list[Load]:
        """What was being sent when a former life ended, as it was put together."""
        loads: dict[int, Load] = {}
        for begun, *row in self._reader.rows(queries.BEGUN_BEFORE):
            waiting = self._waiting(*row)
            if waiting is not None:
                waiting.begun, waiting.broken, waiting.maybe_applied = begun, True, True
                loads.setdefault(begun, []).append(waiting)
        return list(loads.values())

    def _hold_again(self, by: Running, flow: str) -> None:
        for lane, number in self._reader.rows(queries.HELD_LANES, (flow,)) if by.hold_key else ():
            for to in by.destinations.values():
                to.route.lanes.hold(lane, number)

    def _refill(self, route: Route) -> None:
        """The next postings of a route that are only on disk."""
        while True:
            rows = self._reader.rows(queries.IN_FLIGHT, (route.last, REFILL))
            for row in rows:
                waiting = self._waiting(*row)
                route.last = row[0]
                if waiting is not None and waiting.to.route is route:
                    route.add(waiting)
            route.behind = len(rows) == REFILL
            if not route.behind or route.lanes.count >= WINDOW // 2:
                break
        route.pump()

    def _waiting(
        self, number: int, message: int, release: int, flow: str, step: str, lane: bytes, key: bytes, attempts: int,
        first_ms: int | None, next_ms: int, incident: int | None, data_key: int,
    ) -> Waiting | None:  # fmt: skip
        by = self.releases.of(release, flow)
        if isinstance(by, Barred):
            return None
        to = by.destinations.get(step)
        if to is None or not _of_their_kinds(message, lane, key, attempts, first_ms, next_ms):
            self._park_changed(number, message, by, step, incident)
            return None
        waiting = Waiting(number, message, lane, key.hex().encode("ascii"), to, data_key, None)
        waiting.attempts, waiting.first_ms, waiting.next_ms = attempts, first_ms or 0, next_ms
        waiting.incident, waiting.maybe_applied = incident, not waiting.to.begins
        return waiting

    def _park_changed(self, number: int, message: object, by: Running, step: object, before: object) -> None:
        """A row that cannot be one of ours as it stands."""
        parked = Parked(TAMPERED, TAMPERED_POSTING.sentence)
        of = message if isinstance(message, int) and 0 <= message < 1 << 62 else 0
        try:
            with self.journal.write() as transaction:
                case = open_case(transaction, by.desk, self._keys.cause, of, str(step), parked)
                transaction.run(queries.PARKED_AS_IT_IS, (case, number))
                transaction.audit(
                    "posting.parked", posting=number, message=of, incident=case, flow=by.desk.flow, reason=TAMPERED
                )
                _resolve_former(transaction, before)
        except DiskFull:
            log("journal.full")  # it is not sent; the next start finds it again
        except JournalBroken as failure:
            self._broken(failure)

    def _park_all(self, by: Barred) -> None:
        """The release may not run any more: what it had on its way waits for a person."""
        parked = Parked(by.reason, by.sentence)
        with self.journal.write() as transaction:
            for number, message, step, before in transaction.rows(queries.IN_FLIGHT_OF_RELEASE, (by.number,)):
                case = open_case(transaction, by.desk, self._keys.cause, message, step, parked)
                transaction.run(queries.PARKED_AS_IT_IS, (case, number))
                transaction.audit(
                    "posting.parked", posting=number, message=message, incident=case, flow=by.desk.flow,
                    reason=by.reason, step=step,
                )  # fmt: skip
                _resolve_former(transaction, before)


def _resolve_former(transaction: Transaction, case: object) -> None:
    """A line that was replayed and is parked for another reason waits in a new case: its former one may be over."""
    if type(case) is int:
        resolve_if_over(transaction, case)


def _of_their_kinds(message: object, lane: object, key: object, *numbers: object) -> bool:
    """Whether a row's values are what this runtime writes there: SQLite itself takes any kind anywhere."""
    return (
        type(message) is int
        and type(lane) is type(key) is bytes
        and all(number is None or type(number) is int for number in numbers)
    )
