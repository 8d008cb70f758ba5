"""A designer over a real installation: a signed flow that runs, masters that stewards signed, and people with keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from designer.app import create_app, designer_of
from designer.context import Designer
from designer.settings import Settings
from lockgate.demo.ports import free_ports
from tests.designer.office import ORIGIN, Browser
from tests.installation import FLOW, Installation, installed

DESK = "http://localhost:8081"
ELSEWHERE = "next-theatre"


class Workplace:
    """The designer and the installation that it stands beside."""

    def __init__(self, folder: Path, there: Installation) -> None:
        self.there = there
        house = there.house
        _add_connection(house.flows / FLOW / "environment.json")
        self.settings = Settings(
            data=folder / "designer",
            environment=house.flows / FLOW / "environment.json",
            store=house.store,
            root=house.root,
            runtime=house.data,
            origin=ORIGIN,
            desk=DESK,
        )
        self.designer: Designer = designer_of(self.settings)
        self.app: Flask = create_app(self.designer)

    def signed_in(self, person: str, tab: str = "first") -> Browser:
        """A browser of one of the demo's people."""
        browser = Browser(self.app.test_client(), tab)
        browser.given(browser.post("/session/persona", {"person": person}))
        return browser

    def elsewhere(self, browser: Browser, name: str) -> dict[str, Any]:
        """A draft of the flow that is live, listening where nobody does yet."""
        draft = self.draft(browser, name, pattern=FLOW)
        first, *others = draft["document"]["steps"]
        document = {**draft["document"], "steps": [{**first, "connection": ELSEWHERE}, *others]}
        browser.given(browser.put(f"/drafts/{draft['id']}", {"revision": 1, "document": document}))
        moved: dict[str, Any] = browser.given(browser.get(f"/drafts/{draft['id']}"))
        return moved

    def draft(self, browser: Browser, name: str, **source: Any) -> dict[str, Any]:
        """A new draft: of a pattern, a flow, or blank."""
        made: dict[str, Any] = browser.given(browser.post("/drafts", {"name": name, "from": source}), 201)
        return made

    def close(self) -> None:
        self.designer.rehearsals.close()
        self.designer.database.close()


def _add_connection(environment: Path) -> None:
    """A second source, at a port of its own: where the flow that runs listens, no other can."""
    document = json.loads(environment.read_text())
    connections = document["connections"]
    connections[ELSEWHERE] = connections["or-system"] | {"port": free_ports(1)[0]}
    environment.write_text(json.dumps(document))


@contextmanager
def workplace(folder: Path) -> Iterator[Workplace]:
    """A workplace while the block runs."""
    with installed(folder / "house") as there:
        made = Workplace(folder, there)
        try:
            yield made
        finally:
            made.close()
