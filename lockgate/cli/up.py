"""``lockgate init | up``: a real installation, and its processes: designer, approval desk, runtime."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Annotated, NamedTuple

import typer
from pydantic import ValidationError

from flows.refusals import sentence
from flows.vocabulary import DataLabel
from lockgate.cli.context import named, trust_of
from lockgate.cli.draft import named_environment, surroundings_of
from lockgate.cli.unusable import Unusable, read_model
from lockgate.installation import FILE, Installation, check_person, first_administrator, lay_out

GRACE_S = 10.0
DataFolder = Annotated[
    Path, typer.Option("--data", parser=named, metavar="PATH", help="The folder of the installation.")
]


class Part(NamedTuple):
    """One process of an installation."""

    name: str
    command: Sequence[str | Path]


def init(
    data: DataFolder,
    person: Annotated[str, typer.Option("--person", help="Short name of the first administrator, such as 'ada'.")],
    name: Annotated[str, typer.Option("--name", help="Full name of the first administrator.")],
    environment: Annotated[str, typer.Option("--environment", help="NAME=LABEL, such as TEST=test.")],
    origin: Annotated[
        str, typer.Option("--origin", help="Where browsers find the designer.")
    ] = "http://localhost:8080",
    desk: Annotated[str, typer.Option("--desk", help="Where browsers find the desk.")] = "http://localhost:8081",
) -> None:
    """Make an installation: its folder, and a first administrator with a one-time token instead of a password."""
    called, _, label = environment.partition("=")
    if (data / FILE).exists():
        raise Unusable(f"{data / FILE}: there is an installation here already; 'lockgate up' runs it.")
    if label not in tuple(DataLabel):
        raise Unusable(f"--environment is NAME=LABEL with one of the labels {', '.join(DataLabel)}, such as TEST=test.")
    try:
        installation = Installation(origin=origin, desk=desk, environment=called)
        check_person(person, name)
        lay_out(data, installation, DataLabel(label))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Unusable(f"--{'-'.join(str(part) for part in first['loc'])}: {sentence(first)}") from None
    except OSError as error:
        raise Unusable(f"{data}: no installation can be made here ({type(error).__name__}).") from None
    token = first_administrator(installation.settings(data), person, name)
    typer.echo(f"{data}: an installation for environment {called} ({label} data).")
    typer.echo(f"1. Describe its systems in {data / installation.environment_file}.")
    typer.echo(f"2. Make its trust root: lockgate trust init --out {data / installation.trust} ...")
    typer.echo(f"3. List its desk: lockgate trust desk {desk} --root {data / installation.trust} ...")
    typer.echo(f"4. Run it: lockgate up --data {data}")
    typer.echo(f"5. Open {origin}/set-up and set the password of '{person}' with this token, within 72 hours, once:")
    typer.echo(f"   {token}")


def up(data: DataFolder) -> None:
    """Run an installation: designer, approval desk and runtime, until one of them ends or Ctrl-C."""
    installation = read_model(data / FILE, Installation, "an installation (made by 'lockgate init')")
    settings = installation.settings(data.resolve())
    root = trust_of(settings.root).root
    if root.demo:
        raise Unusable(f"{settings.root}: a demo made this trust root, and its keys protect nothing: make another one.")
    if installation.environment not in root.environments:
        raise Unusable(f"{settings.root}: this trust root knows no environment {installation.environment}.")
    surroundings_of(named_environment(settings.environment))
    if settings.pages is None:
        raise Unusable("the pages of the designer are not built: run 'make setup' first.")
    file = settings.data / "settings.json"
    file.write_text(settings.model_dump_json(indent=2), "utf-8")
    raise typer.Exit(_run(_parts(installation, data.resolve(), file)))


def _parts(installation: Installation, folder: Path, settings: Path) -> tuple[Part, ...]:
    lockgate = Path(sys.executable).with_name("lockgate")
    store, root = folder / installation.store, folder / installation.trust
    runtime: list[str | Path] = [
        lockgate,
        "run",
        "--store",
        store,
        "--root",
        root,
        "--data",
        folder / installation.runtime,
    ]
    desk: list[str | Path] = [lockgate, "desk", "--store", store, "--root", root, "--origin", installation.desk]
    return (
        Part("runtime", [*runtime, "--environment", installation.environment]),
        Part("desk", [*desk, "--designer", installation.origin]),
        Part("designer", [sys.executable, "-m", "designer.serve", settings]),
    )


def _run(parts: Sequence[Part]) -> int:
    """Runs all parts until one ends; then ends the others. 0 after a signal, 1 where a part ended by itself."""
    stopped: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopped.append(number)

    before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    running = {part.name: subprocess.Popen([str(each) for each in part.command]) for part in parts}  # noqa: S603  our own commands
    try:
        while not stopped:
            for name, process in running.items():
                if process.poll() is not None:
                    typer.echo(f"The {name} ended with {process.returncode}; the others are stopped.", err=True)
                    return 1
            time.sleep(0.2)
        return 0
    finally:
        _end(tuple(running.values()))
        for each, handler in before.items():
            signal.signal(each, handler)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + GRACE_S
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
        if process.poll() is None:
            process.kill()
            process.wait()
