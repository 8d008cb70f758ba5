"""What lies on people's desks when the demo opens: a draft that leaks, and a change that waits for its approvers."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.instants import from_ms
from flows.trust import Authorship
from lockgate.demo import hospital
from lockgate.demo.campus import NEXT, Campus
from lockgate.demo.hospital import Patient
from lockgate.demo.house import ENVIRONMENT
from lockgate.demo.messages import Writer
from lockgate.demo.visitor import Visitor
from lockgate.demo.ward import Ward
from lockgate.keys import read_key, sign_statement
from runtime.store import ReleaseStore

LEAKING = "Day surgery consumption"
CHANGED = "supply-consumption-soap"
Document = dict[str, Any]


def lay_out(campus: Campus) -> None:
    """Ana's work of yesterday."""
    ana = Visitor.signed_in(campus.origin, "ana")
    leaking(ana, NEXT)
    waiting(campus, ana)


def leaking(ana: Visitor, connection: str) -> str:
    """A copy of supply consumption without its mask, received from ``connection``; gives the draft."""
    draft = ana.post("/drafts", {"name": LEAKING, "from": {"pattern": "supply-consumption"}})
    document = at(without(draft["document"], "tokenise"), connection)
    save(ana, draft, document, "Connected day surgery")
    _keep_cases_without_postings(ana, draft["id"])
    _lay_down(ana, draft["id"])
    return str(draft["id"])


def waiting(campus: Campus, ana: Visitor) -> str:
    """A change of a live flow that Ana submitted and signed as its author; gives the review."""
    draft = ana.post("/drafts", {"name": "Supply consumption to ERP west", "from": {"flow": CHANGED}})
    document = draft["document"] | {"retention": {"payload_days": 14}}
    save(ana, draft, document, "Payloads are kept for 14 days")
    _bring_cases(ana, draft["id"])
    made = ana.post(
        f"/drafts/{draft['id']}/submit",
        {
            "summary": "Payloads are kept for 14 days instead of 30",
            "reason": "The privacy office asked for it in ticket 4711: replays never go back further than two weeks.",
        },
    )
    release = str(made["release"])
    store = ReleaseStore(campus.house.store)
    flow = str(json.loads(store.get(release))["flow"]["id"])
    said = Authorship(flow=flow, environment=ENVIRONMENT, at=from_ms(time.time_ns() // 1_000_000))
    store.add_envelope(release, sign_statement(release, said, read_key(campus.house.key("ana"))))
    return str(made["review"])


def save(visitor: Visitor, draft: Mapping[str, Any], document: Document, summary: str) -> Any:
    """Saves a document on top of the newest revision; gives its analysis."""
    body = {"revision": draft["revision"], "document": document, "summary": summary}
    return visitor.put(f"/drafts/{draft['id']}", body)["analysis"]


def without(document: Document, step: str) -> Document:
    """The document without a step, its wires healed."""
    into = next(wire["from"] for wire in document["wires"] if wire["to"].startswith(f"{step}."))
    wires = [
        {**wire, "from": into} if wire["from"].startswith(f"{step}.") else wire
        for wire in document["wires"]
        if not wire["to"].startswith(f"{step}.")
    ]
    steps = [each for each in document["steps"] if each["id"] != step]
    layout = {name: place for name, place in document.get("layout", {}).items() if name != step}
    return {**document, "steps": steps, "wires": wires, "layout": layout}


def at(document: Document, connection: str) -> Document:
    """The document with another source system."""
    first, *others = document["steps"]
    return {**document, "steps": [{**first, "connection": connection, "title": "Day surgery charges"}, *others]}


def samples(folder: Path) -> Path:
    """Files to drop on a canvas, one a kind of message; gives their folder."""
    folder.mkdir(exist_ok=True)
    for where in ("day-surgery", "theatres"):
        (folder / f"{where}.hl7").write_bytes(sample(where).encode())
    (folder / "ward.json").write_text(json.dumps(Ward(11, "SAMPLE").next(), indent=1))
    return folder


def sample(where: str = "day-surgery") -> str:
    """A message to try a draft with: two charge lines, of day surgery as the draft that leaks."""
    return Writer(11, "SAMPLE").charge(sampled(where), hospital.ITEMS[2:4]).payload.decode()


def sampled(where: str = "day-surgery") -> Patient:
    """Whom the sample is about."""
    return hospital.patients(1, hospital.PLACES[where])[0]


def _keep_cases_without_postings(ana: Visitor, draft: str) -> None:
    """The cases that came with the pattern and expect a posting expect a case reference too: the leak shows there."""
    for case in ana.get(f"/drafts/{draft}/cases")["cases"]:
        if case["expects"]["postings"]:
            ana.delete(f"/drafts/{draft}/cases/{case['id']}")


def _bring_cases(ana: Visitor, draft: str) -> None:
    """At least one test case that passes: what is submitted was tried."""
    if not ana.get(f"/drafts/{draft}/cases")["cases"]:
        ana.post(f"/drafts/{draft}/cases", {"title": "Two charge lines", "text": sample()})


def _lay_down(ana: Visitor, draft: str) -> None:
    """Nobody holds the pen when the demo opens."""
    ana.post(f"/drafts/{draft}/pen", {"take": False})
