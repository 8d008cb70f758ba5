"""A stage for a browser: a demo installation with a desk, one live release, one that is prepared, and a master's step.

``python -m tests.lockgate.desk.stage PORT`` prints one line of JSON and goes on until its standard input closes; what
the designer would do comes in as lines: ``return`` and ``take up``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from flows.canonical import sha256_hex
from flows.instants import from_ms
from flows.masters import Row
from flows.release import Claims, Sealed, seal
from flows.trust import Person, Role
from lockgate.demo import hospital, seed
from lockgate.demo.house import House, command, until
from lockgate.demo.ports import reachable
from lockgate.desk.inbox import Inbox, enrol_waiting
from lockgate.keys import read_key
from lockgate.roots import check_trust
from runtime import objections, proposals
from runtime.kernel import kernel
from runtime.master_store import Change, contract_in, current, next_step
from runtime.store import ReleaseStore

DAY = 86_400_000
HOSTILE = '<img src=x onerror="alert(1)"> & "\'</script>'


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Stage:
    """An installation in ``folder`` whose desk is at ``port``."""

    def __init__(self, folder: Path, port: int) -> None:
        self.house, self.origin, self.port = House(folder), f"http://localhost:{port}", port
        self.inbox = folder / "inbox"
        self.people: Mapping[str, Person] = {
            each.id: Person(name=each.name, roles=tuple(sorted(Role(role) for role in each.roles)))
            for each in hospital.TEMPTED
        }
        self.stopped = threading.Event()

    def prepare(self) -> dict[str, str]:
        """Trust, masters, a live release and one that nobody has signed; gives what the story needs to know."""
        house = self.house
        house.found(hospital.TEMPTED)
        command("trust", "desk", self.origin, "--key", house.key("ada"), "--root", house.root)
        flow = house.bring("supply-consumption", {"or-system": 2575, "erp-inventory": 18080})
        house.load_master(flow, "items", seed.item_rows(), ("sam", "noor"))
        house.load_master(flow, "locations", seed.location_rows(), ("sam", "noor"))
        live = house.seal(flow, "ana")
        for approver in ("omar", "mei"):
            house.approve(live, approver)
        house.activate(live, "priya")
        release = self._prepared(flow, live)
        self._step()
        return {"origin": self.origin, "release": release, "live": live, "folder": str(house.folder)}

    def _prepared(self, file: Path, previous: str) -> str:
        """The next version, sealed bytes alone: the designer's part. It sends the cost centre and keeps
        payloads shorter."""
        flow = json.loads(file.read_text())
        flow["name"] = "Supply consumption"
        flow["steps"][0]["title"] = HOSTILE
        event = next(step for step in flow["steps"] if step["kind"] == "map_fields")
        event["config"]["fields"]["costCentre"] = "PV1-3.1"
        flow["retention"] = {"payload_days": 14}
        claims = Claims(
            authors=("ana",), made=from_ms(now_ms()), expires=from_ms(now_ms() + 90 * DAY), epoch=0, previous=previous
        )
        environment = (file.parent / "environment.json").read_bytes()
        data = json.dumps(flow).encode()
        made = seal(data, environment, lambda path: (file.parent / path).read_bytes(), kernel(), claims)
        if not isinstance(made, Sealed):
            raise SystemExit(f"not sealed: {[each.sentence for each in made]}")
        return ReleaseStore(self.house.store).put_release(made.manifest, made.attachments)

    def _step(self) -> None:
        """A step of the items that adds one row, changes one and retires one, signed by nobody."""
        store, root = ReleaseStore(self.house.store), check_trust(self.house.root.read_bytes(), now_ms()).root
        table = current(store, contract_in(store, "items"), root)
        rows = {str(row["key"][1]): row for row in seed.item_rows()}  # type: ignore[index]  # a list of two
        changed = Row.model_validate({**rows["STA-0060"], "values": {"material": "40003999", "base_unit": "EA"}})
        change = Change(
            add=(Row.model_validate(seed.item_row(hospital.MISSING)),),
            change=(changed,),
            retire=(((hospital.SYSTEM, "HIP-6036"), "2027-01-01"),),
        )
        data = next_step(table, change)
        store.put_snapshot("items", table.sequence + 1, data)
        part = proposals.Part(
            person="sam", at=from_ms(now_ms()), reason=f"A stent moved {HOSTILE}"[:500], adds=1, changes=1, retires=1
        )
        proposals.put(store, proposals.Proposal(step=sha256_hex(data), parts=(part,)))

    def told(self, line: str, release: str) -> None:
        """What the designer does beside the desk: a review sends the release back, or takes it up again."""
        store = ReleaseStore(self.house.store)
        if line == "return":
            words = f"Leave out the time of use.\n{HOSTILE}"
            objections.put(
                store, objections.made(release, "returned", "omar", from_ms(now_ms()), words, f"r{'1' * 16}")
            )
        if line == "take up":
            objections.take_away(store, release)

    def watch(self) -> None:
        """Enrols the people of the story as the demo's launcher does, a moment after they ask."""
        key = read_key(self.house.key("ada"))
        while not self.stopped.wait(0.5):
            enrol_waiting(Inbox(self.inbox), self.house.root, key, self.people, now_ms())


def main(port: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), port)
        facts = stage.prepare()
        arguments = ["--store", stage.house.store, "--root", stage.house.root, "--inbox", stage.inbox]
        command_line = [Path(sys.executable).with_name("lockgate"), "desk", "--port", str(port), *arguments]
        desk = subprocess.Popen([str(each) for each in command_line], stdout=subprocess.DEVNULL)
        watcher = threading.Thread(target=stage.watch, daemon=True)
        try:
            until("the desk listens", lambda: reachable(port))
            watcher.start()
            print(json.dumps(facts), flush=True)
            for line in sys.stdin:
                stage.told(line.strip(), facts["release"])
        finally:
            stage.stopped.set()
            desk.terminate()
            desk.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
