"""``lockgate desk``: the approval desk, a process and an origin of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from lockgate.cli.context import RootOption, StoreOption, root_of
from lockgate.cli.unusable import Unusable


def desk(
    store: StoreOption,
    root: RootOption,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="The port it listens on.")] = None,
    origin: Annotated[
        str | None, typer.Option("--origin", help="Where browsers find it; default: http://localhost:PORT.")
    ] = None,
    designer: Annotated[
        str | None, typer.Option("--designer", help="Origin of the designer, for the way back.")
    ] = None,
    inbox: Annotated[
        Path | None, typer.Option("--inbox", help="Folder for requests of enrolment; default: inbox beside the store.")
    ] = None,
    listen: Annotated[str, typer.Option("--listen", help="The address it listens on.")] = "127.0.0.1",
) -> None:
    """Run the approval desk, where people sign with keys that only they hold."""
    # Imported here: every other command starts without a web framework.
    from lockgate.desk.app import PAGES, Settings, usable_origin
    from lockgate.desk.serve import Server

    where = origin or f"http://localhost:{port or 8081}"
    for each in (where, designer):
        if each is not None and not usable_origin(each):
            raise Unusable(f"'{each}' is no origin: it is https://NAME, or http://localhost:PORT, without a path.")
    if not (PAGES / "index.html").is_file():
        raise Unusable("the pages of the desk are not built: run 'make setup' first.")
    if where not in root_of(root).desk_origins:
        typer.echo(f"{where} is no desk of the trust root yet: 'lockgate trust desk {where}' lists it.", err=True)
    parts = urlsplit(where)
    bound = port or parts.port or (443 if parts.scheme == "https" else 80)
    settings = Settings(store=store, root=root, inbox=inbox or store.parent / "inbox", origin=where, designer=designer)
    Server(settings, f"{listen}:{bound}").run()
