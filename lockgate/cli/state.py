"""``lockgate trust accept-state``: a data folder whose sealed state is missing, older or too late runs again."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from flows.instants import from_ms
from lockgate.cli.context import DataOption, RootOption
from lockgate.cli.unusable import Unusable
from runtime.accepting import Word
from runtime.accepting import accept_state as accept
from runtime.channel import Setup
from runtime.settling import StartTrouble
from runtime.world import system


def accept_state(
    data: DataOption,
    root: RootOption,
    pin: Annotated[
        str, typer.Option("--pin", help="The pin of your trust root as you noted it, or its first 12 or more digits.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why, in 10 to 200 characters. It is recorded.")],
    clock: Annotated[
        bool, typer.Option("--clock", help="Also: the latest time seen was wrong, this machine's clock is right now.")
    ] = False,
    environment: Annotated[
        str | None, typer.Option("--environment", help="Needed where the trust root lists more than one.")
    ] = None,
) -> None:
    """Accept what a stopped runtime's data folder holds now as what is in force. A backup is the better way."""
    if not 10 <= len(reason) <= 200 or not reason.isprintable():
        raise Unusable("--reason takes 10 to 200 characters")
    setup = Setup(data.absolute(), data.absolute(), root.absolute(), environment)
    try:
        accepted = accept(setup, Word(getpass.getuser(), reason, pin, clock), system())
    except StartTrouble as error:
        raise Unusable(str(error)) from None
    state = accepted.state
    typer.echo(f"Accepted and recorded. Root {state.root}, pin {state.pin}, environment {state.environment}.")
    for flow, step in sorted(state.activations.items()):
        typer.echo(f"  {flow}: no activation below {step.count}, release {step.digest[:12]}")
    for name, step in sorted(accepted.masters.items()):
        typer.echo(f"  master {name.split(' ')[0]}: no step below {step.count}")
    typer.echo(f"  {len(state.revoked)} revoked releases; expiries count from {from_ms(state.time_ms)} on.")
    typer.echo("Compare this with your own records: what was taken out of the folder before cannot be known here.")
