"""The smoke story: one flow from an empty folder to the last posting, judged by the ledgers of both ends."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

from designer.settings import Settings
from lockgate.demo import desktop, forgery, hospital, ledger, seed
from lockgate.demo.campus import NEXT
from lockgate.demo.crew import Crew, Member
from lockgate.demo.house import ENVIRONMENT, Done, Failed, Runtime, command, until
from lockgate.demo.judge import Judgement, judge
from lockgate.demo.ports import free_ports, reachable
from lockgate.demo.stage import FLOW, Stage, started
from lockgate.demo.tour import tour
from lockgate.demo.visitor import Visitor
from runtime.questions.ledger import Ledger

SEED, SERIES, CHARGES = 20260316, "OR", 200
PER_SECOND = 90.0
KILL_AFTER = 110
"""Answered frames after which the runtime is killed."""


class Story(Stage):
    """The first step that does not hold ends it."""

    def play(self) -> bool:
        """The whole story; whether it came out well. Prints the JSON line last."""
        flow = self.prepare()
        release = self.seal(flow)
        crew = Crew(self.house.folder / "logs")
        with self.erp(flow):
            try:
                self._sign(release, self.start())
                origin, designer = self._designer(flow, crew)
                self._traffic()
                self._masters()
                crew.ready(designer, "lockgate designer ready at")
                desktop.leaking(Visitor.signed_in(origin, "ana"), NEXT)
                tour(origin, self.tell)
                return self._judged()
            finally:
                crew.end()
                self.stop()

    # -- the signatures --------------------------------------------------------------------------------------------

    def _sign(self, release: str, runtime: Runtime) -> None:
        house = self.house
        house.approve(release, "omar")
        self._refused("with one approval", house.activate(release, "priya", expect=1))
        self._forced(release, runtime)
        self._refused("with the author's approval", house.approve(release, "ana", expect=1))
        house.activate(release, "priya", expect=1)
        house.approve(release, "mei")
        house.activate(release, "priya")
        house.wait_running(runtime, FLOW)
        self.tell("Runs with two approvals (Omar, Mei), activated by Priya.")

    def _refused(self, why: str, done: Done) -> None:
        if reachable(self.mllp_port):
            raise Failed(f"the release runs {why}")
        self.tell(f"Refused {why}: {done.last}")

    def _forced(self, release: str, runtime: Runtime) -> None:
        """An activation that goes past the command into the store: the runtime looks for itself."""
        key, now_ms = self.house.key("priya"), time.time_ns() // 1_000_000
        forgery.activate_unchecked(self.house.store, release, FLOW, ENVIRONMENT, key, now_ms)
        until("the runtime refuses", lambda: self.house.flow_states().get(FLOW) == "refused", 20, runtime.why)
        (flow,) = self.house.client.status().flows
        if reachable(self.mllp_port):
            raise Failed("the runtime runs a release with one approval")
        self.tell(f"Refused by the runtime too, with the activation put into the store by hand: {flow.sentence}")

    # -- the traffic -----------------------------------------------------------------------------------------------

    def _traffic(self) -> None:
        arguments = [str(self.mllp_port), str(self.simulator_ledger), str(SEED), SERIES, str(CHARGES), str(PER_SECOND)]
        simulator = started("lockgate.demo.simulator", arguments)
        try:
            until("the theatre system is answered", lambda: self._answered() >= KILL_AFTER, 60)
            at_kill = self._answered()
            self.kill()
            self.tell(f"Killed the runtime (-9) after {at_kill} answers, with frames and postings under way.")
            self._forge()
            again = self.start()
            self.house.wait_running(again, FLOW)
            until("the theatre system has sent all", lambda: simulator.poll() is not None, 90, again.why)
        finally:
            if simulator.poll() is None:
                simulator.kill()
        until("every posting has ended", lambda: self._idle(), 60, again.why)
        books = self.house.client.ledger()
        self.tell(
            f"Back again: {books.accepted} messages accepted, {books.refused} refused, {books.repeated} repeated,"
            f" {books.filtered} filtered; {books.delivered} postings delivered, {books.parked} parked."
        )

    def _answered(self) -> int:
        return sum(entry["event"] == "answer" for entry in ledger.read(self.simulator_ledger))

    def _idle(self) -> bool:
        books = self.house.client.ledger()
        return books.waiting == 0 and books.in_flight == 0

    def _forge(self) -> None:
        """While nothing runs, somebody writes a row into every file that holds the master."""
        row = seed.item_row(hospital.UNSIGNED)
        forgery.write_unsigned_row(self.house.store, "items", row)
        forgery.write_into_copy(self.house.data, "items", row)
        self.tell("Somebody wrote a row into the release store and into the runtime's own copy, without a signature.")

    # -- the missing rows ------------------------------------------------------------------------------------------

    def _masters(self) -> None:
        before = self._books()
        if not before.parked:
            raise Failed("nothing is parked, though items without a row were sent")
        said = self._replay("items", hospital.UNSIGNED.code)
        after = self._books()
        if (after.delivered, after.parked) != (before.delivered, before.parked):
            raise Failed("a row without a signature changed what is delivered")
        self.tell(f"The row that nobody signed changed nothing: {said}")
        self._sign_row()
        self._replay_once(before)

    def _sign_row(self) -> None:
        row = self.house.folder / "row.json"
        row.write_text(json.dumps(seed.item_row(hospital.MISSING)))
        newest = self.house.client.status().masters.get("items", 0)
        command(
            *("master", "add", "items", row, "--key", self.house.key("sam")),
            *("--root", self.house.root, "--store", self.house.store),
        )
        until("the runtime takes the new row", lambda: self.house.client.status().masters.get("items", 0) > newest)
        self.tell(f"Sam signed the missing row; the runtime took snapshot {newest + 1} of master items.")

    def _replay(self, master: str, code: str) -> str:
        done = command(
            *("replay", "--data", self.house.data, "--master", master, "--code", hospital.SYSTEM, "--code", code),
            expect=None,
        )
        until("the replay has ended", self._idle)
        return done.last

    def _replay_once(self, before: Ledger) -> None:
        said = self._replay("items", hospital.MISSING.code)
        once = self._books()
        posted = once.delivered - before.delivered
        if posted <= 0 or posted != before.parked - once.parked:
            raise Failed(f"the replay delivered {posted} postings and left {once.parked} of {before.parked} parked")
        self.tell(f"Replay posted {posted} held lines: {said}")
        said = self._replay("items", hospital.MISSING.code)
        if self._books().delivered != once.delivered:
            raise Failed("a second replay posted again")
        self.tell(f"A second replay posted nothing: {said}")

    # -- the designer ----------------------------------------------------------------------------------------------

    def _designer(self, flow: Path, crew: Crew) -> tuple[str, Member]:
        """A designer beside all that, started while the theatre sends; gives its origin."""
        house, origin = self.house, f"http://localhost:{free_ports(1)[0]}"
        settings = Settings(
            data=house.folder / "designer",
            environment=self._surroundings(flow),
            store=house.store,
            root=house.root,
            runtime=house.data,
            origin=origin,
            desk="http://localhost:8081",
        )
        settings.data.mkdir(mode=0o700)
        file = settings.data / "settings.json"
        file.write_text(settings.model_dump_json())
        return origin, crew.module("designer", "designer.serve", file)

    def _surroundings(self, flow: Path) -> Path:
        """The environment with one more system: at the address of the first one a live flow listens already."""
        shared = json.loads((flow.parent / "environment.json").read_text())
        connections = shared["connections"]
        connections[NEXT] = connections["or-system"] | {"system": "Day surgery", "port": free_ports(1)[0]}
        file = flow.parent / "designer-environment.json"
        file.write_text(json.dumps(shared, indent=1))
        return file

    # -- the judgement ---------------------------------------------------------------------------------------------

    def _books(self) -> Ledger:
        return self.house.client.ledger()

    def _judged(self) -> bool:
        command("audit", "verify", "--data", self.house.data)
        self.tell("Both audit chains and their checkpoints verify.")
        books, result = self._books(), self._judgement()
        sound = result.clean and result.disorder == 0 and books.balanced and result.refused > 0
        sound = sound and result.sent >= 200 and min(books.refused, books.filtered, books.replayed) > 0
        self.tell(f"{'All is well' if sound else 'It did not come out well'}: {described(result, self._faults())}")
        print(json.dumps(summary(books, result)), flush=True)
        return sound

    def _judgement(self) -> Judgement:
        people = hospital.patients(24)
        return judge(
            ledger.read(self.simulator_ledger),
            ledger.read(self.erp_ledger),
            held=(hospital.UNSIGNED.code,),
            late=(hospital.MISSING.code,),
            marks=[mark for person in people for mark in (person.mrn, person.surname, person.encounter)],
        )

    def _faults(self) -> Counter[str]:
        entries = list(ledger.read(self.erp_ledger))
        faults = Counter(entry["event"] for entry in entries)
        faults["dropped"] = sum(bool(entry.get("dropped")) for entry in entries)
        return faults


def described(result: Judgement, faults: Counter[str]) -> str:
    """What both ends' ledgers say, for people."""
    return (
        f"{result.sent} frames sent, {result.lost} lost, {result.duplicates} doubled, {result.strays} unexplained,"
        f" {result.leaks} with a patient, {result.disorder} out of order, {result.misjudged} wrongly answered,"
        f" {result.unanswered} unanswered; the ERP dropped {faults['dropped']} answers, was busy {faults['busy']} times"
        f" and unavailable {faults['unavailable']} times, and saw {faults['repeat']} repeats."
    )


def summary(books: Ledger, result: Judgement) -> dict[str, int | bool]:
    """The last line: ``sent``, ``lost`` and ``duplicates`` from the stand-ins' ledgers, the rest from the runtime."""
    return {
        "sent": result.sent,
        "received": books.received,
        "accepted": books.accepted,
        "refused": books.refused,
        "repeated": books.repeated,
        "filtered": books.filtered,
        "postings": books.postings,
        "delivered": books.delivered,
        "parked": books.parked,
        "in_flight": books.in_flight,
        "replayed": books.replayed,
        "duplicates": result.duplicates,
        "lost": result.lost,
        "balanced": books.balanced,
    }
