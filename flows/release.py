"""A release: the manifest that everything else names by digest, made by sealing a flow that holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from flows.canonical import NotCanonical, dumps, load_canonical, loads_strict, sha256_hex
from flows.declaration import Declaration, Declare
from flows.environment import Environment, Surroundings
from flows.findings import Address, Finding, Json, Model, Severity
from flows.graph import Flow, dump_flow, read_flow
from flows.instants import Instant, to_ms
from flows.surroundings import Files, SurroundingsError, load_environment, load_surroundings
from flows.trust.envelope import Hex
from flows.trust.statement import Id

LONGEST_LIFE_MS = 366 * 86_400_000
MAX_MANIFEST = 8 << 20


class Waiver(Model):
    """A soft rule that need not hold: who answers for it, why, what is done instead, until when."""

    rule: str
    step: str | None = None
    """The step or sink at which it need not hold; None: in the whole flow."""
    owner: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=10)]
    control: Annotated[str, Field(min_length=10)]
    """What is done instead."""
    expires: Instant

    def covers(self, finding: Finding) -> bool:
        return self.rule == finding.rule and self.step in (None, finding.address.step, finding.address.sink)


class Evidence(Model):
    """The test cases that were run before sealing."""

    suite: Hex
    """SHA-256 over the case files."""
    cases: Annotated[int, Field(ge=0)]
    passed: Annotated[int, Field(ge=0)]


class Claims(Model):
    """What the one who seals states; nothing recomputes it, so the signature answers for it."""

    authors: Annotated[tuple[Id, ...], Field(min_length=1, max_length=100)]
    """Persons of the trust root who worked on this version: none of them may approve it."""
    made: Instant
    expires: Instant
    epoch: Annotated[int, Field(ge=0)]
    """Of the trust root at sealing."""
    previous: Hex | None = None
    """The release that this one takes the place of."""
    waivers: tuple[Waiver, ...] = ()
    evidence: Evidence | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Claims:
        if not 0 < to_ms(self.expires) - to_ms(self.made) <= LONGEST_LIFE_MS:
            raise ValueError("a release expires after it is made, and within 366 days")
        if list(self.authors) != sorted(set(self.authors)):
            raise ValueError("authors are sorted, each named once")
        return self


class Proof(Model):
    """What follows from the content. The runtime computes it again and takes none of it on trust."""

    nodes: Mapping[str, Hex]
    """``mask@1`` -> digest of its file and of what that imports under ``nodes/``."""
    policies: Hex
    verdict: Json
    lineage: Json
    """Sink -> fields with the atoms that reach them."""
    fields: Mapping[str, tuple[str, ...]]
    """Sink -> the fields that its contract takes: the guard's list."""
    behaviour: Hex
    """Without layout and notes: decides whether anything changed."""
    shown: Hex
    """Of what reviewers were shown."""


class Manifest(Claims, Proof):
    """``lockgate/manifest/1``. The release digest is the SHA-256 of its canonical bytes."""

    format: Literal["lockgate/manifest/1"] = "lockgate/manifest/1"
    flow: dict[str, Json]
    environment: dict[str, Json]
    """The environment, with the connections that the flow uses. The runtime reads its facts from here alone."""
    files: Mapping[str, Hex]
    """Contracts and master contracts by the path under which the environment names them."""


class Judged(NamedTuple):
    """A flow judged: findings, and the two reports that a manifest holds."""

    findings: tuple[Finding, ...]
    verdict: Json
    lineage: Json


class Kernel(NamedTuple):
    """What recomputes a proof: node kinds and a policy set. ``policies`` is the digest of the set."""

    declare: Declare
    node_digest: Callable[[str, int], str]
    judge: Callable[[Flow, Surroundings, tuple[Waiver, ...]], Judged]
    policies: str


class Content(NamedTuple):
    """What a release is about: models, and the JSON values that they were read from and that the manifest holds.

    Digests are taken over the values: a later build whose models know more still finds what was signed.
    """

    flow: Flow
    around: Surroundings
    files: Mapping[str, str]
    spelled: dict[str, Json]
    environment: dict[str, Json]


class Source(NamedTuple):
    """A content with the bytes of its files, by digest."""

    content: Content
    attachments: Mapping[str, bytes]


class Proved(NamedTuple):
    """A proof with all that was found on the way."""

    proof: Proof
    declarations: Mapping[str, Declaration]
    findings: tuple[Finding, ...]


class Sealed(NamedTuple):
    """The bytes to be signed, and the files they name. ``digest`` is the release."""

    manifest: bytes
    attachments: Mapping[str, bytes]
    findings: tuple[Finding, ...] = ()

    @property
    def digest(self) -> str:
        return sha256_hex(self.manifest)


def seal(flow: bytes, environment: bytes, files: Files, kernel: Kernel, claims: Claims) -> Sealed | tuple[Finding, ...]:
    """The sealed release, or the findings that forbid it: hard ones, and soft ones that nobody waived."""
    source = read_source(flow, environment, files)
    if not isinstance(source, Source):
        return source
    proved = prove(source.content, kernel, claims)
    against = forbidding(source.content, proved, kernel, claims, to_ms(claims.made))
    if against:
        return against
    manifest = compose(source.content, claims, proved.proof)
    return Sealed(dumps(manifest.model_dump(mode="json", by_alias=True)), source.attachments, proved.findings)


def read_source(flow: bytes, environment: bytes, files: Files) -> Source | tuple[Finding, ...]:
    """A flow and what stands around it, from the files in which people keep them; or what is wrong with those."""
    try:
        read, found = read_flow(loads_strict(flow))
        if read is None or found:
            return found
        kept: dict[str, bytes] = {}
        used = _used(load_environment(environment), {step.connection for step in read.steps})
        facts = used.model_dump(mode="json")
        around = _around(facts, read, _keeping(files, kept))
    except (NotCanonical, SurroundingsError) as error:
        return (_unreadable(str(error)),)
    digests = {path: sha256_hex(kept[path]) for path in sorted(kept)}
    return Source(Content(read, around, digests, dump_flow(read), facts), {digests[p]: kept[p] for p in digests})


def forbidding(content: Content, proved: Proved, kernel: Kernel, claims: Claims, at_ms: int) -> tuple[Finding, ...]:
    """The findings that forbid a release at a time: hard ones, and soft ones without a waiver that still holds."""
    holding = tuple(waiver for waiver in claims.waivers if at_ms < to_ms(waiver.expires))
    findings = proved.findings
    if holding != claims.waivers:
        findings = kernel.judge(content.flow, content.around, holding).findings

    def forbids(finding: Finding) -> bool:
        if finding.severity is Severity.SOFT:
            return not any(waiver.covers(finding) for waiver in holding)
        return finding.severity is Severity.HARD

    return tuple(finding for finding in findings if forbids(finding))


def read_manifest(data: bytes) -> Manifest:
    """The manifest that ``data`` spells canonically; NotCanonical or ValidationError otherwise."""
    load_canonical(data, limit=MAX_MANIFEST)
    return Manifest.model_validate_json(data, strict=True)


def read_content(manifest: Manifest, attachments: Mapping[str, bytes]) -> Content | tuple[Finding, ...]:
    """The models of a sealed release, from its own bytes alone; findings where they cannot be read."""
    flow, found = read_flow(manifest.flow)
    if flow is None or found:
        return found
    try:
        around = _around(manifest.environment, flow, lambda path: attachments[manifest.files[path]])
    except SurroundingsError as error:
        return (_unreadable(str(error)),)
    return Content(flow, around, manifest.files, manifest.flow, manifest.environment)


def prove(content: Content, kernel: Kernel, claims: Claims) -> Proved:
    """What follows from the content under a kernel: the same bytes wherever it is computed."""
    declarations = declared(content, kernel)
    judged = kernel.judge(content.flow, content.around, claims.waivers)
    nodes, fields = node_digests(content.flow, declarations, kernel), sent(declarations)
    behaviour = {
        "flow": {name: value for name, value in content.spelled.items() if name not in ("layout", "notes")},
        "environment": content.environment,
        "files": content.files,
        "nodes": nodes,
    }
    shown = {
        "flow": content.spelled,
        "environment": content.environment,
        "verdict": judged.verdict,
        "lineage": judged.lineage,
        "fields": {name: list(paths) for name, paths in fields.items()},
        "claims": {name: _json(value) for name, value in claims if name in Claims.model_fields},
    }
    proof = Proof(
        nodes=nodes,
        policies=kernel.policies,
        verdict=judged.verdict,
        lineage=judged.lineage,
        fields=fields,
        behaviour=_digest(behaviour),
        shown=_digest(shown),
    )
    return Proved(proof, declarations, judged.findings)


def declared(content: Content, kernel: Kernel) -> dict[str, Declaration]:
    """The declarations of all steps that have one; what is wrong with the others is among the findings of the judge."""
    every = {step.id: kernel.declare(step, content.around) for step in content.flow.steps}
    return {name: each for name, each in every.items() if isinstance(each, Declaration)}


def node_digests(flow: Flow, declarations: Mapping[str, Declaration], kernel: Kernel) -> dict[str, str]:
    """``mask@1`` -> digest, for every kind that the flow uses."""
    used = {(step.kind, step.version) for step in flow.steps if step.id in declarations}
    return {f"{kind}@{version}": kernel.node_digest(kind, version) for kind, version in sorted(used)}


def sent(declarations: Mapping[str, Declaration]) -> dict[str, tuple[str, ...]]:
    """Sink -> the fields that its contract takes, sorted."""
    sinks = {name: each for name, each in declarations.items() if each.category == "sink"}
    return {name: tuple(sorted(each.effects.sends or ())) for name, each in sinks.items()}


def compose(content: Content, claims: Claims, proof: Proof) -> Manifest:
    """The manifest of a content, what is claimed of it, and what is proved of it."""
    return Manifest(
        flow=content.spelled,
        environment=content.environment,
        files=content.files,
        **{name: value for name, value in claims if name in Claims.model_fields},
        **dict(proof),
    )


def _around(environment: dict[str, Json], flow: Flow, files: Files) -> Surroundings:
    return load_surroundings(dumps(environment), files)._replace(purpose=flow.purpose)


def _used(environment: Environment, connections: set[str | None]) -> Environment:
    """Only the connections that the flow names: another one's change is no change of this release."""
    kept = {name: each for name, each in environment.connections.items() if name in connections}
    return environment.model_copy(update={"connections": kept})


def _keeping(files: Files, kept: dict[str, bytes]) -> Files:
    def read(path: str) -> bytes:
        kept[path] = files(path)
        return kept[path]

    return read


def _digest(value: Json) -> str:
    return sha256_hex(dumps(value))


def _json(value: object) -> Json:
    if isinstance(value, Model):
        return value.model_dump(mode="json")
    return [_json(each) for each in value] if isinstance(value, tuple) else value


def _unreadable(sentence: str) -> Finding:
    return Finding(
        rule="LG-SEAL-001",
        severity=Severity.HARD,
        sentence=f"This cannot be sealed: {sentence}",
        address=Address(),
        why="A release holds exact bytes of everything that it depends on.",
    )
