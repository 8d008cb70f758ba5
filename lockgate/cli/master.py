"""``lockgate master``: rows that stewards sign."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.master_table import day_of
from flows.masters import MasterContract, Row
from flows.trust import Refusal, Root
from lockgate import stewardship
from lockgate.cli.context import (
    KeyOption,
    RootOption,
    StoreOption,
    YesOption,
    agreed,
    holding,
    keeping,
    named,
    private_key,
    root_of,
    store_at,
)
from lockgate.cli.rows import say_step, spelled
from lockgate.cli.sentences import counted
from lockgate.cli.unusable import Unusable, read, read_model
from lockgate.clock import now_ms
from lockgate.keys import PrivateKey
from lockgate.stewardship import Change, RowsUnusable, Standing, Step
from runtime.store import ReleaseStore, StoreTrouble

app = typer.Typer(help="Masters: rows that stewards sign.", no_args_is_help=True, rich_markup_mode=None)
MasterArgument = Annotated[str, typer.Argument(metavar="MASTER", help="Id of the master, such as 'items'.")]
RowsArgument = Annotated[str, typer.Argument(metavar="ROWS", help="A CSV or JSON file of rows, or JSON text.")]
MOST = 50
"""Rows of a master that are listed unasked."""


@app.command("load")
def load(
    contract: Annotated[
        Path, typer.Argument(metavar="CONTRACT", parser=named, help="The master's contract file.", show_default=False)
    ],
    rows: RowsArgument,
    key: KeyOption,
    root: RootOption,
    store: StoreOption,
    yes: YesOption = False,
) -> None:
    """Begin a master with its first rows. A second steward signs with 'lockgate master sign'."""
    form = read_model(contract, MasterContract, "a master contract")
    given = _rows(rows, form)
    folder, held, trusted = store_at(store, new=True), private_key(key), root_of(root)
    _put(folder, stewardship.first_of(folder, form, given, held, trusted), held, trusted, yes=yes)


@app.command("add")
def add(
    master: MasterArgument,
    rows: RowsArgument,
    key: KeyOption,
    root: RootOption,
    store: StoreOption,
    yes: YesOption = False,
) -> None:
    """Add rows at times that their keys do not have yet. One steward is enough."""
    given = _rows(rows, _contract(store_at(store), master))
    _change(master, Change(add=given), key, root, store, yes=yes)


@app.command("change")
def change(
    master: MasterArgument,
    rows: RowsArgument,
    key: KeyOption,
    root: RootOption,
    store: StoreOption,
    yes: YesOption = False,
) -> None:
    """Put rows in the place of those with the same key and first day. Takes a second steward."""
    given = _rows(rows, _contract(store_at(store), master))
    _change(master, Change(change=given), key, root, store, yes=yes)


@app.command("retire")
def retire(
    master: MasterArgument,
    code: Annotated[list[str], typer.Option("--code", help="The parts of the key, in order; repeat for each.")],
    on: Annotated[str, typer.Option("--on", help="First day on which the row no longer holds, 2026-03-31.")],
    key: KeyOption,
    root: RootOption,
    store: StoreOption,
    yes: YesOption = False,
) -> None:
    """End the newest row of a key. Takes a second steward."""
    if day_of(on) != on:
        raise Unusable(f"--on {on}: this is no day of the calendar; write it as 2026-03-31.")
    _change(master, Change(retire=((tuple(code), on),)), key, root, store, yes=yes)


@app.command("sign")
def sign(master: MasterArgument, key: KeyOption, root: RootOption, store: StoreOption, yes: YesOption = False) -> None:
    """Sign the newest step of a master, which another steward made, after looking at its rows."""
    folder, held, trusted = store_at(store), private_key(key), root_of(root)
    _put(folder, stewardship.newest_of(folder, master, held, trusted), held, trusted, yes=yes)


@app.command("show")
def show(
    master: MasterArgument,
    root: RootOption,
    store: StoreOption,
    key: Annotated[list[str] | None, typer.Argument(metavar="[KEY]...", help="Parts of a key: only its rows.")] = None,
    step: Annotated[bool, typer.Option("--step", help="The newest step with all its rows, signed or not.")] = False,
) -> None:
    """Show the rows of a master that are in force, and what waits for signatures. Signs nothing."""
    folder, trusted = store_at(store), root_of(root)
    contract = _contract(folder, master)
    table = stewardship.in_force(folder, contract, trusted)
    if step:
        say_step(_newest(folder, contract, trusted), whole=True)
        return
    rows = [row for row in table.rows() if set(key or ()) <= set(row.key)]
    told = "no step is in force yet" if table.sequence == 0 else f"in force as of step {table.sequence}"
    typer.echo(f"Master '{master}' ({contract.title}): {counted(len(table), 'row')}, {told}.")
    for row in rows if key else rows[:MOST]:
        typer.echo(f"  {spelled(row)}")
    if key and not rows:
        typer.echo("  No row has these parts in its key.")
    if not key and len(rows) > MOST:
        typer.echo(f"  ... and {counted(len(rows) - MOST, 'more row')}: name parts of a key to see its rows.")
    waiting = _newest(folder, contract, trusted)
    if waiting.snapshot.sequence > table.sequence:
        signed = stewardship.standing(folder, contract, waiting.data, trusted).signed
        typer.echo(f"Not in force, signed by {', '.join(signed) or 'nobody'}:")
        say_step(waiting)


def _contract(folder: ReleaseStore, master: str) -> MasterContract:
    try:
        return stewardship.contract_in(folder, master)
    except StoreTrouble as error:
        raise Unusable(f"{folder.path}: {error}") from None


def _newest(folder: ReleaseStore, contract: MasterContract, root: Root) -> Step:
    last = folder.master_snapshots(contract.id)[-1]
    before = stewardship.current(folder, contract, root, before=last.sequence)
    return Step(before, stewardship.read_snapshot(last.snapshot), last.snapshot)


def _change(master: str, change: Change, key: Path, root: Path, store: Path, *, yes: bool) -> None:
    folder, held, trusted = store_at(store), private_key(key), root_of(root)
    _put(folder, stewardship.next_of(folder, master, change, held, trusted), held, trusted, yes=yes)


def _put(folder: ReleaseStore, made: Step | Refusal, key: PrivateKey, root: Root, *, yes: bool) -> None:
    """Shows a step, asks, and signs it."""
    step = holding(made)
    say_step(step)
    agreed("Sign this step?", yes=yes)
    with keeping(folder.path):
        standing = stewardship.put(folder, step, key, root, now_ms())
    _say(holding(standing))


def _rows(given: str, contract: MasterContract) -> tuple[Row, ...]:
    text = given.lstrip().startswith(("{", "["))
    data = given.encode() if text else read(named(given), "a file of rows")
    try:
        rows = stewardship.read_rows(data, contract, "" if text else given)
    except RowsUnusable as error:
        raise Unusable(f"{'the rows' if text else given}: {error}") from None
    if not rows:
        raise Unusable(f"{'the rows' if text else given}: there is no row in it, so there is nothing to sign.")
    return rows


def _say(standing: Standing) -> None:
    signers = ", ".join(standing.signed)
    where = f"Snapshot {standing.sequence} of master '{standing.master}' ({standing.digest[:12]})"
    if standing.in_force:
        typer.echo(f"{where} is signed by {signers}: runtimes take it at once.")
    else:
        typer.echo(f"{where} is signed by {signers}; it takes {counted(standing.needed, 'steward')} to be in force.")
