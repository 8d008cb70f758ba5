"""What the sub-commands share: the clock, the files that people name, and how a refusal ends a command."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from flows.trust import Refusal, Root
from lockgate import roots
from lockgate.cli.unusable import Unusable, read
from lockgate.keys import KeyTrouble, PrivateKey, read_key
from runtime.store import NotInStore, ReleaseStore

T = TypeVar("T")

KeyOption = Annotated[Path, typer.Option("--key", help="Your private key file (PKCS#8 PEM, mode 0600).")]
RootOption = Annotated[Path, typer.Option("--root", help="The trust file.")]
StoreOption = Annotated[Path, typer.Option("--store", help="The release store, a folder.")]
DataOption = Annotated[Path, typer.Option("--data", help="The data folder of a runtime.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")]


def now_ms() -> int:
    """UTC milliseconds."""
    return time.time_ns() // 1_000_000


def holding(value: T | Refusal) -> T:
    """``value``, unless it is a refusal: that is printed with its reason, and the command ends with 1."""
    if isinstance(value, Refusal):
        refused(value)
    return value


def refused(refusal: Refusal) -> NoReturn:
    typer.echo(f"refused ({refusal.reason}): {refusal.sentence}")
    raise typer.Exit(1)


def trust_of(path: Path) -> roots.Trust:
    """The trust in the file that ``--root`` names."""
    return holding(roots.read(read(path, "a trust file"), now_ms()))


def root_of(path: Path) -> Root:
    """The newest root in the file that ``--root`` names; a demo's says so."""
    root = trust_of(path).root
    if root.demo:
        typer.echo("Demo trust: the keys of this root protect nothing.", err=True)
    return root


def private_key(path: Path) -> PrivateKey:
    try:
        return read_key(path)
    except KeyTrouble as error:
        raise Unusable(str(error)) from None


def store_at(path: Path, *, new: bool = False) -> ReleaseStore:
    """The store in a folder, which must be there unless something is about to be put into a new one."""
    if not new and not path.is_dir():
        raise Unusable(f"{path}: there is no release store here.")
    return ReleaseStore(path)


def find_release(store: ReleaseStore, digest: str) -> str:
    """The whole digest of the release that ``digest`` (6 or more hex digits) begins."""
    try:
        return store.find(digest)
    except NotInStore as error:
        raise Unusable(f"{store.path}: {error}") from None
