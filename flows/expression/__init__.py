"""Typed expression trees: how a value is made of fields, what it reads, and what it gives."""

from flows.expression.evaluation import compile_condition, compile_expression, evaluate, formula, holds
from flows.expression.functions import FUNCTIONS
from flows.expression.tree import (
    CONDITION,
    EXPRESSION,
    Condition,
    Expression,
    kind_of,
    problems,
    reads,
)

__all__ = [
    "CONDITION",
    "EXPRESSION",
    "FUNCTIONS",
    "Condition",
    "Expression",
    "compile_condition",
    "compile_expression",
    "evaluate",
    "formula",
    "holds",
    "kind_of",
    "problems",
    "reads",
]
