"""``lockgate run | status | cases [close] | replay | audit verify``: the runtime, and what an operator asks of it."""

from __future__ import annotations

import datetime
import getpass
import os
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError

from lockgate.cli.asking import lines_of, missing_keys, verified_at_rest, whole_cause
from lockgate.cli.context import DataOption, JsonOption, RootOption, StoreOption, named
from lockgate.cli.people_chain import folder_of, joined, walked
from lockgate.cli.rows import key_of
from lockgate.cli.sentences import counted
from lockgate.cli.unusable import Unusable
from runtime.api import RuntimeAbsent, RuntimeClient, RuntimeRefused
from runtime.questions.cases import AskClose, Case
from runtime.questions.ledger import Ledger
from runtime.supervisor import StartTrouble
from runtime.supervisor import run as run_runtime
from runtime.wire import Contract

LONGEST_CHECKPOINT = 32_000
cases = typer.Typer(help="The exception queue: failures that wait for a person.", rich_markup_mode=None)
audit = typer.Typer(help="What happened, and whether anybody changed it.", no_args_is_help=True, rich_markup_mode=None)


def run(
    store: StoreOption,
    root: RootOption,
    data: DataOption,
    environment: Annotated[
        str | None, typer.Option("--environment", help="Needed where the trust root lists more than one.")
    ] = None,
    witness: Annotated[
        Path | None,
        typer.Option(
            "--witness",
            envvar="LOCKGATE_WITNESS",
            help="A folder, best on another machine, that gets a copy of every checkpoint of the audit.",
        ),
    ] = None,
) -> None:
    """Run the runtime alone. Nothing runs without an activation."""
    if not store.is_dir():
        raise Unusable(f"{store}: there is no release store here.")
    if not root.is_file():
        raise Unusable(f"{root}: there is no trust file here.")
    _check_folder(data)
    try:
        raise typer.Exit(run_runtime(store, root, data, environment, witness))
    except StartTrouble as error:
        raise Unusable(str(error)) from None


def status(data: DataOption, as_json: JsonOption = False) -> None:
    """What runs, and the ledger of everything that came in and went out."""
    client = _client(data)
    try:
        now, ledger = client.status(), client.ledger()
    except RuntimeRefused as error:
        _refused(error)
    if as_json:
        typer.echo(f'{{"status":{now.model_dump_json()},"ledger":{ledger.model_dump_json()}}}')
        return
    demo = ", demo trust" if now.demo_root else ""
    typer.echo(f"Lockgate {now.version}, environment {now.environment}, {now.label} data{demo}")
    for flow in now.flows:
        at = f" on {', '.join(flow.listening)}" if flow.listening else ""
        release = f", release {flow.release[:12]}, activation {flow.sequence}" if flow.release else ""
        typer.echo(f"  {flow.flow}: {flow.state}{at}{release}")
        if flow.sentence:
            typer.echo(f"    {flow.reason}: {flow.sentence}")
    if not now.flows:
        typer.echo("  No flow is activated here.")
    for master, sequence in sorted(now.masters.items()):
        typer.echo(f"  master {master}: snapshot {sequence}")
    for problem in now.problems:
        typer.echo(f"  ! {problem}")
    _say_ledger(ledger)


@cases.callback(invoke_without_command=True)
def list_cases(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option("--data", parser=named, metavar="PATH", help="The runtime's data folder.")
    ] = None,
    flow: Annotated[str | None, typer.Option("--flow", help="Only cases of this flow.")] = None,
    state: Annotated[
        Literal["open", "resolved", "all"], typer.Option("--state", help="Which cases: open, resolved or all.")
    ] = "open",
    after: Annotated[int, typer.Option("--after", min=0, help="Only cases with a higher number.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """The exception queue: failures that wait for a person."""
    if context.invoked_subcommand is not None:
        return
    if data is None:
        raise Unusable("name the runtime's data folder: --data")
    client = _client(data)
    try:
        found = client.cases(state, flow=flow, after=after)
    except RuntimeRefused as error:
        _refused(error)
    if as_json:
        _json(found)
        return
    try:
        told = tuple((case, lines_of(client, case)) for case in found.cases)
        missing = missing_keys(client, state, flow)
    except RuntimeRefused as error:
        _refused(error)
    for case, lines in told:
        _say_case(case, lines, missing.get(case.group, ()))
    more = " (more: --after with the last number)" if len(found.cases) == 100 else ""
    typer.echo(f"{counted(found.open, 'case')} open{more}." if found.open else "No case is open.")


@cases.command("close")
def close(
    data: DataOption,
    case: Annotated[int, typer.Argument(metavar="CASE", help="Number of the case.", min=1)],
    reason: Annotated[
        str, typer.Option("--reason", help="Why nothing is left to do, in 10 to 200 characters. It is recorded.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Close a case by hand: what it holds is not posted any more, and the record says who decided it and why."""
    try:
        asked = AskClose(actor=_me(), case=case, reason=reason)
    except ValidationError:
        raise Unusable("--reason takes 10 to 200 characters") from None
    client = _client(data)
    try:
        done = client.close(asked)
    except RuntimeRefused as error:
        _refused(error)
    if as_json:
        _json(done)
    else:
        typer.echo(f"{done.outcome}: {done.sentence}")
    if done.outcome != "closed":
        raise typer.Exit(1)


def replay(
    data: DataOption,
    case: Annotated[int | None, typer.Argument(metavar="[CASE]", help="Number of a case.", min=1)] = None,
    group: Annotated[str | None, typer.Option("--group", help="All open cases of this cause.")] = None,
    master: Annotated[str | None, typer.Option("--master", help="All open cases that this master caused.")] = None,
    code: Annotated[
        list[str] | None, typer.Option("--code", help="With --master: the parts of the key, in order.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run what a case holds again, from the stored bytes and with today's masters. It posts at most once."""
    if sum(target is not None for target in (case, group, master)) != 1:
        raise Unusable("name exactly one of: a case number, --group, --master")
    if code and master is None:
        raise Unusable("--code belongs to --master")
    client = _client(data)
    try:
        cause = whole_cause(client, group) if group is not None else None
        done = client.replay(_me(), case=case, group=cause, master=master, key=tuple(code or ()))
    except RuntimeRefused as error:
        _refused(error)
    if as_json:
        _json(done)
    else:
        typer.echo(f"{done.outcome}: {done.sentence}")
    if done.outcome != "queued":
        raise typer.Exit(1)


@audit.command("verify")
def verify(
    data: DataOption,
    since: Annotated[
        Path | None, typer.Option("--since", help="A checkpoint from the witness folder: it has to be among them.")
    ] = None,
    designer: Annotated[
        Path | None,
        typer.Option(
            "--designer",
            parser=named,
            metavar="PATH",
            help="The designer's folder, whose own chain is walked too; found by itself where it stands beside.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Hold audit chains, checkpoints and books against each other; where no runtime runs, in the folder as it lies."""
    client, kept, people = RuntimeClient(data), _kept(since), folder_of(designer, data)
    try:
        found = client.audit_verify(kept)
    except RuntimeAbsent as absent:
        found = verified_at_rest(data, str(absent), kept)
        typer.echo(f"No runtime answers: read from {data} as it lies.", err=True)
    except RuntimeRefused as error:
        _refused(error)
    found = joined(found, walked(people) if people else None)
    if as_json:
        _json(found)
    else:
        for chain in found.chains:
            typer.echo(
                f"  {chain.writer}: {counted(chain.records, 'record')}, head {chain.head[:16]}. {chain.sentence}"
            )
        typer.echo(f"{'Holds' if found.good else 'BROKEN'}: {found.sentence}")
    if not found.good:
        raise typer.Exit(1)


def _kept(since: Path | None) -> str | None:
    """A checkpoint that was kept elsewhere."""
    if since is None:
        return None
    try:
        text = since.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Unusable(f"{since}: this checkpoint cannot be read.") from None
    if len(text) > LONGEST_CHECKPOINT:
        raise Unusable(f"{since}: this is no checkpoint.")
    return text


def _check_folder(data: Path) -> None:
    """A runtime writes there from its first moment on."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Unusable(f"{data}: this cannot be the data folder of a runtime ({error.strerror}).") from None
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise Unusable(f"{data}: this data folder cannot be read and written by user '{_me()}'.")


def _client(data: Path) -> RuntimeClient:
    client = RuntimeClient(data)
    try:
        client.status()
    except RuntimeAbsent as error:
        raise Unusable(str(error)) from None
    except RuntimeRefused as error:
        _refused(error)
    return client


def _refused(error: RuntimeRefused) -> None:
    typer.echo(f"refused ({error.code}): {error.sentence}")
    raise typer.Exit(1)


def _json(found: Contract) -> None:
    typer.echo(found.model_dump_json())


def _me() -> str:
    return getpass.getuser()


def _say_ledger(ledger: Ledger) -> None:
    typer.echo(
        f"Messages: {ledger.received} received = {ledger.accepted} accepted + {ledger.refused} refused"
        f" + {ledger.repeated} repeated; {ledger.filtered} filtered, {ledger.waiting} waiting."
    )
    typer.echo(
        f"Postings: {ledger.postings} = {ledger.delivered} delivered + {ledger.parked} parked"
        f" + {ledger.in_flight} in flight; {counted(ledger.open_cases, 'case')} open."
    )
    if not ledger.balanced:
        typer.echo("THE LEDGER DOES NOT BALANCE: keep the data folder as it is and report this.")


def _say_case(case: Case, lines: tuple[str, ...], missing: tuple[str, ...]) -> None:
    due = datetime.datetime.fromtimestamp(case.due_ms / 1000, datetime.UTC).strftime("%Y-%m-%d %H:%MZ")
    times = f", {case.count} times" if case.count > 1 else ""
    typer.echo(f"  {case.number} [{case.severity}] {case.cause} at {case.step}, for {case.owner}, due {due}{times}")
    typer.echo(f"    {case.sentence}")
    if missing:
        typer.echo(f"    master '{case.master}' lacks: {key_of(missing)}")
    if lines:
        typer.echo(f"    held: {', '.join(lines)} of message {case.message}")
    typer.echo(f"    cause {case.group[:16]}, state {case.state}")
