"""``lockgate trust``: keys of people, and the root that says whose signatures count."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.enrolment import Enrolment, phrase, verify_enrolment
from flows.instants import from_ms
from flows.trust import Person, Role
from flows.vocabulary import DataLabel
from lockgate import roots
from lockgate.cli.context import KeyOption, RootOption, holding, now_ms, private_key, trust_of
from lockgate.cli.unusable import Unusable, read, replace, write
from lockgate.keys import KeyTrouble, make_key, sign_statement
from runtime.build import build_digest
from runtime.kernel import kernel

app = typer.Typer(help="Keys of people, and the trust root.", no_args_is_help=True, rich_markup_mode=None)
OutOption = Annotated[Path, typer.Option("--out", help="Where the new file goes; nothing is written over.")]
PersonOption = Annotated[str, typer.Option("--person", help="Short name of the person, such as 'omar'.")]
NameOption = Annotated[str, typer.Option("--name", help="Full name of the person.")]

DeskOption = Annotated[
    list[str] | None,
    typer.Option("--desk", help="Origin of an approval desk, such as http://localhost:8081; repeat for more."),
]


@app.command("key")
def new_key(out: OutOption) -> None:
    """Make a private key for yourself."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        key = make_key(out)
    except (KeyTrouble, OSError) as error:
        raise Unusable(str(error)) from None
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
        person=person,
        name=name,
        environments=dict(_environment(text) for text in environment),
        policy_sets=(kernel().policies,),
        builds=(build_digest(),),
        demo=demo,
        desk_origins=tuple(sorted(set(desk or ()))),
    )
    try:
        trust = roots.first_root(first, private_key(key), now_ms())
    except ValueError as error:
        raise Unusable(f"This root cannot be made: {_first_line(error)}") from None
    write(out, holding(roots.read(trust.data(), now_ms())).data(), "a trust file")
    typer.echo(f"{out}: trust root 1, pin {trust.pin}. A runtime keeps this pin outside every database.")


@app.command("request")
def request(key: KeyOption, person: PersonOption, out: OutOption) -> None:
    """Ask an administrator to list your key; the request proves that you hold it."""
    held = private_key(key)
    try:
        asked = Enrolment(key=held.public(person), at=from_ms(now_ms()))
        data = sign_statement(held.keyid, asked, held)
    except ValueError as error:
        raise Unusable(f"This request cannot be made: {_first_line(error)}") from None
    holding(verify_enrolment(data))
    write(out, data, "a request")
    typer.echo(f"{out}: request of '{person}'. Read these words to the administrator:\n  {phrase(data)}")


@app.command("enrol")
def enrol(
    request_file: Annotated[Path, typer.Argument(metavar="REQUEST", help="The request file.")],
    role: Annotated[list[Role], typer.Option("--role", help="A role of the person; repeat for more.")],
    name: NameOption,
    key: KeyOption,
    root: RootOption,
) -> None:
    """Put the key of a request into the trust root, with the person's roles. Takes a root key."""
    data = read(request_file, "a request", limit=1 << 20)
    who = Person(name=name, roles=tuple(sorted(set(role))))
    trust = holding(roots.enrol(trust_of(root), data, who, private_key(key), now_ms()))
    replace(root, trust.data(), "the trust file")
    typer.echo(f"{root}: trust root {trust.root.version} lists {name} ({', '.join(who.roles)}).")
    typer.echo(f"The words of this request are:\n  {phrase(data)}\nThey must be the ones that {name} read to you.")


@app.command("remove")
def remove(
    keyid: Annotated[str, typer.Argument(metavar="KEY", help="Key id, or its first 12 or more digits.")],
    key: KeyOption,
    root: RootOption,
) -> None:
    """Take a key out of the trust root: what it signed no longer counts. Takes a root key."""
    trust = trust_of(root)
    found = [each for each in trust.root.keys if each.startswith(keyid)]
    if len(keyid) < 12 or len(found) != 1:
        raise Unusable(f"{len(found)} keys of the root begin with '{keyid}': give 12 or more digits of one.")
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
    except ValueError as error:
        raise Unusable(f"This is no origin of a desk: {_first_line(error)}") from None
    replace(root, trust.data(), "the trust file")
    typer.echo(f"{root}: trust root {trust.root.version}; desks: {', '.join(trust.root.desk_origins)}.")


@app.command("show")
def show(root: RootOption) -> None:
    """List the persons, roles and keys of the trust root."""
    trust = trust_of(root)
    typer.echo(
        f"Trust root {trust.root.version}, pin {trust.pin}, until {trust.root.expires}, epoch {trust.root.epoch}."
    )
    if trust.root.demo:
        typer.echo("Demo trust: the keys of this root protect nothing.")
    for person, who in sorted(trust.root.persons.items()):
        keys = sorted(keyid[:12] for keyid, key in trust.root.keys.items() if key.person == person)
        typer.echo(f"  {person}: {who.name} ({', '.join(who.roles)}), keys {', '.join(keys) or 'none'}")


def _environment(text: str) -> tuple[str, DataLabel]:
    name, _, label = text.partition("=")
    if label not in set(DataLabel):
        raise Unusable(f"--environment {text}: write NAME=LABEL with a label of {', '.join(DataLabel)}.")
    return name, DataLabel(label)


def _first_line(error: Exception) -> str:
    return " ".join(str(error).splitlines()[1:3]).strip() or str(error)
