"""``lockgate demo``: everything on loopback, seeded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    smoke: Annotated[bool, typer.Option("--smoke", help="Play the story without a browser, then end.")] = False,
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65535, help="Port of the designer; with --smoke, of the MLLP listener."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="An empty folder, or that of an earlier demo; default: a temporary one."),
    ] = None,
) -> None:
    """Play an invented hospital, its ERP and the people who sign. Synthetic data, demo trust."""
    # The demo works this very command line: it is imported when it is asked for, or the two would import each other.
    from lockgate.demo.main import main

    raise typer.Exit(main(smoke=smoke, data=data, port=port))
