"""What decides whether a release may run is small enough to be read by one person in one sitting."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

HOME = Path(__file__).parent.parent.parent
FILES = [*sorted((HOME / "flows" / "trust").glob("*.py")), HOME / "runtime" / "releases.py"]
MOST = 600
_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def lines_of_code(path: Path) -> int:
    """Lines that do something: no blanks, comments, docstrings, imports, export lists or members of an enumeration."""
    text = path.read_text("utf-8")
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if _tells_only(node):
            assert isinstance(node, ast.stmt)
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def _tells_only(node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.Assign(value=ast.Constant(value=str())):
            return True
    return False


def test_the_verifier_has_six_hundred_lines_at_most() -> None:
    counted = {path.relative_to(HOME).as_posix(): lines_of_code(path) for path in FILES}
    assert sum(counted.values()) <= MOST, counted
