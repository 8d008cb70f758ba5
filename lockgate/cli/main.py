"""The ``lockgate`` command: every sub-command under one roof, every mistake one line."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from lockgate.cli import demo, desk, draft, master, operate, release, send, trust, up
from lockgate.cli.unusable import Unusable

app = typer.Typer(
    name="lockgate",
    help="Governed flows between clinical systems and ERP platforms. Nothing flows until it is signed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("demo")(demo.demo)
app.command("check")(draft.check)
app.command("explain")(draft.explain)
app.command("test")(draft.test)
app.command("diff")(draft.diff_flows)
app.command("draw")(draft.draw)
app.add_typer(trust.app, name="trust")
app.add_typer(master.app, name="master")
app.command("seal")(release.seal)
app.command("approve")(release.approve)
app.command("activate")(release.activate)
app.command("revoke")(release.revoke)
app.command("export")(release.export)
app.command("verify")(release.verify)
app.command("init")(up.init)
app.command("up")(up.up)
app.command("desk")(desk.desk)
app.command("run")(operate.run)
app.command("send")(send.send)
app.command("status")(operate.status)
app.add_typer(operate.cases, name="cases")
app.command("replay")(operate.replay)
app.add_typer(operate.audit, name="audit")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and ends the process with 0, 1 or 2."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """The exit status of one command line. What cannot be used is one line on standard error and 2."""
    try:
        result = app(list(arguments), standalone_mode=False, prog_name="lockgate")
    except Unusable as error:
        return _say(str(error))
    except typer.Exit as end:
        return int(end.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return _say("stopped.")
    except typer.TyperException as error:
        return _say(_usage(error))
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: a traceback on a terminal is a bug
        return _say(_fault(error))
    return result if isinstance(result, int) else 0


def _say(line: str) -> int:
    print(f"lockgate: {' '.join(line.split())}", file=sys.stderr)
    return 2


def _usage(error: Any) -> str:
    """What is wrong with a command line. Typer's own text for a missing command is its whole help."""
    context = getattr(error, "ctx", None)
    command = context.command_path.removeprefix("lockgate").strip() if context else ""
    message = error.format_message().splitlines()[0].rstrip(".")
    if message.startswith("Usage:"):
        message = "A command is missing"
    return f"{message}. See: lockgate {command + ' ' if command else ''}--help"


def _fault(error: Exception) -> str:
    """A bug of ours, by kind and place alone: its text could hold a value."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"this is a fault of lockgate itself ({type(error).__name__} at {place}); nothing was changed after it."
