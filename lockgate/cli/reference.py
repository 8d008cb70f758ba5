"""The reference page, made from the code: commands, formats, node kinds, rules. ``--check``: is it up to date?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from flows.policyset import builtin
from lockgate.cli.commands import app
from lockgate.cli.formats import config, formats
from nodes import catalogue

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference.md"


def reference() -> str:
    """The whole page."""
    return "\n".join([*_head(), *_commands(), *formats(), *_kinds(), *_rules()]) + "\n"


def _head() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Made from the code by `python -m lockgate.cli.reference`; `make check` holds it up to date. Do not edit it."
    yield ""
    yield "Every command ends with 0 when it went well, 1 with findings or refusals, 2 with input that cannot be used"
    yield "(one line with file and place), 74 when a disk takes no more, 130 after Ctrl-C."


def _commands() -> Iterator[str]:
    yield from ("", "## Commands")
    root = typer.main.get_command(app)
    for name, command in _walk(root, "lockgate"):
        yield from ("", f"### `{name}`", "", (command.help or "").replace("\n", " ").strip(), "")
        arguments = [each for each in command.params if each.name != "help"]
        if arguments:
            yield from ("| parameter | needed | meaning |", "|---|---|---|")
        for each in arguments:
            spelled = each.opts[0] if each.param_type_name == "option" else (each.metavar or each.human_readable_name)
            meaning = f"{getattr(each, 'help', None) or ''}{_variable(each)}"
            yield f"| `{_cell(spelled)}` | {'yes' if each.required else 'no'} | {_cell(meaning)} |"


def _variable(parameter: Any) -> str:
    name = getattr(parameter, "envvar", None)
    return f" Or in the environment: `{name}`." if name else ""


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command with its whole name. Typer brings classes of its own: a group is what has commands."""
    inner = getattr(command, "commands", None)
    if inner is None or command.invoke_without_command:
        yield path, command
    for name, each in (inner or {}).items():
        yield from _walk(each, f"{path} {name}")


def _kinds() -> Iterator[str]:
    yield from ("", "## Node kinds")
    for (kind, version), node in catalogue.kinds().items():
        module = sys.modules[node.__module__]
        yield from ("", f"### `{kind}` version {version}: {node.title}", "", _first(module.__doc__), "")
        yield f"A {node.category}; in: {_ports(node.inputs)}; out: {_ports(node.outputs)}."
        yield from ("", *config(node.Config))
        for example in node.examples[:1]:
            yield from ("", f"Example: {example.title}.", "", "```json", _json(example.config), "```")


def _rules() -> Iterator[str]:
    yield from ("", "## Rules", "", f"Policy set `{builtin().digest[:16]}`.", "")
    yield from ("| rule | severity | owner | promise | why |", "|---|---|---|---|---|")
    for rule in sorted(builtin().rules.values(), key=lambda each: each.id):
        yield f"| {rule.id} | {rule.severity} | {rule.owner} | {_cell(rule.title)} | {_cell(rule.why)} |"


def _ports(ports: tuple[str, ...]) -> str:
    return ", ".join(f"`{port}`" for port in ports) or "none"


def _first(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def main() -> int:
    """Writes the page, or with ``--check`` compares."""
    if "--check" in sys.argv[1:]:
        if PAGE.read_text() == reference():
            return 0
        print("docs/reference.md is out of date: run python -m lockgate.cli.reference", file=sys.stderr)
        return 1
    PAGE.write_text(reference())
    return 0


if __name__ == "__main__":
    sys.exit(main())
