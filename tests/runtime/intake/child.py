"""A real intake process for tests: forked, on disk, told to activate by its control pair."""

from __future__ import annotations

import json
import os
import signal
import socket
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flows.declaration import Declaration
from flows.environment import Connection, Environment, Limits, Surroundings
from flows.graph import Flow, Step
from flows.vocabulary import DataLabel, Domain, Purpose, Transport
from nodes import catalogue
from runtime import world
from runtime.channel import Activate, Drain, Setup
from runtime.intake.process import intake_main

FLOW = "supply"
RELEASE = "ab" * 32


def release(accepts: tuple[str, ...] = ("DFT^P03@2.3-2.8",), limits: Limits | None = None, port: int = 1) -> Any:
    """What intake sees of a verified release. Real ones come from runtime.releases.load alone."""
    connection = Connection(
        domain=Domain.CLINICAL, system="OR", transport=Transport.LOOPBACK, host="127.0.0.1", port=port,
        limits=limits or Limits(),
    )  # fmt: skip
    environment = Environment(
        format="lockgate/environment/1", name="TEST", label=DataLabel.SYNTHETIC, connections={"or-system": connection}
    )
    around = Surroundings(environment, {}, {}, {})
    config = {"accepts": list(accepts)}
    step = Step(id="receive", kind="hl7_mllp", version=1, title="in", connection="or-system", config=config)
    flow = Flow(
        format="lockgate/flow/1", id=FLOW, name="Supply", purpose=Purpose.SUPPLY_CONSUMPTION, steps=(step,), wires=()
    )
    declared = catalogue.declare(step, around)
    assert isinstance(declared, Declaration)
    return SimpleNamespace(digest=RELEASE, flow=flow, around=around, declarations={"receive": declared})


class Child:
    """The process and its two pairs."""

    def __init__(self, pid: int, control: socket.socket, wake: socket.socket) -> None:
        self.pid, self.control, self.wake = pid, control, wake
        self.lines = control.makefile("rb")
        self.port, self.cpu_at_start, self.written = 0, 0.0, 0

    def said(self) -> dict[str, Any]:
        line = self.lines.readline()
        return json.loads(line) if line else {}

    def tell(self, line: Any) -> None:
        self.control.sendall(line.model_dump_json().encode() + b"\n")

    def ask(self, data: Path) -> dict[str, Any]:
        bundle = data / "bundle"
        bundle.write_bytes(b"{}")
        self.tell(Activate(flow=FLOW, release="ab" * 32, sequence=1, number=1, bundle=str(bundle)))
        return self.said()

    def activate(self, data: Path) -> None:
        said = self.ask(data)
        assert said["say"] == "activated", said
        self.port = int(said["listening"][0].rpartition(":")[2])
        self.cpu_at_start = cpu_of(self.pid)

    def stop(self) -> int:
        """Drains it; its exit status."""
        self.written = int(Path(f"/proc/{self.pid}/io").read_text().split("write_bytes: ")[1].split()[0])
        self.tell(Drain(seconds=2))
        return self.wait()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.lines.close()
        self.control.close()
        self.wake.close()
        return status


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def started(
    data: Path,
    *,
    port: int = 0,
    before: Callable[[], world.World] = world.system,
    profile: bool = False,
    found: Any = None,
) -> Child:
    """An intake process that is ready. ``before`` runs in it first (a test's mutation) and gives its world."""
    here, there = socket.socketpair()
    wake_here, wake_there = socket.socketpair()
    pid = os.fork()
    if not pid:
        status = 99
        try:
            here.close()
            wake_here.close()
            surroundings = before()._replace(network=AnyPort(port))
            what = found or release()
            main = profiled(intake_main) if profile else intake_main
            status = main(Setup(data, data, data, None), there, wake_there, lambda *_: what, surroundings)
        except Exception:  # noqa: BLE001 - shown, and seen by its exit status
            traceback.print_exc()
        finally:
            os._exit(status)
    there.close()
    wake_there.close()
    child = Child(pid, here, wake_here)
    assert child.said()["say"] == "ready"
    return child


def listening(data: Path, **options: Any) -> Child:
    """An intake process with one active flow."""
    child = started(data, **options)
    child.activate(data)
    return child


class AnyPort(world.SystemNetwork):
    """Listens where the test says, 0 for any free port: a connection file cannot say 0."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def listen(self, host: str, port: int, protocol: Any, tls: Any = None) -> world.SystemListener:
        return await super().listen(host, self._port, protocol, tls)


def profiled(main: Callable[..., int]) -> Callable[..., int]:
    def run(*given: Any) -> int:
        import cProfile
        import pstats

        profile = cProfile.Profile()
        status = profile.runcall(main, *given)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return status

    return run
