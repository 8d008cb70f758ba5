"""The page of results: one section a corpus, each written by its own test."""

from __future__ import annotations

import re
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
_MARK = re.compile(r"^<!-- (\S+) -->\n", re.MULTILINE)


def settled(name: str, section: str, page: Path = RESULTS) -> bool:
    """Whether the committed section is this one; where it is another, it is written again."""
    sections = _sections(page.read_text() if page.exists() else "")
    if sections.get(name) == section:
        return True
    sections[name] = section
    page.write_text("\n".join(f"<!-- {each} -->\n{text}" for each, text in sorted(sections.items())))
    return False


def _sections(text: str) -> dict[str, str]:
    _, *parts = _MARK.split(text)
    names, texts = parts[::2], [part.rstrip("\n") + "\n" for part in parts[1::2]]
    return dict(zip(names, texts, strict=True))
