"""The ``lockgate`` command: every sub-command under one roof, every mistake one line."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.masters import RowRefused
from flows.trust import Refused
from lockgate.cli import NO_SPACE, STOPPED, demo, desk, draft, master, operate, release, send, state, trust, up
from lockgate.cli.unusable import Unusable
from runtime.store import StoreTrouble

app = typer.Typer(
    name="lockgate",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"lockgate {metadata.version('lockgate')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Governed flows between clinical systems and ERP platforms. Nothing flows until it is signed."""


app.command("demo")(demo.demo)
app.command("check")(draft.check)
app.command("explain")(draft.explain)
app.command("test")(draft.test)
app.command("diff")(draft.diff_flows)
app.command("draw")(draft.draw)
trust.app.command("accept-state")(state.accept_state)
app.add_typer(trust.app, name="trust")
app.add_typer(master.app, name="master")
app.command("seal")(release.seal)
app.command("show")(release.show)
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


def run(arguments: Sequence[str]) -> int:
    """The exit status of one command line. What cannot be used is one line on standard error and 2."""
    try:
        result = app(list(arguments), standalone_mode=False, prog_name="lockgate")
    except Unusable as error:
        return _say(str(error))
    except typer.Exit as end:
        return int(end.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return STOPPED
    except typer.TyperException as error:
        return _say(_usage(error))
    except Refused as error:
        return _refused(error)
    except (StoreTrouble, RowRefused) as error:
        return _say(str(error))
    except BrokenPipeError:
        return 0
    except OSError as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a traceback on a terminal is a bug
        return _say(_fault(error))
    return result if isinstance(result, int) else 0


def _say(line: str) -> int:
    with suppress(OSError):
        print(f"lockgate: {' '.join(line.split())}", file=sys.stderr)
    return 2


def _refused(error: Refused) -> int:
    typer.echo(f"refused ({error.refusal.reason}): {error.refusal.sentence}")
    return 1


def _failed(error: OSError) -> int:
    """A file, a folder or the terminal refused. Its name is one that somebody gave, or made of one."""
    what = error.filename if isinstance(error.filename, str) and error.filename else "a file or the output"
    status = _say(f"{what} could not be used ({error.strerror or type(error).__name__}); the command ended there.")
    return NO_SPACE if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG) else status


def _usage(error: Any) -> str:
    """What is wrong with a command line. Typer's own text for a missing command is its whole help."""
    context = getattr(error, "ctx", None)
    command = context.command_path.removeprefix("lockgate").strip() if context else ""
    message = error.format_message().splitlines()[0].replace(": Value error, ", ": ").rstrip(".")
    if message.startswith("Usage:"):
        message = "A command is missing"
    stop = "" if message.endswith("?") else "."
    return f"{message}{stop} See: lockgate {command + ' ' if command else ''}--help"


def _fault(error: Exception) -> str:
    """A bug of ours, by kind and place alone: its text could hold a value."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"this is a fault of lockgate itself ({type(error).__name__} at {place}); nothing was changed after it."
