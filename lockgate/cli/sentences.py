"""Findings and releases as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from flows.bundle import Bundle
from flows.findings import Finding, Json, Severity

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


def tally(findings: Sequence[Finding]) -> str:
    """How many findings of each severity."""
    counts = [(severity, sum(each.severity is severity for each in findings)) for severity in Severity]
    return ", ".join(f"{count} {severity}" for severity, count in counts)


def say_release(bundle: Bundle) -> None:
    """What a release is, and field by field what leaves for where."""
    manifest = bundle.manifest
    flow, environment = manifest.flow, manifest.environment
    typer.echo(f"Release {bundle.release}")
    typer.echo(f'  flow {flow["id"]} "{flow["name"]}", purpose {flow["purpose"]}')
    typer.echo(f"  environment {environment['name']} with {environment['label']} data, until {manifest.expires}")
    typer.echo(f"  authors {', '.join(manifest.authors)}; shown {manifest.shown[:16]}")
    for sink, report in sorted(manifest.lineage.items()):
        _say_sink(sink, report, environment)
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
