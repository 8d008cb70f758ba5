"""``lockgate trust``: keys of people, and the root that says whose signatures count."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from flows.enrolment import Enrolment, phrase, verify_enrolment
from flows.instants import from_ms
from flows.trust import Person, Role, Root
from flows.vocabulary import DataLabel
from lockgate import roots
from lockgate.cli.context import (
    REQUEST,
    KeyOption,
    OutOption,
    RootOption,
    agreed,
    at_terminal,
    holding,
    named,
    private_key,
    recognised,
    trust_of,
)
from lockgate.cli.sentences import counted
from lockgate.cli.unusable import Unusable, first_of, replace, write
from lockgate.clock import now_ms
from lockgate.keys import KeyTrouble, make_key, sign_statement
from runtime.build import build_digest
from runtime.kernel import kernel

app = typer.Typer(help="Keys of people, and the trust root.", no_args_is_help=True, rich_markup_mode=None)
PersonOption = Annotated[str, typer.Option("--person", help="Short name of the person, such as 'omar'.")]
NameOption = Annotated[str, typer.Option("--name", help="Full name of the person.")]

DeskOption = Annotated[
    list[str] | None,
    typer.Option("--desk", help="Origin of an approval desk, such as http://localhost:8081; repeat for more."),
]
_PERSON, _ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,62}"), re.compile(r"[A-Z][A-Z0-9-]{0,30}")


@app.command("key")
def new_key(out: OutOption) -> None:
    """Make a private key for yourself."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        key = make_key(out)
    except KeyTrouble as error:
        raise Unusable(str(error)) from None
    except OSError as error:
        raise Unusable(f"{out}: this key file cannot be made ({error.strerror}).") from None
    typer.echo(f"{out}: new Ed25519 key {key.keyid[:12]}, readable by you alone. Losing it is cheap: enrol a new one.")


@app.command("init")
def init(
    key: KeyOption,
    person: PersonOption,
    name: NameOption,
    out: OutOption,
    environment: Annotated[
        list[str], typer.Option("--environment", help="NAME=LABEL, such as TEST=synthetic; repeat for more.")
    ],
    demo: Annotated[
        bool, typer.Option("--demo", help="Mark the root as a demo's: refused by a real installation.")
    ] = False,
    desk: DeskOption = None,
) -> None:
    """Make the first trust root, with yourself as administrator and holder of the root key."""
    first = roots.First(
        person=_person(person),
        name=name,
        environments=dict(_environment(text) for text in environment),
        policy_sets=(kernel().policies,),
        builds=(build_digest(),),
        demo=demo,
        desk_origins=tuple(sorted(set(desk or ()))),
    )
    try:
        trust = roots.first_root(first, private_key(key), now_ms())
    except ValidationError as error:
        raise Unusable(f"this root cannot be made: {first_of(error)}") from None
    write(out, holding(roots.read(trust.data(), now_ms())).data(), "a trust file")
    typer.echo(f"{out}: trust root 1, pin {trust.pin}. A runtime keeps this pin outside every database.")


@app.command("request")
def request(key: KeyOption, person: PersonOption, out: OutOption) -> None:
    """Ask an administrator to list your key; the request proves that you hold it."""
    held = private_key(key)
    asked = Enrolment(key=held.public(_person(person)), at=from_ms(now_ms()))
    data = sign_statement(held.keyid, asked, held)
    holding(verify_enrolment(data))
    write(out, data, "a request")
    typer.echo(f"{out}: request of '{person}'. Read these words to the administrator:\n  {phrase(data)}")


@app.command("enrol")
def enrol(
    request_file: Annotated[
        Path, typer.Argument(metavar="REQUEST", parser=named, help="The request file.", show_default=False)
    ],
    role: Annotated[list[Role], typer.Option("--role", help="A role of the person; repeat for more.")],
    name: NameOption,
    key: KeyOption,
    root: RootOption,
    words: Annotated[
        str | None, typer.Option("--words", help="The words that the person read to you; any others are refused.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Without a terminal: the words were compared already.")] = False,
) -> None:
    """Put the key of a request into the trust root, after comparing its words. Takes a root key."""
    data = recognised(request_file, "a request (made by 'lockgate trust request')", REQUEST, limit=1 << 20)
    asked = holding(verify_enrolment(data))
    trust = trust_of(root)
    who = _who(name, role)
    _introduce(asked, who, trust.root)
    _compare(phrase(data), name, words, yes=yes)
    trust = holding(roots.enrol(trust, data, who, private_key(key), now_ms()))
    replace(root, trust.data(), "the trust file")
    typer.echo(f"{root}: trust root {trust.root.version} lists {name} ({', '.join(who.roles)}).")


@app.command("remove")
def remove(
    keyid: Annotated[str, typer.Argument(metavar="KEY", help="Key id, or its first 12 or more digits.")],
    key: KeyOption,
    root: RootOption,
) -> None:
    """Take a key out of the trust root: what it signed no longer counts. Takes a root key."""
    trust = trust_of(root)
    found = [each for each in trust.root.keys if each.startswith(keyid)]
    if len(keyid) < 12:
        raise Unusable(f"'{keyid}' is too short for a key: give the first 12 or more digits of its id.")
    if len(found) != 1:
        many = "no key" if not found else f"more than one key ({len(found)})"
        raise Unusable(f"{many} of the trust root begins with '{keyid[:64]}': 'lockgate trust show' lists them.")
    trust = holding(roots.remove(trust, found[0], private_key(key), now_ms()))
    replace(root, trust.data(), "the trust file")
    typer.echo(f"{root}: trust root {trust.root.version} no longer lists key {found[0][:12]}.")


@app.command("accept")
def accept(key: KeyOption, root: RootOption) -> None:
    """Accept the policy set and the build that are installed here, after an upgrade. Takes a root key."""
    trust = holding(roots.accept(trust_of(root), (kernel().policies,), (build_digest(),), private_key(key), now_ms()))
    replace(root, trust.data(), "the trust file")
    typer.echo(f"{root}: trust root {trust.root.version} accepts this build and its policy set.")


@app.command("desk")
def desk_origin(
    origin: Annotated[list[str], typer.Argument(metavar="ORIGIN...", help="Such as https://desk.example.org.")],
    key: KeyOption,
    root: RootOption,
) -> None:
    """Let people sign on an approval desk, with keys that their browsers hold. Takes a root key."""
    try:
        trust = holding(roots.desks(trust_of(root), origin, private_key(key), now_ms()))
    except ValidationError as error:
        raise Unusable(f"this is no origin of a desk, such as https://desk.example.org: {first_of(error)}") from None
    replace(root, trust.data(), "the trust file")
    typer.echo(f"{root}: trust root {trust.root.version}; desks: {', '.join(trust.root.desk_origins)}.")


@app.command("show")
def show(root: RootOption) -> None:
    """List the persons, roles and keys of the trust root."""
    trust = trust_of(root)
    typer.echo(f"Trust root {trust.root.version}, pin {trust.pin}, until {trust.root.expires}.")
    if trust.root.epoch:
        typer.echo(f"Releases sealed before epoch {trust.root.epoch} no longer count.")
    if trust.root.demo:
        typer.echo("Demo trust: the keys of this root protect nothing.")
    for environment, label in sorted(trust.root.environments.items()):
        typer.echo(f"  environment {environment} with {label} data")
    for desk in trust.root.desk_origins:
        typer.echo(f"  approval desk {desk}")
    for person, who in sorted(trust.root.persons.items()):
        keys = sorted(keyid[:12] for keyid, key in trust.root.keys.items() if key.person == person)
        typer.echo(f"  {person}: {who.name} ({', '.join(who.roles)}), keys {', '.join(keys) or 'none'}")


def _introduce(asked: Enrolment, who: Person, root: Root) -> None:
    """Who the key would be, and that it would not be that person's first."""
    person = asked.key.person
    typer.echo(f"The request of {asked.at} asks to list a key of '{person}' as {who.name} ({', '.join(who.roles)}).")
    held = [key for key in root.keys.values() if key.person == person]
    if held:
        typer.echo(
            f"'{person}' has {counted(len(held), 'key')} in the trust root already: this would be one more, and all of"
            f" them count. Ask {who.name} why; a lost one goes with 'lockgate trust remove'."
        )


def _compare(words: str, name: str, said: str | None, *, yes: bool) -> None:
    """Goes on only with the words that the person read out: nobody else's key is to be listed under their name."""
    if said is not None:
        if said.split() != words.split():
            typer.echo(f"refused (other-words): these are not the words of the request, which are:\n  {words}")
            raise typer.Exit(1)
        return
    typer.echo(f"The words of this request are:\n  {words}")
    if yes:
        return
    if not at_terminal():
        raise Unusable(f"nothing was signed: name the words that {name} read to you with --words, or compare and --yes")
    agreed(f"Are they the ones that {name} read to you?", yes=False)


def _who(name: str, role: list[Role]) -> Person:
    try:
        return Person(name=name, roles=tuple(sorted(set(role))))
    except ValidationError as error:
        raise Unusable(f"--name: {first_of(error)}") from None


def _person(text: str) -> str:
    if not _PERSON.fullmatch(text):
        raise Unusable(
            f"--person {text}: lower-case letters a to z, digits and hyphens, starting with a letter, 63 at most"
        )
    return text


def _environment(text: str) -> tuple[str, DataLabel]:
    name, _, label = text.partition("=")
    if label not in set(DataLabel):
        raise Unusable(f"--environment {text}: write NAME=LABEL with a label of {', '.join(DataLabel)}.")
    if not _ENVIRONMENT.fullmatch(name):
        raise Unusable(f"--environment {text}: a name is capital letters, digits and hyphens, such as TEST.")
    return name, DataLabel(label)
