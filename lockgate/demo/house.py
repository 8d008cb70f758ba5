"""A whole installation in one folder, worked through the command line alone: trust, keys, flows, a runtime."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from flows.trust import Reason
from lockgate import cli
from lockgate.demo.hospital import Person
from runtime.api import RuntimeClient, RuntimeTrouble

LOCKGATE = (str(Path(sys.executable).with_name("lockgate")),)
Launcher = Sequence[str]
ADMINISTRATOR, ENVIRONMENT = "ada", "TEST"


class Failed(Exception):
    """A command did not end as it must, or something did not happen in time."""


class Done(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """Its last line: of what it says, or else of what it complains of."""
        lines = (self.out.strip() or self.err.strip()).splitlines()
        return lines[-1] if lines else ""


def command(*arguments: str | Path, expect: int | None = 0) -> Done:
    """What ``lockgate`` does with ``arguments``, by the function behind it; Failed where it ends otherwise."""
    line = [str(argument) for argument in arguments]
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = cli.run(line)
    done = Done(status, out.getvalue(), err.getvalue())
    if expect is not None and done.status != expect:
        raise Failed(f"lockgate {' '.join(line[:2])} ended with {done.status}, not {expect}: {done.last}")
    return done


def until(
    what: str, holds: Callable[[], bool], seconds: float = 30.0, failed: Callable[[], str | None] = lambda: None
) -> None:
    """Wait until ``holds``; Failed after ``seconds`` or as soon as ``failed`` says why it never will."""
    end = time.monotonic() + seconds
    while not holds():
        if why := failed():
            raise Failed(f"{what}: {why}")
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


class Runtime:
    """A running ``lockgate run``, in a process group of its own."""

    def __init__(self, arguments: Sequence[str], log: Path, launcher: Launcher) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen([*launcher, *arguments], stdout=out, stderr=out, start_new_session=True)  # noqa: S603  reason: our own command

    def alive(self) -> bool:
        return self.process.poll() is None

    def why(self) -> str | None:
        """The last line of its log, once it has ended."""
        if self.alive():
            return None
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return f"the runtime ended with {self.process.returncode}: {lines[-1] if lines else ''}"

    def kill(self) -> None:
        """kill -9 of the whole runtime."""
        self.kill_left()
        self.process.wait()

    def kill_left(self) -> None:
        """kill -9 of whatever is left of the process group."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, and kill -9 for one that does not end."""
        if self.alive():
            self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed("the runtime did not end on SIGTERM within 20 s") from None


class House:
    """One installation. Every key lies in ``keys``: fit for a demo and for tests, for nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.root = folder / "root.json"
        self.data = folder / "data"
        self.keys = folder / "keys"
        self.flows = folder / "flows"
        self._runtimes = 0

    def with_data(self, name: str) -> House:
        """The same signed installation with a data folder of its own."""
        other = House(self.folder)
        other.data = self.folder / name
        return other

    # -- trust -----------------------------------------------------------------------------------------------------

    def found(self, people: Iterable[Person]) -> None:
        """A demo trust root, and a key for each person, enrolled by the administrator."""
        self.keys.mkdir(parents=True)
        own = self.key(ADMINISTRATOR)
        command("trust", "key", "--out", own)
        command(
            *("trust", "init", "--demo", "--key", own, "--person", ADMINISTRATOR, "--name", "Ada"),
            *("--out", self.root, "--environment", f"{ENVIRONMENT}=synthetic"),
        )
        for person in people:
            request = self.folder / f"{person.id}.request.json"
            roles = [part for role in person.roles for part in ("--role", role)]
            command("trust", "key", "--out", self.key(person.id))
            asked = command("trust", "request", "--key", self.key(person.id), "--person", person.id, "--out", request)
            words = ("--words", asked.last)
            command("trust", "enrol", request, "--root", self.root, "--key", own, "--name", person.name, *words, *roles)

    def key(self, person: str) -> Path:
        return self.keys / f"{person}.pem"

    # -- flows and masters -----------------------------------------------------------------------------------------

    def bring(self, library: str, ports: Mapping[str, int], **connection: object) -> Path:
        """A copy of a library flow whose connections have these ports; gives the flow file."""
        folder = self.flows / library
        shipped = Path(str(resources.files("flows") / "library" / library))
        for source in shipped.rglob("*"):
            if source.is_file() and source.suffix in (".json", ".md", ".wsdl", ".xsd"):
                target = folder / source.relative_to(shipped)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
        environment = json.loads((folder / "environment.json").read_text())
        environment["name"] = ENVIRONMENT
        for name, port in ports.items():
            described: dict[str, Any] = environment["connections"][name]
            described.update(port=port)
            if "contract" in described:
                described.update(connection)
        (folder / "environment.json").write_text(json.dumps(environment, indent=1))
        return folder / "flow.json"

    def load_master(
        self, flow: Path, master: str, rows: Sequence[Mapping[str, object]], stewards: Sequence[str]
    ) -> None:
        """The first snapshot of a master, signed by two stewards."""
        file = self.folder / f"{master}.rows.json"
        file.write_text(json.dumps(list(rows)))
        contract = flow.parent / "masters" / f"{master}.json"
        first, *others = stewards
        command("master", "load", contract, file, "--key", self.key(first), "--root", self.root, "--store", self.store)
        for other in others:
            command("master", "sign", master, "--key", self.key(other), "--root", self.root, "--store", self.store)

    def seal(self, flow: Path, person: str) -> str:
        """Seal ``flow``; gives the release digest."""
        done = command(
            *("seal", flow, "--env", flow.parent / "environment.json", "--key", self.key(person)),
            *("--root", self.root, "--store", self.store),
        )
        return done.out.strip().splitlines()[-1]

    def approve(self, release: str, person: str, expect: int | None = 0) -> Done:
        return command(
            *("approve", release, "--key", self.key(person), "--root", self.root, "--store", self.store), expect=expect
        )

    def activate(self, release: str, person: str, expect: int | None = 0) -> Done:
        return command(
            *("activate", release, "--key", self.key(person), "--root", self.root, "--store", self.store), expect=expect
        )

    def go_live(self, flow: Path) -> str:
        """The four signatures that a flow needs here: Ana seals, Omar and Mei approve, Priya activates. Its digest."""
        release = self.seal(flow, "ana")
        self.approve(release, "omar")
        self.approve(release, "mei")
        self.activate(release, "priya")
        return release

    # -- the runtime -----------------------------------------------------------------------------------------------

    def start(self, launcher: Launcher = LOCKGATE) -> Runtime:
        """``lockgate run``; does not wait for it."""
        self._runtimes += 1
        arguments = ["run", "--store", str(self.store), "--root", str(self.root), "--data", str(self.data)]
        return Runtime(arguments, self.folder / f"{self.data.name}-{self._runtimes}.log", launcher)

    @property
    def client(self) -> RuntimeClient:
        return RuntimeClient(self.data)

    def flow_states(self) -> Mapping[str, str]:
        """Flow -> state; empty while no runtime answers."""
        try:
            return {flow.flow: flow.state for flow in self.client.status().flows}
        except RuntimeTrouble:
            return {}

    def stopped_flows(self) -> frozenset[str]:
        """The flows whose version somebody revoked: nothing begins them but another activation."""
        try:
            flows = self.client.status().flows
        except RuntimeTrouble:
            return frozenset()
        return frozenset(flow.flow for flow in flows if flow.state == "refused" and flow.reason == Reason.REVOKED)

    def wait_running(self, runtime: Runtime, flow: str, seconds: float = 30.0) -> None:
        until(f"flow {flow} runs", lambda: self.flow_states().get(flow) == "running", seconds, runtime.why)
