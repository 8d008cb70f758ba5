"""NOTICE names everything that is installed beside the product or shipped in its pages."""

from __future__ import annotations

import fnmatch
import json
import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def named() -> set[str]:
    lines = (PROJECT / "NOTICE").read_text().splitlines()
    rows = (re.split(r"\s{2,}", line.strip()) for line in lines if re.match(r"  \S.*\s{2,}\S", line))
    return {name for row in rows for name in row[0].split(", ")}


def wanted() -> set[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    pages = json.loads((PROJECT / "frontend" / "package.json").read_text())
    return {re.split(r"[<>=!~\[; ]", each)[0] for each in project["dependencies"]} | set(pages["dependencies"])


def test_every_direct_dependency_stands_in_the_notice() -> None:
    missing = {each for each in wanted() if not any(fnmatch.fnmatch(each, name) for name in named())}
    assert not missing and wanted()


def test_nothing_stands_there_that_is_not_used() -> None:
    assert {name for name in named() if not fnmatch.filter(wanted(), name)} == set()
