"""``lockgate master``: rows that stewards sign."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.masters import MasterContract, Row
from flows.trust import Refused
from lockgate import stewardship
from lockgate.cli.context import (
    KeyOption,
    RootOption,
    StoreOption,
    holding,
    now_ms,
    private_key,
    root_of,
    store_at,
)
from lockgate.cli.unusable import Unusable, read, read_model
from lockgate.stewardship import Change, RowsUnusable, Standing

app = typer.Typer(help="Masters: rows that stewards sign.", no_args_is_help=True, rich_markup_mode=None)
MasterArgument = Annotated[str, typer.Argument(metavar="MASTER", help="Id of the master, such as 'items'.")]
RowsArgument = Annotated[str, typer.Argument(metavar="ROWS", help="A CSV or JSON file of rows, or JSON text.")]


@app.command("load")
def load(
    contract: Annotated[Path, typer.Argument(metavar="CONTRACT", help="The master's contract file.")],
    rows: RowsArgument,
    key: KeyOption,
    root: RootOption,
    store: StoreOption,
) -> None:
    """Begin a master with its first rows. A second steward signs with 'lockgate master sign'."""
    form = read_model(contract, MasterContract, "a master contract")
    given = _rows(rows, form)
    folder = store_at(store, new=True)
    _say(holding(stewardship.begin(folder, form, given, private_key(key), root_of(root), now_ms())))


@app.command("add")
def add(master: MasterArgument, rows: RowsArgument, key: KeyOption, root: RootOption, store: StoreOption) -> None:
    """Add rows at times that their keys do not have yet. One steward is enough."""
    _change(master, store, rows, key, root, adding=True)


@app.command("change")
def change(master: MasterArgument, rows: RowsArgument, key: KeyOption, root: RootOption, store: StoreOption) -> None:
    """Put rows in the place of those with the same key and first day. Takes a second steward."""
    _change(master, store, rows, key, root, adding=False)


@app.command("retire")
def retire(
    master: MasterArgument,
    code: Annotated[list[str], typer.Option("--code", help="The parts of the key, in order; repeat for each.")],
    on: Annotated[str, typer.Option("--on", help="First day on which the row no longer holds, 2026-03-31.")],
    key: KeyOption,
    root: RootOption,
    store: StoreOption,
) -> None:
    """End the newest row of a key. Takes a second steward."""
    step = Change(retire=((tuple(code), on),))
    try:
        _say(holding(stewardship.make(store_at(store), master, step, private_key(key), root_of(root), now_ms())))
    except ValueError:
        raise Unusable(f"--on {on}: write the day as 2026-03-31.") from None


@app.command("sign")
def sign(master: MasterArgument, key: KeyOption, root: RootOption, store: StoreOption) -> None:
    """Sign the newest step of a master, which another steward made."""
    _say(holding(stewardship.sign(store_at(store), master, private_key(key), root_of(root), now_ms())))


def _change(master: str, store: Path, rows: str, key: Path, root: Path, *, adding: bool) -> None:
    folder = store_at(store)
    try:
        contract = stewardship.contract_in(folder, master)
    except Refused as refused:
        holding(refused.refusal)
        return
    given = _rows(rows, contract)
    step = Change(add=given) if adding else Change(change=given)
    _say(holding(stewardship.make(folder, master, step, private_key(key), root_of(root), now_ms())))


def _rows(given: str, contract: MasterContract) -> tuple[Row, ...]:
    text = given.lstrip().startswith(("{", "["))
    data = given.encode() if text else read(Path(given), "a file of rows")
    try:
        return stewardship.read_rows(data, contract, "" if text else given)
    except RowsUnusable as error:
        raise Unusable(f"{'the rows' if text else given}: {error}") from None


def _say(standing: Standing) -> None:
    signers = ", ".join(standing.signed)
    where = f"Snapshot {standing.sequence} of master '{standing.master}' ({standing.digest[:12]})"
    if standing.in_force:
        typer.echo(f"{where} is signed by {signers}: runtimes take it at once.")
    else:
        typer.echo(f"{where} is signed by {signers}; it takes {standing.needed} stewards to be in force.")
