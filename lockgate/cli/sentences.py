"""Findings and releases as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from flows.bundle import Bundle
from flows.diff import Change, Difference
from flows.findings import Finding, Json, Severity

SCALE = (
    "How sensitive: S0 public, S1 internal, S2 confidential, S3 tells with others who somebody is, S4 names somebody"
    " or is of a special category such as health"
)
_MARKS = {Severity.HARD: "blocks", Severity.SOFT: "soft", Severity.ADVISORY: "advice"}


def say_findings(findings: Sequence[Finding]) -> None:
    """Each finding: the sentence, its way, its reason, its ways out."""
    for finding in sorted(findings, key=lambda each: list(Severity).index(each.severity)):
        typer.echo(f"[{_MARKS[finding.severity]}] {finding.rule}: {finding.sentence}")
        address = finding.address
        if address.path:
            way = " -> ".join(f"{hop.step} ({hop.field})" for hop in address.path)
            typer.echo(f"    path: {way}")
        if address.pointer:
            typer.echo(f"    at: {address.pointer}")
        if finding.why:
            typer.echo(f"    why: {finding.why}")
        for fix in finding.fixes:
            typer.echo(f"    fix: {fix.title}")


def counted(number: int, noun: str) -> str:
    """``1 key``, ``2 keys``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tally(findings: Sequence[Finding]) -> str:
    """How many findings of each severity."""
    counts = [(severity, sum(each.severity is severity for each in findings)) for severity in Severity]
    return ", ".join(f"{count} {severity}" for severity, count in counts)


def say_head(bundle: Bundle) -> None:
    """Which release this is."""
    flow, environment = bundle.manifest.flow, bundle.manifest.environment
    typer.echo(f"Release {bundle.release}")
    typer.echo(f'  flow {flow["id"]} "{flow["name"]}", purpose {flow["purpose"]}')
    typer.echo(f"  environment {environment['name']} with {environment['label']} data, until {bundle.manifest.expires}")
    typer.echo(f"  authors {', '.join(bundle.manifest.authors)}")


def say_release(bundle: Bundle) -> None:
    """What a release is, and field by field what leaves for where."""
    say_head(bundle)
    manifest, environment = bundle.manifest, bundle.manifest.environment
    for sink, report in sorted(manifest.lineage.items()):
        _say_sink(sink, report, environment)
    typer.echo(f"  ({SCALE}.)")
    for waiver in manifest.waivers:
        typer.echo(f"  waived: {waiver.rule} by {waiver.owner} until {waiver.expires}: {waiver.reason}")
        typer.echo(f"    instead: {waiver.control}")


def _say_sink(sink: str, report: Json, environment: Json) -> None:
    connection = environment["connections"].get(report["connection"], {})
    where = f"{connection.get('system', '?')} ({connection.get('domain', '?')})"
    address = f"{connection.get('transport', '?')} {connection.get('host', '?')}:{connection.get('port', '?')}"
    typer.echo(f"  to {report['connection']}, {where}, {address}, operation {report['operation']} [step {sink}]:")
    for field, atoms in sorted(report["fields"].items()):
        typer.echo(f"    {field} <- {'; '.join(_atom(atom) for atom in atoms) or 'a constant'}")


def _atom(atom: Json) -> str:
    held = f", {' and '.join(atom['protections'])}" if atom["protections"] else ""
    return f"{atom['origin']} ({atom['concept']}, S{atom['sensitivity']} {'+'.join(atom['classes'])}{held})"


def parts(found: Difference) -> Sequence[tuple[str, tuple[Change, ...]]]:
    """The changes by consequence, the gravest first."""
    return (("exposure", found.exposure), ("behaviour", found.behaviour), ("configuration", found.configuration))


def say_difference(found: Difference, indent: str = "") -> None:
    """Each change as a sentence with its direction."""
    for part, changes in parts(found):
        typer.echo(f"{indent}{part}: {'no change' if not changes else ''}".rstrip())
        for change in changes:
            typer.echo(f"{indent}  [{change.direction}] {change.sentence}")
