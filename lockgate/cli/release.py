"""``lockgate seal | approve | activate | revoke | export | verify``: from a draft to what a runtime may execute."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.bundle import Bundle, parse_bundle
from flows.canonical import NotCanonical
from flows.diff import diff
from flows.enrolment import phrase
from flows.release import Sealed, read_manifest
from flows.trust import Activation, Approval, Reason, Refusal, Revocation, Root
from lockgate import signing
from lockgate.cli.context import (
    BUNDLE,
    KeyOption,
    RootOption,
    StoreOption,
    YesOption,
    agreed,
    find_release,
    holding,
    keeping,
    named,
    private_key,
    recognised,
    refused,
    root_of,
    store_at,
)
from lockgate.cli.draft import MAX_FLOW, EnvironmentOption, FlowArgument, environment_of, surroundings_of
from lockgate.cli.sentences import counted, say_difference, say_findings, say_head, say_release, tally
from lockgate.cli.unusable import Unusable, read, write
from lockgate.clock import now_ms
from lockgate.signing import Approvable, Source, Terms
from runtime import objections
from runtime.kernel import kernel
from runtime.releases import recompute, vet
from runtime.store import ReleaseStore, StoreTrouble

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
    surroundings_of(where)
    source = Source(read(flow, "a flow file", limit=MAX_FLOW), where.data, where.files)
    before = find_release(folder, previous) if previous else None
    terms = Terms(days=days, authors=tuple(author or ()), previous=before)
    with keeping(store):
        made = signing.seal_release(folder, source, terms, private_key(key), root_of(root), now_ms(), kernel())
    if isinstance(made, Refusal):
        refused(made)
    if not isinstance(made, Sealed):
        say_findings(made)
        typer.echo("Not sealed: the findings above forbid it.")
        raise typer.Exit(1)
    say_findings(made.findings)
    typer.echo(made.digest)


def show(digest: DigestArgument, root: RootOption, store: StoreOption) -> None:
    """Show what leaves for where, what changes against what runs, and who signed. Signs nothing."""
    folder = store_at(store)
    _say_whole(folder, find_release(folder, digest), root_of(root))


def approve(
    digest: DigestArgument, key: KeyOption, root: RootOption, store: StoreOption, yes: YesOption = False
) -> None:
    """Recompute the proof from the sealed bytes, show what leaves for where, and sign."""
    folder, trusted, held = store_at(store), root_of(root), private_key(key)
    release = find_release(folder, digest)
    found = _say_whole(folder, release, trusted)
    holding(signing.wanted(folder, release))
    person = holding(signing.holder(held, trusted, Approval))
    holding(signing.may_approve(found, person))
    agreed(f"Approve this release as '{person}'?", yes=yes)
    with keeping(store):
        signed = holding(signing.approve(folder, release, held, trusted, now_ms(), kernel()))
    quorum = trusted.thresholds.approval.persons
    typer.echo(f"Approved by {', '.join(signed.approvers)}: {len(signed.approvers)} of {quorum}.")


def activate(
    digest: DigestArgument, key: KeyOption, root: RootOption, store: StoreOption, yes: YesOption = False
) -> None:
    """Show an approved release, and let it run in its environment."""
    folder, trusted, held = store_at(store), root_of(root), private_key(key)
    release = find_release(folder, digest)
    found = _say_whole(folder, release, trusted)
    holding(signing.wanted(folder, release))
    person = holding(signing.holder(held, trusted, Activation))
    flow, name = found.bundle.manifest.flow["id"], found.bundle.manifest.environment["name"]
    agreed(f"Let this release of '{flow}' run in {name}, as '{person}'?", yes=yes)
    with keeping(store):
        examined = holding(signing.activate(folder, release, held, trusted, now_ms(), kernel()))
    typer.echo(f"Activation {examined.people.sequence} of '{flow}' in {name}: release {release[:12]} may run.")


def revoke(
    digest: DigestArgument,
    why: Annotated[str, typer.Option("--why", help="The reason, for everybody who meets it; 500 characters at most.")],
    key: KeyOption,
    root: RootOption,
    store: StoreOption,
    yes: YesOption = False,
) -> None:
    """Stop a release for good."""
    if not 1 <= len(why.strip()) <= 500:
        raise Unusable("--why: give the reason in 1 to 500 characters; everybody who meets the release reads it")
    folder, trusted, held = store_at(store), root_of(root), private_key(key)
    release = find_release(folder, digest)
    person = holding(signing.holder(held, trusted, Revocation))
    bundle = holding(_bundle(folder.bundle(release)))
    say_head(bundle)
    _say_running(folder, bundle)
    agreed(f"Stop this release for good, as '{person}'? It never runs again.", yes=yes)
    with keeping(store):
        person = holding(signing.revoke(folder, release, why, held, trusted, now_ms()))
    typer.echo(f"Release {release[:12]} is revoked by {person}; runtimes stop it within 20 seconds.")


def export(
    digest: DigestArgument,
    store: StoreOption,
    out: Annotated[
        Path | None,
        typer.Option("--out", parser=named, metavar="PATH", help="The bundle file; default: DIGEST.bundle."),
    ] = None,
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
    typer.echo(f"{target}: {len(data)} bytes, {counted(len(bundle.envelopes), 'signed statement')}.")
    _say_objection(folder, release)


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", parser=named, help="A bundle file.", show_default=False)],
    root: RootOption,
) -> None:
    """Check a bundle whole, as a runtime of this build does: every byte, every signature, the proof computed again."""
    data = recognised(bundle, "a bundle (made by 'lockgate export')", BUNDLE)
    trusted = root_of(root)
    examined = vet(data, trusted, now_ms(), kernel())
    if isinstance(examined, Refusal):
        typer.echo(f"refused ({examined.reason}): {examined.sentence}")
        _say_which(data, trusted, examined)
        raise typer.Exit(1)
    parsed, people = examined.bundle, examined.people
    say_release(parsed)
    active = f"activated by {people.activator} ({people.sequence})" if people.activator else "not activated"
    typer.echo(f"Holds. Authors {_all(people.authors)}; approved by {_all(people.approvers)}; {active}.")
    typer.echo("Whether somebody sent it back since is in no bundle: 'lockgate show' reads that in the release store.")
    _say_digest(parsed)


def _say_which(data: bytes, root: Root, refusal: Refusal) -> None:
    """Of a bundle that is refused, though its bytes hold: whether its proof does where signatures alone are missing,
    and its digest, which people compare before they sign."""
    bundle = parse_bundle(data)
    if isinstance(bundle, Refusal):
        return
    if refusal.reason in _UNSIGNED:
        proved = recompute(bundle, root, now_ms(), kernel())
        if isinstance(proved, Refusal):
            typer.echo(f"Its proof does not hold either ({proved.reason}): {proved.sentence}")
        else:
            typer.echo("Its bytes are what their digests say, and its proof was computed again and holds.")
    _say_digest(bundle)


_UNSIGNED = (Reason.AUTHORSHIP_MISSING, Reason.APPROVAL_MISSING, Reason.APPROVAL_ROLE_MISSING)


def _say_digest(bundle: Bundle) -> None:
    typer.echo(f"In words: {phrase(bundle.manifest_bytes)}")
    typer.echo(f"Release {bundle.release}")


def _say_whole(folder: ReleaseStore, release: str, root: Root) -> Approvable:
    """Everything about a release that somebody who signs has to see. Ends the command where nothing may be signed."""
    bundle = holding(_bundle(folder.bundle(release)))
    say_release(bundle)
    _say_changes(folder, bundle)
    found = holding(signing.approvable(folder, release, root, now_ms(), kernel()))
    say_findings(found.findings)
    typer.echo(f"Verdict: the proof was computed again and holds ({tally(found.findings)}).")
    sealers, approvers = ", ".join(found.sealers), ", ".join(found.approvers)
    counts = f"{len(found.approvers)} of {root.thresholds.approval.persons}"
    typer.echo(f"Sealed by {sealers or 'nobody yet'}; approved by {approvers or 'nobody yet'}: {counts}.")
    _say_objection(folder, release)
    _say_running(folder, bundle)
    return found


def _say_objection(folder: ReleaseStore, release: str) -> None:
    found = objections.read(folder, release)
    if found is not None:
        typer.echo(objections.sentence(found))


def _say_changes(folder: ReleaseStore, bundle: Bundle) -> None:
    """What is otherwise than in the release that it takes the place of: the one that runs, or that it names."""
    before = _running(folder, bundle) or bundle.manifest.previous
    if before is None or before == bundle.release:
        return
    try:
        was = read_manifest(folder.get(before))
    except (StoreTrouble, NotCanonical, ValueError):
        typer.echo(f"What it takes the place of, {before[:12]}, is not in this store: no changes can be shown.")
        return
    typer.echo(f"Against release {before[:12]}, which it takes the place of:")
    say_difference(diff(was, bundle.manifest), "  ")


def _say_running(folder: ReleaseStore, bundle: Bundle) -> None:
    running, flow = _running(folder, bundle), bundle.manifest.flow["id"]
    name = bundle.manifest.environment["name"]
    if running is None:
        typer.echo(f"No release of '{flow}' was activated in {name} yet.")
    elif running == bundle.release:
        typer.echo(f"It is the release of '{flow}' that was activated last in {name}.")
    else:
        typer.echo(f"In {name}, release {running[:12]} of '{flow}' was activated last.")


def _running(folder: ReleaseStore, bundle: Bundle) -> str | None:
    """The release of the flow whose activation is the newest in the environment, as the store has it."""
    flow = bundle.manifest.flow["id"]
    for each in folder.activations(bundle.manifest.environment["name"]):
        if each.flow == flow:
            return signing.spoken_of(each.envelope)
    return None


def _bundle(data: bytes) -> Bundle | Refusal:
    return parse_bundle(data)


def _all(people: frozenset[str]) -> str:
    return ", ".join(sorted(people))
