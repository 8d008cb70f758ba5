"""Typed expression trees: how a field is made of others. No text is ever evaluated as code; every function is total.

An expression gives text, a decimal (as text) or a boolean; what cannot be computed is ABSENT, never an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, TypeAdapter

from flows.expression.functions import FUNCTIONS, Kind
from flows.findings import Model
from flows.paths import PathError, parse

Text = Annotated[str, Field(max_length=1000)]
Args = Annotated[tuple["Expression", ...], Field(max_length=32)]
Operator = Literal["=", "<>", "<", "<=", ">", ">="]


class FieldOf(Model):
    """The first value that a selector matches."""

    field: str = Field(json_schema_extra={"format": "field-path"})


class Constant(Model):
    """A fixed text."""

    text: Text


class Number(Model):
    """A fixed decimal, written as text."""

    number: Annotated[str, Field(pattern=r"^-?\d{1,15}(\.\d{1,12})?$")]


class Call(Model):
    """A function of the catalogue in ``flows.expression.functions``."""

    fn: str = Field(json_schema_extra={"enum": [*sorted(FUNCTIONS)]})
    args: Args = ()


class Choose(Model):
    """``then`` where the condition holds, else ``otherwise``."""

    when: Condition = Field(alias="if")
    then: Expression
    otherwise: Expression = Field(alias="else")


class Test(Model):
    """Whether a condition holds, as a boolean value."""

    test: Condition


class All(Model):
    all: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=32)]


class AnyOf(Model):
    any: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=32)]


class Not(Model):
    not_: Condition = Field(alias="not")


class Equal(Model):
    """Both have a value, and it is the same text."""

    equal: tuple[Expression, Expression]


class In(Model):
    """The value is one of the texts."""

    in_: tuple[Expression, tuple[Text, ...]] = Field(alias="in")


class Present(Model):
    """The selector matches a value that is neither absent, null nor empty."""

    present: str = Field(json_schema_extra={"format": "field-path"})


class Compare(Model):
    """Both are decimals, and stand in this order."""

    compare: tuple[Expression, Operator, Expression]


class StartsWith(Model):
    starts_with: tuple[Expression, Text] = Field(alias="starts-with")


def _tag(value: Any) -> str | None:
    """Which form a value has: the one key that names it."""
    names = set(value) if isinstance(value, dict) else set(getattr(type(value), "model_fields", ()))
    for tag in ("field", "text", "number", "fn", "if", "test"):
        if tag in names or (tag == "if" and "when" in names):
            return tag
    return None


def _condition_tag(value: Any) -> str | None:
    names = set(value) if isinstance(value, dict) else set(getattr(type(value), "model_fields", ()))
    for tag in ("all", "any", "not", "equal", "in", "present", "compare", "starts-with"):
        if tag in names or f"{tag}_" in names or tag.replace("-", "_") in names:
            return tag
    return None


Expression = Annotated[
    Annotated[FieldOf, Tag("field")]
    | Annotated[Constant, Tag("text")]
    | Annotated[Number, Tag("number")]
    | Annotated[Call, Tag("fn")]
    | Annotated[Choose, Tag("if")]
    | Annotated[Test, Tag("test")],
    Discriminator(_tag),
]
Condition = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Equal, Tag("equal")]
    | Annotated[In, Tag("in")]
    | Annotated[Present, Tag("present")]
    | Annotated[Compare, Tag("compare")]
    | Annotated[StartsWith, Tag("starts-with")],
    Discriminator(_condition_tag),
]
for _model in (Call, Choose, Test, All, AnyOf, Not, Equal, In, Compare, StartsWith):
    _model.model_rebuild()

EXPRESSION: TypeAdapter[Expression] = TypeAdapter(Expression)
CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
Node = Expression | Condition


def children(node: Node) -> Iterator[tuple[str, Node]]:
    """The parts of an expression or condition, each with its place below it (a JSON pointer)."""
    match node:
        case Call():
            yield from ((f"/args/{n}", each) for n, each in enumerate(node.args))
        case Choose():
            yield from (("/if", node.when), ("/then", node.then), ("/else", node.otherwise))
        case Test():
            yield "/test", node.test
        case All():
            yield from ((f"/all/{n}", each) for n, each in enumerate(node.all))
        case AnyOf():
            yield from ((f"/any/{n}", each) for n, each in enumerate(node.any))
        case Not():
            yield "/not", node.not_
        case Equal():
            yield from ((f"/equal/{n}", each) for n, each in enumerate(node.equal))
        case In():
            yield "/in/0", node.in_[0]
        case Compare():
            yield from (("/compare/0", node.compare[0]), ("/compare/2", node.compare[2]))
        case StartsWith():
            yield "/starts-with/0", node.starts_with[0]


def reads(node: Node) -> tuple[str, ...]:
    """Every selector text that the value hangs on, each once, in order. A condition's are read too."""
    found: dict[str, None] = {}
    _collect(node, found)
    return tuple(found)


def _collect(node: Node, found: dict[str, None]) -> None:
    if isinstance(node, FieldOf):
        found[node.field] = None
    elif isinstance(node, Present):
        found[node.present] = None
    for _, child in children(node):
        _collect(child, found)


def kind_of(node: Expression) -> Kind:
    """What an expression gives: ``text``, ``decimal`` or ``boolean``."""
    match node:
        case Number():
            return "decimal"
        case Test():
            return "boolean"
        case Call():
            return FUNCTIONS[node.fn].gives if node.fn in FUNCTIONS else "text"
        case Choose():
            kinds = {kind_of(node.then), kind_of(node.otherwise)}
            return kinds.pop() if len(kinds) == 1 else "text"
        case _:
            return "text"


def problems(node: Node, pointer: str = "") -> tuple[tuple[str, str], ...]:
    """(place, sentence) of everything that is wrong: selectors, unknown functions, numbers and kinds of arguments."""
    found = [(pointer, sentence) for sentence in _own_problems(node)]
    for place, child in children(node):
        found.extend(problems(child, pointer + place))
    return tuple(found)


def _own_problems(node: Node) -> Iterator[str]:
    match node:
        case FieldOf() | Present():
            try:
                parse(node.field if isinstance(node, FieldOf) else node.present)
            except PathError as error:
                yield error.sentence
        case Call():
            yield from _call_problems(node)
        case Compare():
            yield from ("A comparison takes decimals." for e in node.compare[::2] if _never_decimal(e))
        case Equal():
            kinds = {kind_of(each) for each in node.equal}
            if "boolean" in kinds and len(kinds) > 1:
                yield "A boolean never equals a text."


def _call_problems(node: Call) -> Iterator[str]:
    function = FUNCTIONS.get(node.fn)
    if function is None:
        yield f"There is no function '{node.fn[:60]}'. There are: {', '.join(FUNCTIONS)}."
        return
    if not function.least <= len(node.args) <= function.most:
        needs = f"{function.least}" if function.least == function.most else f"{function.least} to {function.most}"
        yield f"'{node.fn}' takes {needs} values; there are {len(node.args)}."
        return
    for number, arg in enumerate(node.args):
        wanted = function.takes[min(number, len(function.takes) - 1)]
        if wanted == "decimal" and _never_decimal(arg):
            yield f"Value {number + 1} of '{node.fn}' must be a decimal."
        elif wanted == "text" and kind_of(arg) == "boolean":
            yield f"Value {number + 1} of '{node.fn}' must be a text."


def _never_decimal(node: Expression) -> bool:
    return isinstance(node, Constant) or kind_of(node) == "boolean"
