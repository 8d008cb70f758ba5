"""Every page and picture that the documents lead to is there, and every document is led to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [PROJECT / name for name in ("README.md", "ARCHITECTURE.md", "GLOSSARY.md", "CHANGELOG.md")]
PAGES += sorted((PROJECT / "docs").glob("*.md")) + sorted((PROJECT / "decisions").glob("*.md"))


def links(page: Path) -> set[Path]:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    found = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    return {(page.parent / each).resolve() for each in found if "://" not in each}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_leads_to_is_there(page: Path) -> None:
    assert [str(each) for each in links(page) if not each.exists()] == []


def test_the_readme_leads_to_every_document() -> None:
    led = links(PROJECT / "README.md")
    assert {page.name for page in (PROJECT / "docs").glob("*.md")} - {each.name for each in led} - {
        "reference.md"
    } == set()


@pytest.mark.parametrize("word", ["Make a pseudonym of", "Invent one", "What would be sent", "What if it goes wrong"])
def test_what_the_first_flow_names_stands_in_the_product(word: str) -> None:
    assert word in (PROJECT / "docs" / "first-flow.md").read_text()
    sources = [*(PROJECT / "frontend" / "src").rglob("*.tsx"), PROJECT / "flows" / "fixes.py"]
    assert any(word in each.read_text() for each in sources)
