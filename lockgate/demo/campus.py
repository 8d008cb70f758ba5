"""The demo's installation: one environment, five live flows that real stand-ins surround, people who signed them."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lockgate.demo import hospital, medication, seed, sftp_erp
from lockgate.demo.house import ADMINISTRATOR, ENVIRONMENT, Failed, House, command
from lockgate.demo.ports import free_ports, reachable
from runtime.build import build_digest

FILE = "demo.json"
SOURCES = {
    "or-system": "Operating room system",
    "west-theatre": "Theatres west",
    "east-theatre": "Theatres east",
    "ward-system": "Ward system",
    medication.SOURCE: "Ward administrations",
}
NEXT = "day-surgery"
"""The connection of the flow that is a draft still: its system sends already, and nobody listens."""
SPARE = "north-theatre"
"""A system that sends already and that no flow takes: for whoever draws one of their own."""
INBOX = "erp-inbox"
SINKS = ("erp-inventory", "erp-soap", INBOX)
SHOWN = {"erp-inventory": "ERP inventory (REST)", "erp-soap": "ERP west (SOAP)", INBOX: sftp_erp.TITLE}
"""Where a browser looks at what each stand-in received, and what the page is called."""
FLOWS: Mapping[str, Mapping[str, str]] = {
    "supply-consumption": {},
    "supply-consumption-soap": {"or-system": "west-theatre", "erp-inventory": "erp-soap"},
    "supply-consumption-sftp": {"or-system": "east-theatre"},
    "fhir-consumption": {},
}
"""Shipped flows that run, each with the names that its connections have here."""
LIVE = (*FLOWS, medication.FLOW)


class Plan(BaseModel):
    """What stays the same from one start to the next: ports that releases name, and what stands already."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    format: Literal["lockgate/demo/1"] = "lockgate/demo/1"
    build: str = Field(default_factory=build_digest)
    """The program that signed; another one would be refused by the runtime."""
    ports: dict[str, int] = Field(default_factory=dict)
    inbox_page: int = 0
    """Where the ERP that collects files shows them: it speaks SFTP on its other port."""
    designer: int = 8080
    desk: int = 8081
    signed: bool = False
    listed: str = ""
    """The desk that the trust root knows."""
    lived: bool = False
    """The day before was played, or begun."""
    seeded: bool = False
    starts: int = 0
    """Senders name their messages by it: none comes twice."""


def outdated(folder: Path) -> bool:
    """Whether another version of the program made the demo there: its runtime would refuse what that one signed."""
    file = folder / FILE
    if not file.is_file():
        return False
    try:
        return Plan.model_validate_json(file.read_bytes()).build != build_digest()
    except ValidationError:
        return True  # written by a version that planned otherwise


def running(folder: Path) -> bool:
    """Whether somebody listens where the demo of this folder does, whatever version made it."""
    try:
        ports = json.loads((folder / FILE).read_bytes())["ports"]
        return any(reachable(int(port)) for port in ports.values())
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return False


class Campus:
    """The folder of a demo."""

    def __init__(self, folder: Path, mllp: int | None = None) -> None:
        self.folder, self.house = folder, House(folder)
        self.drawn = folder / "flows" / "campus"
        self.plan = self._plan(mllp)

    @property
    def environment(self) -> Path:
        return self.drawn / "environment.json"

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.plan.designer}"

    @property
    def desk(self) -> str:
        return f"http://localhost:{self.plan.desk}"

    def port(self, connection: str) -> int:
        return self.plan.ports[connection]

    def page(self, sink: str) -> str:
        """Where a browser sees what a stand-in received."""
        return f"http://localhost:{self.plan.inbox_page if sink == INBOX else self.port(sink)}/"

    @property
    def ssh(self) -> sftp_erp.Keys:
        """The keys of the ERP that collects files."""
        return sftp_erp.Keys(self.folder / "sftp")

    def keep(self) -> None:
        """Writes the plan down."""
        file = self.folder / FILE
        passing = file.with_suffix(".new")
        passing.write_text(self.plan.model_dump_json(indent=1))
        passing.replace(file)

    def take_ports(self, wanted: int) -> None:
        """Ports for browsers: the wanted ones, or the next that are free."""
        taken = set(self.plan.ports.values())
        self.plan.designer = free_from(wanted, taken)
        self.plan.desk = free_from(self.plan.designer + 1, taken)

    def sign(self) -> None:
        """Trust, people, flows and masters, all signed; and the desk among those of the trust root."""
        if not self.plan.signed:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.house.found(hospital.PEOPLE)
            self._keep_secret(self.ssh.make())
            self._draw()
            self._masters()
            for flow in LIVE:
                self.house.go_live(self.drawn / f"{flow}.json")
            self.plan.signed = True
        if self.plan.listed != self.desk:
            house = self.house
            command("trust", "desk", self.desk, "--key", house.key(ADMINISTRATOR), "--root", house.root)
            self.plan.listed = self.desk
        self.keep()

    def _plan(self, mllp: int | None) -> Plan:
        file = self.folder / FILE
        if file.is_file():
            plan = Plan.model_validate_json(file.read_bytes())
            if taken := [name for name, port in plan.ports.items() if reachable(port)]:
                raise Failed(f"somebody listens on the port of {taken[0]}: does a demo run in this folder already?")
            return plan
        names = (*SOURCES, NEXT, SPARE, *SINKS)
        page, *found = free_ports(len(names) + 1)
        ports = dict(zip(names, found, strict=True))
        return Plan(ports=ports | ({"or-system": mllp} if mllp else {}), inbox_page=page)

    # -- what is drawn ---------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """One environment out of those of the shipped flows, and the flows with the names of this one."""
        whole: dict[str, Any] = {}
        for flow, names in FLOWS.items():
            shipped = Path(str(resources.files("flows") / "library" / flow))
            self._bring(shipped)
            environment = json.loads((shipped / "environment.json").read_text())
            document = json.loads((shipped / "flow.json").read_text())
            for step in document["steps"]:
                if "connection" in step:
                    step["connection"] = names.get(step["connection"], step["connection"])
            (self.drawn / f"{flow}.json").write_text(json.dumps(document, indent=1))
            connections = {names.get(name, name): described for name, described in environment["connections"].items()}
            whole = _joined(whole, environment | {"connections": connections})
        connections = whole["connections"]
        supplies = json.loads((self.drawn / "supply-consumption.json").read_text())
        (self.drawn / f"{medication.FLOW}.json").write_text(json.dumps(medication.drawn(supplies), indent=1))
        connections[medication.SOURCE] = dict(connections["or-system"])
        for name, title in ((NEXT, "Day surgery"), (SPARE, "Theatres north")):
            connections[name] = connections["or-system"] | {"system": title}
        for name, title in SOURCES.items():
            connections[name]["system"] = title
        connections["erp-soap"]["system"] = "ERP west (SOAP)"
        for name, port in self.plan.ports.items():
            connections[name]["port"] = port
        connections[INBOX] |= {"system": "ERP east (SFTP)", "user": sftp_erp.USER, "pins": [self.ssh.pin]}
        self.environment.write_text(json.dumps(whole | {"name": ENVIRONMENT}, indent=1))

    def _keep_secret(self, keys: sftp_erp.Keys) -> None:
        """The user's key where the runtime looks for the secrets of its connections."""
        secret = self.house.data / "secrets" / "connections" / INBOX
        secret.parent.mkdir(parents=True, mode=0o700)
        for folder in (secret.parent.parent, self.house.data):
            folder.chmod(0o700)
        secret.touch(mode=0o600)
        secret.write_bytes(keys.user.read_bytes())

    def _bring(self, shipped: Path) -> None:
        """Contracts and masters of a shipped flow."""
        for folder in ("contracts", "masters"):
            (self.drawn / folder).mkdir(parents=True, exist_ok=True)
            for file in (shipped / folder).iterdir():
                (self.drawn / folder / file.name).write_bytes(file.read_bytes())

    def _masters(self) -> None:
        case = json.loads((resources.files("flows") / "library/fhir-consumption/cases/both.json").read_text())
        wards = case["masters"]
        rows = {
            "items": [*seed.item_rows(), *wards["items"]],
            "locations": seed.location_rows(),
            "cost-centres": [*wards["cost-centres"], *seed.cost_centre_rows()],
        }
        for master, those in rows.items():
            self.house.load_master(self.drawn / "flow.json", master, those, ("sam", "noor"))


def free_from(first: int, taken: set[int]) -> int:
    """``first``, or the next port that nobody has."""
    for port in range(first, first + 200):
        if port in taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Failed(f"no port is free from {first} to {first + 199}")


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two environments as one: what both name is of the first."""
    if not one:
        return dict(other)
    return {
        **one,
        "connections": {**other["connections"], **one["connections"]},
        "masters": {**other["masters"], **one["masters"]},
        "roles": list(dict.fromkeys([*one["roles"], *other["roles"]])),
        "alert_routes": list(dict.fromkeys([*one["alert_routes"], *other["alert_routes"]])),
    }
