"""``lockgate seal | approve | activate | revoke | export | verify``: from a draft to what a runtime may execute."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.bundle import Bundle, parse_bundle
from flows.enrolment import phrase
from flows.release import Sealed
from flows.trust import Refusal
from lockgate import signing
from lockgate.cli.context import (
    KeyOption,
    RootOption,
    StoreOption,
    find_release,
    holding,
    now_ms,
    private_key,
    refused,
    root_of,
    store_at,
)
from lockgate.cli.draft import EnvironmentOption, FlowArgument, environment_of
from lockgate.cli.sentences import say_findings, say_release
from lockgate.cli.unusable import Unusable, read, write
from lockgate.signing import Source, Terms
from runtime.kernel import kernel
from runtime.releases import examine
from runtime.store import StoreTrouble

DigestArgument = Annotated[str, typer.Argument(metavar="DIGEST", help="Release digest, or its first 6 or more digits.")]


def seal(
    flow: FlowArgument,
    key: KeyOption,
    root: RootOption,
    store: StoreOption,
    env: EnvironmentOption = None,
    author: Annotated[list[str] | None, typer.Option("--author", help="Another person who worked on it.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How long the release may run.")] = 180,
    previous: Annotated[str | None, typer.Option("--previous", help="The release that it takes the place of.")] = None,
) -> None:
    """Make a release of a flow that holds, sign it as its author, and print its digest."""
    folder = store_at(store, new=True)
    where = environment_of(flow, env)
    source = Source(read(flow, "a flow file", limit=1 << 20), where.data, where.files)
    before = find_release(folder, previous) if previous else None
    terms = Terms(days=days, authors=tuple(author or ()), previous=before)
    made = signing.seal_release(folder, source, terms, private_key(key), root_of(root), now_ms(), kernel())
    if isinstance(made, Refusal):
        refused(made)
    if not isinstance(made, Sealed):
        say_findings(made)
        typer.echo("Not sealed: the findings above forbid it.")
        raise typer.Exit(1)
    say_findings(made.findings)
    typer.echo(made.digest)


def approve(digest: DigestArgument, key: KeyOption, root: RootOption, store: StoreOption) -> None:
    """Recompute the proof from the sealed bytes, show what leaves for where, and sign."""
    folder = store_at(store)
    release = find_release(folder, digest)
    trusted = root_of(root)
    found = holding(signing.approvable(folder, release, trusted, now_ms(), kernel()))
    say_release(found.bundle)
    say_findings(found.findings)
    signed = holding(signing.approve(folder, release, private_key(key), trusted, now_ms(), kernel()))
    quorum = trusted.thresholds.approval.persons
    typer.echo(f"Approved by {', '.join(signed.approvers)}: {len(signed.approvers)} of {quorum}.")


def activate(digest: DigestArgument, key: KeyOption, root: RootOption, store: StoreOption) -> None:
    """Let an approved release run in its environment."""
    folder = store_at(store)
    release = find_release(folder, digest)
    examined = holding(signing.activate(folder, release, private_key(key), root_of(root), now_ms(), kernel()))
    flow, name = examined.content.flow.id, examined.content.around.environment.name
    typer.echo(f"Activation {examined.people.sequence} of '{flow}' in {name}: release {release[:12]} may run.")


def revoke(
    digest: DigestArgument,
    why: Annotated[str, typer.Option("--why", help="The reason, for everybody who meets it.")],
    key: KeyOption,
    root: RootOption,
    store: StoreOption,
) -> None:
    """Stop a release for good."""
    folder = store_at(store)
    release = find_release(folder, digest)
    person = holding(signing.revoke(folder, release, why, private_key(key), root_of(root), now_ms()))
    typer.echo(f"Release {release[:12]} is revoked by {person}; runtimes stop it within 20 seconds.")


def export(
    digest: DigestArgument,
    store: StoreOption,
    out: Annotated[Path | None, typer.Option("--out", help="The bundle file; default: DIGEST.bundle.")] = None,
) -> None:
    """Write a release with its signatures into one file."""
    folder = store_at(store)
    release = find_release(folder, digest)
    try:
        bundle = holding(_bundle(folder.bundle(release)))
        name, flow = bundle.manifest.environment["name"], bundle.manifest.flow["id"]
        active = [each.envelope for each in folder.activations(name) if each.flow == flow]
        data = folder.bundle(release, *(each for each in active if signing.speaks_of(each, release)))
    except StoreTrouble as error:
        raise Unusable(f"{store}: {error}") from None
    target = out or Path(f"{release[:12]}.bundle")
    write(target, data, "a bundle")
    typer.echo(f"{target}: {len(data)} bytes, {len(bundle.envelopes)} signed statements.")


def verify(bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A bundle file.")], root: RootOption) -> None:
    """Check a bundle whole: every byte, every signature, and the proof computed again."""
    data = read(bundle, "a bundle")
    parsed = holding(_bundle(data))
    examined = holding(examine(parsed, root_of(root), now_ms(), kernel()))
    say_release(parsed)
    people = examined.people
    active = f"activated by {people.activator} ({people.sequence})" if people.activator else "not activated"
    typer.echo(f"Holds. Authors {_all(people.authors)}; approved by {_all(people.approvers)}; {active}.")
    typer.echo(f"In words: {phrase(parsed.manifest_bytes)}")
    typer.echo(f"Release {parsed.release}")


def _bundle(data: bytes) -> Bundle | Refusal:
    return parse_bundle(data)


def _all(people: frozenset[str]) -> str:
    return ", ".join(sorted(people))
