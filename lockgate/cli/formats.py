"""Formats for the reference page: every key of a file that people write, as the models that read it have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from flows.environment import Environment
from flows.expression import FUNCTIONS
from flows.expression.tree import CONDITION, EXPRESSION
from flows.graph import Flow
from flows.masters import MasterContract, Row
from flows.testcases import FlowCase
from lockgate.installation import Installation
from nodes.contract import NodeConfig

Schema = Mapping[str, Any]
FILES: tuple[tuple[str, str, type[BaseModel]], ...] = (
    (
        "Flow file",
        "`flow.json`: what flows from where to where. Its steps are of the [kinds](#node-kinds) below.",
        Flow,
    ),
    (
        "Environment file",
        "`environment.json`, beside or above the flow: systems, masters and owners. No secret stands in it.",
        Environment,
    ),
    ("Master contract", "`masters/ID.json`: what the columns of a master are.", MasterContract),
    ("Row of a master", "In a JSON file of rows, a list of these; in a test case, under `masters`.", Row),
    ("Test case", "`cases/*.json` beside the flow, run by `lockgate test`.", FlowCase),
    ("Installation", "`lockgate.json`, made by `lockgate init`, read by `lockgate up`.", Installation),
)
_SHAPES = {
    r"^[a-z][a-z0-9-]{0,62}$": "a name in lower case",
    r"^[a-z][a-z0-9_]{0,62}$": "a name in lower case",
    r"^[a-z][A-Za-z0-9_]{0,62}$": "a name",
    r"^[A-Z][A-Z0-9-]{0,30}$": "a name in capitals",
    r"^\d{4}-\d{2}-\d{2}$": "a day like `2026-03-31`",
    r"^([a-z][a-z0-9-]{0,62})\.([a-z][a-z0-9-]{0,62})$": "`STEP.PORT`",
    r"^\d{1,15}(\.\d{1,12})?$": "a decimal as text",
    r"^-?\d{1,15}(\.\d{1,12})?$": "a decimal as text",
}
"""Names of letters, digits, hyphens or underscores, starting with a letter, and other shapes that have a word."""
_VALUES = frozenset({"FieldOf", "Constant", "Number", "Call", "Choose", "Test"})
_CONDITIONS = frozenset({"All", "AnyOf", "Not", "Equal", "In", "Present", "Compare", "StartsWith"})


def formats() -> Iterator[str]:
    """The section of all formats."""
    yield from ("", "## Formats", "", "All files are JSON in UTF-8; a key that is not named here is refused.")
    said = {"Row"}  # a file of its own
    for title, what, model in FILES:
        schema = model.model_json_schema(by_alias=True)
        yield from ("", f"### {title}", "", what, "", *_table(schema, schema))
        for name in [name for name in _objects(schema) if name not in said]:
            said.add(name)
            yield from ("", f"#### {_spaced(name)}", "", _line(schema["$defs"][name].get("description", "")), "")
            yield from _table(schema["$defs"][name], schema)
    yield from _expressions()


def config(model: type[NodeConfig]) -> Iterator[str]:
    """The keys of a node's config, and of the objects inside of it."""
    schema = model.model_json_schema(by_alias=True)
    yield from _table(schema, schema)
    for name in _objects(schema):
        if name not in _VALUES | _CONDITIONS:
            yield from ("", f"In `{_holder(schema, name)}`, {_spaced(name)}:", "")
            yield from _table(schema["$defs"][name], schema)


def _objects(schema: Schema) -> list[str]:
    return [name for name, each in schema.get("$defs", {}).items() if "properties" in each]


def _table(schema: Schema, whole: Schema) -> Iterator[str]:
    needed = set(schema.get("required", ()))
    yield from ("| key | needed | takes | meaning |", "|---|---|---|---|")
    for name, each in schema.get("properties", {}).items():
        default = "" if name in needed else _default(each)
        said = f"{_line(each.get('description', ''))}{default}".strip()
        yield f"| `{name}` | {'yes' if name in needed else 'no'} | {_cell(takes(each, whole))} | {_cell(said)} |"


def takes(each: Schema, whole: Schema) -> str:
    """What a key takes, in a few words."""
    if "const" in each:
        return f"`{each['const']}`"
    if each.get("enum") == [*sorted(FUNCTIONS)]:
        return "a function named below"
    if "enum" in each:
        return ", ".join(f"`{value}`" for value in each["enum"])
    if "$ref" in each:
        return _referred(each["$ref"].rsplit("/", 1)[-1], whole)
    options = each.get("anyOf") or each.get("oneOf")
    if options:
        return _one_of(options, whole)
    return _plain(each, whole)


def _one_of(options: list[Schema], whole: Schema) -> str:
    names = {option["$ref"].rsplit("/", 1)[-1] for option in options if "$ref" in option}
    if names == _VALUES:
        return "a [value](#values-and-conditions)"
    if names == _CONDITIONS:
        return "a [condition](#values-and-conditions)"
    return " or ".join(takes(option, whole) for option in options if option.get("type") != "null")


def _referred(name: str, whole: Schema) -> str:
    defined = whole["$defs"][name]
    return f"an object: *{_spaced(name)}*" if "properties" in defined else takes(defined, whole)


def _plain(each: Schema, whole: Schema) -> str:
    match each.get("type"):
        case "array" if "prefixItems" in each:
            return "a list of " + " and ".join(takes(item, whole) for item in each["prefixItems"])
        case "array":
            return f"a list, each {takes(each.get('items', {}), whole)}"
        case "object":
            patterns = list(each.get("patternProperties", {}).values())
            of = each.get("additionalProperties") or (patterns[0] if patterns else None)
            return f"by name, each {takes(of, whole)}" if isinstance(of, dict) and of else "an object"
        case "integer":
            low, high = each.get("minimum"), each.get("maximum")
            ends = (f" from {low}" if low is not None else "") + (f" to {high}" if high is not None else "")
            return f"a whole number{ends}"
        case "boolean":
            return "`true`, `false`"
        case "string":
            return _text(each)
    return "any value"


def _text(each: Schema) -> str:
    if each.get("format") == "field-path":
        return "the selector of a field"
    pattern = each.get("pattern")
    if pattern is None:
        return "a text"
    return _SHAPES.get(pattern) or f"a text like `{pattern.removeprefix('^').removesuffix('$')}`"


def _expressions() -> Iterator[str]:
    definitions = _definitions()
    yield from ("", "### Values and conditions", "")
    yield "In configs: how a value is made, and when something holds. In `map_fields` a plain text is a `field`."
    for title, names in (("A value is one of", _VALUES), ("A condition is one of", _CONDITIONS)):
        yield from ("", f"{title}:", "", "| keys | takes | meaning |", "|---|---|---|")
        for schema in (each for name, each in definitions.items() if name in names):
            keys = ", ".join(f"`{key}`" for key in schema["properties"])
            taken = "; ".join(takes(each, {"$defs": definitions}) for each in schema["properties"].values())
            yield f"| {keys} | {_cell(taken)} | {_cell(_line(schema.get('description', '')))} |"
    yield from ("", "The functions of `fn`, with what they take and give:", "")
    yield from ("| function | takes | gives | does |", "|---|---|---|---|")
    for name, function in sorted(FUNCTIONS.items()):
        yield f"| `{name}` | {', '.join(function.takes)} | {function.gives} | {_cell(function.title)} |"


def _definitions() -> dict[str, Any]:
    return {**EXPRESSION.json_schema()["$defs"], **CONDITION.json_schema()["$defs"]}


def _holder(schema: Schema, name: str) -> str:
    """The key under which a shape stands."""
    holders = (str(key) for key, each in schema["properties"].items() if f"/{name}'" in str(each))
    return next(holders)


def _default(each: Schema) -> str:
    default = each.get("default")
    if default is None or default == "" or isinstance(default, dict | list) or "const" in each:
        return ""
    return f" Default: `{str(default).lower() if isinstance(default, bool) else default}`."


def _spaced(name: str) -> str:
    """``OperationContract`` as ``operation contract``."""
    return "".join(f" {char.lower()}" if char.isupper() else char for char in name).strip()


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
