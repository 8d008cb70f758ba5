"""Runs expressions: a plain reading of the tree as reference, closures for the hot path, and a formula for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from flows.expression.functions import FUNCTIONS, decimal
from flows.expression.tree import (
    All,
    AnyOf,
    Call,
    Choose,
    Compare,
    Condition,
    Constant,
    Equal,
    Expression,
    FieldOf,
    In,
    Not,
    Number,
    Operator,
    Present,
    StartsWith,
    Test,
)
from flows.paths import Selector, parse
from flows.values import ABSENT, Absent, Value

Get = Callable[[Selector], Value]
selector = lru_cache(maxsize=4096)(parse)


def evaluate(node: Expression, get: Get) -> Value:
    """The value of an expression; ``get`` gives the first value of a selector. Plain: the reference."""
    match node:
        case FieldOf():
            return get(selector(node.field))
        case Constant():
            return node.text
        case Number():
            return node.number
        case Choose():
            return evaluate(node.then if holds(node.when, get) else node.otherwise, get)
        case Test():
            return holds(node.test, get)
        case Call():
            return _called(node.fn, [evaluate(arg, get) for arg in node.args])


def holds(node: Condition, get: Get) -> bool:
    """Whether a condition holds. A value that is absent or null equals nothing and is in no list."""
    match node:
        case All():
            return all(holds(each, get) for each in node.all)
        case AnyOf():
            return any(holds(each, get) for each in node.any)
        case Not():
            return not holds(node.not_, get)
        case Present():
            return _present(get(selector(node.present)))
        case Equal():
            return _equal(evaluate(node.equal[0], get), evaluate(node.equal[1], get))
        case In():
            return _text(evaluate(node.in_[0], get)) in node.in_[1]
        case StartsWith():
            text = _text(evaluate(node.starts_with[0], get))
            return text is not None and text.startswith(node.starts_with[1])
        case Compare():
            left, operator, right = node.compare
            return _ordered(evaluate(left, get), operator, evaluate(right, get))


def compile_expression(node: Expression) -> Callable[[Get], Value]:
    """The expression as a closure: selectors parsed, functions looked up once."""
    match node:
        case FieldOf():
            path = selector(node.field)
            return lambda get: get(path)
        case Constant():
            text = node.text
            return lambda get: text
        case Number():
            number = node.number
            return lambda get: number
        case Choose():
            when, then, other = (
                compile_condition(node.when),
                compile_expression(node.then),
                compile_expression(node.otherwise),
            )
            return lambda get: then(get) if when(get) else other(get)
        case Test():
            return compile_condition(node.test)
        case Call():
            name, args = node.fn, tuple(compile_expression(arg) for arg in node.args)
            return lambda get: _called(name, [arg(get) for arg in args])


def compile_condition(node: Condition) -> Callable[[Get], bool]:
    """The condition as a closure."""
    match node:
        case All():
            parts = tuple(compile_condition(each) for each in node.all)
            return lambda get: all(part(get) for part in parts)
        case AnyOf():
            parts = tuple(compile_condition(each) for each in node.any)
            return lambda get: any(part(get) for part in parts)
        case Not():
            inner = compile_condition(node.not_)
            return lambda get: not inner(get)
        case Present():
            path = selector(node.present)
            return lambda get: _present(get(path))
        case Equal():
            one, two = (compile_expression(each) for each in node.equal)
            return lambda get: _equal(one(get), two(get))
        case In():
            value, members = compile_expression(node.in_[0]), frozenset(node.in_[1])
            return lambda get: _text(value(get)) in members
        case StartsWith():
            whole, start = compile_expression(node.starts_with[0]), node.starts_with[1]
            return lambda get: (text := _text(whole(get))) is not None and text.startswith(start)
        case Compare():
            left, operator, right = node.compare
            a, b = compile_expression(left), compile_expression(right)
            return lambda get: _ordered(a(get), operator, b(get))


def formula(node: Expression | Condition) -> str:
    """The expression as people write it: ``concat(PV1-19.1, "-", FT1-1)``."""
    match node:
        case FieldOf():
            return node.field
        case Constant():
            return '"' + node.text.replace('"', "”") + '"'
        case Number():
            return node.number
        case Call():
            return f"{node.fn}({', '.join(formula(arg) for arg in node.args)})"
        case Choose():
            return f"if {formula(node.when)} then {formula(node.then)} else {formula(node.otherwise)}"
        case Test():
            return formula(node.test)
        case All():
            return "(" + " and ".join(formula(each) for each in node.all) + ")"
        case AnyOf():
            return "(" + " or ".join(formula(each) for each in node.any) + ")"
        case Not():
            return f"not {formula(node.not_)}"
        case Present():
            return f"{node.present} has a value"
        case Equal():
            return f"{formula(node.equal[0])} = {formula(node.equal[1])}"
        case In():
            return f"{formula(node.in_[0])} is one of " + ", ".join(f'"{text}"' for text in node.in_[1])
        case StartsWith():
            return f'{formula(node.starts_with[0])} starts with "{node.starts_with[1]}"'
        case Compare():
            return f"{formula(node.compare[0])} {node.compare[1]} {formula(node.compare[2])}"


def _called(name: str, values: Sequence[Value]) -> Value:
    """A function's result; ABSENT when an argument has no value and the function needs one."""
    function = FUNCTIONS.get(name)
    if function is None or not function.least <= len(values) <= function.most:
        return ABSENT
    texts = [_text(value) for value in values]
    if None in texts and not function.absent_ok:
        return ABSENT
    return function.run(*(ABSENT if text is None else text for text in texts))


def _text(value: Value) -> str | None:
    """The text of a value; None for what has none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and not isinstance(value, Absent):
        return value
    if isinstance(value, Mapping | Absent) or not value:
        return None
    return _text(value[0])


def _present(value: Value) -> bool:
    return bool(_text(value))


def _equal(one: Value, two: Value) -> bool:
    text = _text(one)
    return text is not None and text == _text(two)


def _ordered(left: Value, operator: Operator, right: Value) -> bool:
    a, b = decimal(_text(left) or ""), decimal(_text(right) or "")
    if a is None or b is None:
        return False
    match operator:
        case "=":
            return a == b
        case "<>":
            return a != b
        case "<":
            return a < b
        case "<=":
            return a <= b
        case ">":
            return a > b
        case ">=":
            return a >= b
