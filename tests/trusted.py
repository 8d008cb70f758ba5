"""A trusted household for tests: people with keys, a root, and a sealed, approved and activated release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flows.bundle import bundle_bytes
from flows.canonical import loads_strict, sha256_hex
from flows.declaration import Declaration
from flows.effects import Effects
from flows.environment import Surroundings
from flows.findings import Address, Finding, Severity
from flows.graph import Flow, Step
from flows.instants import from_ms, to_ms
from flows.release import Claims, Judged, Kernel, Sealed, Waiver, seal
from flows.trust import (
    Activation,
    Approval,
    Authorship,
    OfRelease,
    Person,
    Reason,
    Refusal,
    Revocation,
    Role,
    Root,
)
from flows.vocabulary import DataLabel
from lockgate.keys import PrivateKey, new_key, sign_statement
from runtime.build import build_digest
from runtime.releases import Floor, Here, VerifiedRelease, load

LIBRARY = Path(__file__).parent.parent / "flows" / "library"
SUPPLY = LIBRARY / "supply-consumption"
NOON = to_ms("2026-03-02T12:00:00Z")
DAY = 86_400_000
PEOPLE: Mapping[str, tuple[Role, ...]] = {
    "ada": (Role.ANALYST,),
    "ben": (Role.ANALYST,),
    "pia": (Role.PRIVACY,),
    "eli": (Role.ERP_OWNER,),
    "eva": (Role.ERP_OWNER, Role.OPERATOR),
    "oli": (Role.OPERATOR,),
    "sam": (Role.STEWARD,),
    "sue": (Role.STEWARD,),
    "adi": (Role.ADMINISTRATOR,),
    "all": tuple(Role),
}


@cache
def key_of(name: str) -> PrivateKey:
    """The key of a person; ``pia-2`` is a second one."""
    return new_key("p256" if name in ("eli", "sue") else "ed25519")


def declare(step: Step, around: Surroundings) -> Declaration:
    """A catalogue in one function: sinks send what their contract takes."""
    category = {"hl7_mllp": "source", "rest": "sink"}.get(step.kind, "transform")
    operation = around.operations.get((step.connection or "", str(step.config.get("operation", ""))))
    sends = tuple(field.path for field in operation.fields) if operation else None
    return Declaration(
        kind=step.kind,
        version=step.version,
        title=step.title,
        category=category,  # type: ignore[arg-type]  # one of the three
        effects=Effects(sends=sends),
        operation=operation,
        connection=step.connection,
    )


def judge(flow: Flow, around: Surroundings, waivers: tuple[Waiver, ...]) -> Judged:
    """A policy set of three rules: a mask must stand (hard), a note and an alert should (soft, advisory)."""
    findings = []
    if not any(step.kind == "mask" for step in flow.steps):
        findings.append(Finding(rule="LG-TEST-MASK", severity=Severity.HARD, sentence="There is no mask step."))
    if not flow.alerts and not any(each.rule == "LG-TEST-ALERT" and each.step != "decrement" for each in waivers):
        findings.append(
            Finding(
                rule="LG-TEST-ALERT",
                severity=Severity.SOFT,
                sentence="Nobody is alerted.",
                address=Address(step="receive"),
            )
        )
    lineage: Any = {step.id: {"fields": {}} for step in flow.steps if step.kind == "rest"}
    return Judged(tuple(findings), {"LG-TEST-MASK": not findings, "waived": len(waivers)}, lineage)


def node_digest(kind: str, version: int) -> str:
    return sha256_hex(f"{kind}@{version}".encode())


KERNEL = Kernel(declare=declare, node_digest=node_digest, judge=judge, policies=sha256_hex(b"test policies"))
HERE = Here("TEST", DataLabel.SYNTHETIC)


def root(**changes: Any) -> Root:
    """The root of the household, with changes."""
    facts: dict[str, Any] = {
        "version": 1,
        "expires": from_ms(NOON + 365 * DAY),
        "demo": False,
        "epoch": 1,
        "persons": {name: Person(name=name.title(), roles=roles) for name, roles in PEOPLE.items()},
        "keys": {key_of(name).keyid: key_of(name).public(name) for name in PEOPLE},
        "root_keys": (key_of("adi").keyid,),
        "root_threshold": 1,
        "policy_sets": (KERNEL.policies,),
        "builds": (build_digest(),),
        "environments": {"TEST": DataLabel.SYNTHETIC},
    }
    return Root(**(facts | changes))


def signed(root: Root, *names: str) -> bytes:
    """A root in an envelope, signed by root key holders."""
    return sign_statement(root.digest, root, *(key_of(name) for name in names or ("adi",)))


ROOT = root()
ROOTS = (signed(ROOT),)


def claims(**changes: Any) -> Claims:
    facts: dict[str, Any] = {
        "authors": ("ada",),
        "made": from_ms(NOON - DAY),
        "expires": from_ms(NOON + 30 * DAY),
        "epoch": 1,
    }
    return Claims(**(facts | changes))


def files(path: str) -> bytes:
    return (SUPPLY / path).read_bytes()


def sealed(
    flow: bytes | None = None, environment: bytes | None = None, kernel: Kernel = KERNEL, **changes: Any
) -> Sealed:
    """Supply consumption, sealed; fails where findings forbid it."""
    found = seal(flow or files("flow.json"), environment or files("environment.json"), files, kernel, claims(**changes))
    assert isinstance(found, Sealed), found
    return found


class Release:
    """A sealed release and its envelopes, each of which a test may leave out, change or add to."""

    def __init__(self, sealed: Sealed) -> None:
        self.sealed = sealed
        facts = loads_strict(sealed.manifest, limit=8 << 20)
        self.flow, self.environment = _named(facts, "flow", "id"), _named(facts, "environment", "name")
        self.shown = str(facts["shown"])
        self.said: dict[str, bytes] = {
            "ada": self.sign("ada", Authorship),
            "pia": self.sign("pia", Approval),
            "eli": self.sign("eli", Approval),
            "oli": self.sign("oli", Activation),
        }

    def sign(self, name: str, act: type[OfRelease], **changes: Any) -> bytes:
        """An envelope in which ``name`` speaks of this release; ``subject`` and members may be changed."""
        facts: dict[str, Any] = {"flow": self.flow, "environment": self.environment, "at": from_ms(NOON)}
        if act is Approval:
            facts["shown"] = self.shown
        if act is Activation:
            facts["sequence"] = 1
        if act is Revocation:
            facts["why"] = "a mistake"
        subject = changes.pop("subject", self.sealed.digest)
        return sign_statement(subject, act(**(facts | changes)), key_of(name))

    def bundle(self, *without: str, more: tuple[bytes, ...] = ()) -> bytes:
        said = [data for name, data in self.said.items() if name not in without]
        return bundle_bytes(self.sealed.manifest, self.sealed.attachments, (*said, *more))


def _named(facts: Any, member: str, name: str) -> str:
    """A name inside a manifest; any that will do where a test has spoilt the place."""
    inside = facts[member].get(name) if isinstance(facts[member], dict) else None
    first, other = ("a-z", "supply-consumption") if member == "flow" else ("A-Z", "TEST")
    usable = isinstance(inside, str) and re.fullmatch(f"[{first}][{first}0-9-]{{0,30}}", inside)
    return str(inside) if usable else other


def taken(
    bundle: bytes,
    *,
    roots: tuple[bytes, ...] = ROOTS,
    pin: str = ROOT.digest,
    at_ms: int = NOON,
    here: Here = HERE,
    kernel: Kernel = KERNEL,
    floor: Floor = Floor(),  # noqa: B008 - immutable
) -> VerifiedRelease | Refusal:
    """What the runtime says to a bundle."""
    return load(bundle, roots=roots, pin=pin, at_ms=at_ms, here=here, kernel=kernel, floor=floor)


def reason(answer: VerifiedRelease | Refusal) -> Reason | None:
    """Why it was refused; None where it was not."""
    return answer.reason if isinstance(answer, Refusal) else None
