"""What the sub-commands share: the files that people name, and how a refusal ends a command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from flows.trust import Refusal, Root
from lockgate import roots
from lockgate.cli.unusable import MAX_FILE, Unusable, read
from lockgate.clock import now_ms
from lockgate.keys import KeyTrouble, PrivateKey, read_key
from runtime.store import NotInStore, ReleaseStore

T = TypeVar("T")
TRUST, BUNDLE, REQUEST = b'"lockgate/trust/', b'"lockgate/bundle/', b'"payloadType"'
"""What a file of each kind bears, wherever in it."""


def named(text: str) -> Path:
    """A path that somebody named. An empty one is an unset variable of a shell, and would be the folder one is in."""
    if not text:
        raise typer.BadParameter("no file is named (it is empty)")
    return Path(text)


def _place(option: str, help: str, variable: str | None = None) -> Any:
    return typer.Option(option, parser=named, metavar="PATH", envvar=variable, help=help)


KeyOption = Annotated[Path, _place("--key", "Your private key file (PKCS#8 PEM, mode 0600).", "LOCKGATE_KEY")]
RootOption = Annotated[Path, _place("--root", "The trust file.", "LOCKGATE_ROOT")]
StoreOption = Annotated[Path, _place("--store", "The release store, a folder.", "LOCKGATE_STORE")]
DataOption = Annotated[Path, _place("--data", "The data folder of a runtime.")]
OutOption = Annotated[Path, _place("--out", "Where the new file goes; nothing is written over.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")]
YesOption = Annotated[bool, typer.Option("--yes", help="On a terminal: sign what is shown, without being asked.")]


def holding(value: T | Refusal) -> T:
    """``value``, unless it is a refusal: that is printed with its reason, and the command ends with 1."""
    if isinstance(value, Refusal):
        refused(value)
    return value


def refused(refusal: Refusal) -> NoReturn:
    typer.echo(f"refused ({refusal.reason}): {refusal.sentence}")
    raise typer.Exit(1)


def at_terminal() -> bool:
    """Whether a person sits there, who sees what is printed and can answer."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def agreed(question: str, *, yes: bool) -> None:
    """Asks on a terminal before something is signed. Whoever does not say yes has signed nothing."""
    if yes or not at_terminal():
        return
    typer.echo(f"{question} [y/N] ", nl=False)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        typer.echo("Nothing was signed.")
        raise typer.Exit(1)


def recognised(path: Path, what: str, mark: bytes, *, limit: int = MAX_FILE) -> bytes:
    """The bytes of a file that bears the mark of its kind: another kind of file is a mistake, not a forgery."""
    data = read(path, what, limit=limit)
    if mark not in data:
        raise Unusable(f"{path}: this is not {what}.")
    return data


def trust_of(path: Path) -> roots.Trust:
    """The trust in the file that ``--root`` names."""
    return holding(roots.read(recognised(path, "a trust file (made by 'lockgate trust init')", TRUST), now_ms()))


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
    if not path.is_dir() and (not new or path.exists()):
        raise Unusable(f"{path}: there is no release store here.")
    return ReleaseStore(path)


@contextmanager
def keeping(store: Path) -> Iterator[None]:
    """Around what is put into a store: a folder that takes nothing is named."""
    try:
        yield
    except OSError as error:
        raise Unusable(f"{store}: the release store cannot be written ({error.strerror}).") from None


def find_release(store: ReleaseStore, digest: str) -> str:
    """The whole digest of the release that ``digest`` (6 or more hex digits) begins."""
    try:
        return store.find(digest)
    except NotInStore as error:
        raise Unusable(f"{store.path}: {error}") from None
