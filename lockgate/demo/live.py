"""The demo that goes on: runtime, designer, desk, stand-ins and senders on loopback, until it is interrupted."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import FrameType

from designer.settings import Settings
from flows.trust import Person, Role
from lockgate.demo import desktop, hospital, medication
from lockgate.demo.campus import INBOX, LIVE, NEXT, SHOWN, SPARE, Campus
from lockgate.demo.crew import Crew, Member
from lockgate.demo.house import ADMINISTRATOR, Failed
from lockgate.demo.ports import reachable
from lockgate.demo.yesterday import Yesterday
from lockgate.desk.inbox import Inbox, enrol_waiting
from lockgate.installation import PAGES as BUILT
from lockgate.keys import read_key

THEATRES = {
    "or-system": (1.0, "theatres"),
    "west-theatre": (0.4, "theatres"),
    "east-theatre": (0.2, "theatres"),
    medication.SOURCE: (0.2, "wards"),
    NEXT: (0.3, "day-surgery"),
    SPARE: (0.1, "theatres"),
}
"""Senders of HL7: how many messages a second each has, and where its patients lie."""
WARD_PER_SECOND = 0.3
PAGES = Path(os.environ.get("LOCKGATE_WEB") or BUILT)
"""The pages: where the build put them, which the same variable moves."""
DESK_PAGES = Path(__file__).parents[1] / "desk" / "web" / "index.html"
CHARGES = 2_000
RARER = 4
"""The ERPs fail at 3 of 100 attempts; the smoke story has them fail four times as often."""


class Live:
    """Everything that ``lockgate demo`` brings up."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.began = time.monotonic()
        self.campus = Campus(folder)
        self.campus.take_ports(port or self.campus.plan.designer)
        self.crew = Crew(folder / "logs")
        self.inbox = Inbox(folder / "inbox")
        self._days = 0

    def play(self) -> None:
        """Up, then on until Ctrl-C or SIGTERM. Failed where something ends by itself."""
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            self.up()
            while True:
                time.sleep(0.25)
                self._enrol()
                self._send()
                if ended := self.crew.ended(*self._senders()):
                    raise Failed(ended.why() or f"the {ended.name} ended")
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
            self.crew.end()

    def up(self) -> None:
        """Everything, to the line with the address."""
        campus = self.campus
        first = not campus.plan.seeded
        if first:
            self.tell("Demo trust, synthetic data: people, keys, masters and flows are made and signed once.")
        campus.plan.starts += 1
        yesterday = Yesterday(campus, self.crew, time.time_ns() // 1_000_000)
        yesterday.clock.end()
        if campus.plan.signed:
            campus.sign()
        else:
            yesterday.sign()
        desk = self._start(None if campus.plan.lived else yesterday)
        if first:
            campus.plan.seeded = True
            campus.keep()
        self._send()
        if desk:
            self.crew.ready(desk, "lockgate desk ready at")
        self.tell(f"Messages to try a draft with: {desktop.samples(campus.folder / 'samples')}")
        self.tell(f"ERPs show what they receive: {', '.join(self.pages().values())}")
        if not desk:
            self.tell("The approval desk is not built: run 'make setup'. Until then nobody can sign in a browser.")
        seconds = time.monotonic() - self.began
        print(f"Lockgate demo ready at {campus.origin} after {seconds:.1f} s. Ctrl-C ends it.", flush=True)

    def pages(self) -> dict[str, str]:
        """Where each stand-in shows what it received."""
        return {name: self.campus.page(name) for name in SHOWN}

    def tell(self, sentence: str) -> None:
        print(f"{time.monotonic() - self.began:6.1f} s  {sentence}", flush=True)

    # -- the processes ---------------------------------------------------------------------------------------------

    def _start(self, yesterday: Yesterday | None) -> Member | None:
        """Starts all at once, and waits for all but the desk, which it gives. Before the first start lies a day."""
        crew = self.crew
        lockgate, house = Path(sys.executable).with_name("lockgate"), self.campus.house
        run: list[str | Path] = [lockgate, "run", "--store", house.store, "--root", house.root, "--data", house.data]
        runtime = yesterday.begin() if yesterday else crew.start("runtime", run)
        designer = crew.module("designer", "designer.serve", self._settings())
        stand_ins = self._stand_ins()
        desk = self._desk(lockgate) if DESK_PAGES.is_file() else None
        for name, member in stand_ins.items():
            crew.until(member, f"{name} listens", partial(reachable, self.campus.port(name)))
        with ThreadPoolExecutor(1) as beside:
            laid = beside.submit(self._lay_out, designer)
            if yesterday:
                self.tell("Playing the day before: what was sent, held, signed and replayed since yesterday.")
                yesterday.play()
                runtime = crew.start("runtime", run)
            crew.until(runtime, "the flows run, but those that were stopped", self._running)
            laid.result()
        return desk

    def _lay_out(self, designer: Member) -> None:
        """What lies on Ana's desk, as soon as there is a desk."""
        self.crew.ready(designer, "lockgate designer ready at")
        if not self.campus.plan.seeded:
            desktop.lay_out(self.campus)

    def _running(self) -> bool:
        states = self.campus.house.flow_states()
        return all(states.get(flow) == "running" or flow in self.campus.house.stopped_flows() for flow in LIVE)

    def _settings(self) -> Path:
        campus, house = self.campus, self.campus.house
        settings = Settings(
            data=campus.folder / "designer",
            environment=campus.environment,
            store=house.store,
            root=house.root,
            runtime=house.data,
            origin=campus.origin,
            desk=campus.desk,
            pages=PAGES if PAGES.is_dir() else None,
        )
        settings.data.mkdir(exist_ok=True, mode=0o700)
        house.data.mkdir(exist_ok=True, mode=0o700)
        file = settings.data / "settings.json"
        file.write_text(settings.model_dump_json(indent=1))
        return file

    def _desk(self, lockgate: Path) -> Member:
        campus, house = self.campus, self.campus.house
        where: list[str | Path] = ["--store", house.store, "--root", house.root, "--inbox", self.inbox.folder]
        return self.crew.start("desk", [lockgate, "desk", *where, "--origin", campus.desk, "--designer", campus.origin])

    def _stand_ins(self) -> dict[str, Member]:
        campus, folder = self.campus, self.campus.folder
        contracts = campus.drawn / "contracts"
        rest = (contracts / "erp-inventory.openapi.json", "postGoodsIssue", folder / "erp-inventory.jsonl", RARER)
        inbox = (campus.plan.inbox_page, campus.ssh.folder, folder / "sftp-inbox", folder / "erp-inbox.jsonl")
        soap = (contracts / "inventory.wsdl", folder / "erp-soap.jsonl", RARER)
        return {
            "erp-inventory": self.crew.module(
                "erp-inventory", "lockgate.demo.erp", campus.port("erp-inventory"), *rest
            ),
            INBOX: self.crew.module(INBOX, "lockgate.demo.sftp_erp", campus.port(INBOX), *inbox),
            "erp-soap": self.crew.module("erp-soap", "lockgate.demo.soap_erp", campus.port("erp-soap"), *soap),
        }

    # -- what is sent ----------------------------------------------------------------------------------------------

    def _senders(self) -> tuple[str, ...]:
        return (*(f"sender-{name}" for name in THEATRES), "sender-ward")

    def _send(self) -> None:
        """Senders that have said all they had begin another day."""
        campus = self.campus
        for number, (name, (per_second, places)) in enumerate(THEATRES.items()):
            if not self.crew.alive(f"sender-{name}"):
                self._days += 1
                self.crew.module(
                    *(f"sender-{name}", "lockgate.demo.simulator", campus.port(name)),
                    *(
                        campus.folder / f"sender-{name}.jsonl",
                        number + 1,
                        self._series(name),
                        CHARGES,
                        per_second,
                        places,
                    ),
                )
        if not self.crew.alive("sender-ward"):
            ledger = campus.folder / "sender-ward.jsonl"
            self.crew.module(
                *("sender-ward", "lockgate.demo.ward", campus.port("ward-system")),
                *(ledger, 4, f"W{campus.plan.starts}", WARD_PER_SECOND),
            )

    def _series(self, name: str) -> str:
        """Control ids never come twice, not after another start either."""
        return f"{name[0].upper()}{self.campus.plan.starts}D{self._days}"

    # -- keys of browsers ------------------------------------------------------------------------------------------

    def _enrol(self) -> None:
        """A browser's key is listed at once: this is a demo, and whoever asks is who they say."""
        house = self.campus.house
        people = {
            person.id: Person(name=person.name, roles=tuple(Role(role) for role in person.roles))
            for person in hospital.PEOPLE
        }
        key = read_key(house.key(ADMINISTRATOR))
        for person in enrol_waiting(self.inbox, house.root, key, people, time.time_ns() // 1_000_000):
            self.tell(f"The key that {people[person].name}'s browser made was listed in the trust root.")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
