"""A designer for tests: a folder with a trust root, an environment and a store, and browsers that ask over HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from designer.accounts import everybody
from designer.app import create_app, designer_of
from designer.context import Designer
from designer.http.cookies import name as name_of_cookie
from designer.models.people import PersonRow
from designer.sessions import begin
from designer.settings import Settings
from flows.policyset import builtin
from flows.trust import Person, Role
from flows.vocabulary import DataLabel
from lockgate import roots
from lockgate.keys import new_key
from runtime.build import build_digest

ORIGIN = "http://localhost:8080"
SUPPLY = Path(__file__).parents[2] / "flows" / "library" / "supply-consumption"
NOON = 1_772_366_400_000
PASSWORD = "a long and winding road"
PEOPLE: Mapping[str, tuple[str, tuple[Role, ...]]] = {
    "ana": ("Ana", (Role.ANALYST,)),
    "ben": ("Ben", (Role.ANALYST,)),
    "omar": ("Omar", (Role.PRIVACY,)),
    "mei": ("Mei", (Role.ERP_OWNER,)),
    "sam": ("Sam", (Role.STEWARD,)),
    "priya": ("Priya", (Role.OPERATOR,)),
    "ada": ("Ada", (Role.ADMINISTRATOR,)),
}


@cache
def hashed() -> str:
    """The hash of everybody's password, made once."""
    return PasswordHasher().hash(PASSWORD)


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.ms = NOON

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    def pass_by(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        self.ms += round((seconds + minutes * 60 + hours * 3600) * 1000)


class Dice:
    """Bytes that are new each time, and the same in each run."""

    def __init__(self) -> None:
        self._count = 0

    def bytes(self, count: int) -> bytes:
        self._count += 1
        return self._count.to_bytes(count, "big")


class Browser:
    """One tab: it holds cookies and sends what our pages send."""

    def __init__(self, client: FlaskClient, tab: str) -> None:
        self.client, self.tab = client, tab

    def ask(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> TestResponse:
        """A request as a page makes it; ``headers`` put others in the place of the usual ones ("" leaves one out)."""
        usual = {"X-Lockgate": "1", "X-Lockgate-Tab": self.tab, "Origin": ORIGIN, **(headers or {})}
        sent = {name: value for name, value in usual.items() if value}
        path = path if path.startswith("/api/") or "raw" in more else f"/api/v1{path}"
        more.pop("raw", None)
        if body is not None:
            more["json"] = body
        return self.client.open(path, method=method, headers=sent, base_url=ORIGIN, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        return self.ask("POST", path, {} if body is None else body, **more)

    def put(self, path: str, body: Any, **more: Any) -> TestResponse:
        return self.ask("PUT", path, body, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        return self.ask("DELETE", path, **more)

    def given(self, answer: TestResponse, status: int = 200) -> Any:
        """The JSON of an answer that ended as it must."""
        assert answer.status_code == status, f"{answer.status_code}: {answer.get_data(as_text=True)[:500]}"
        return answer.get_json()

    def another_tab(self, tab: str = "second") -> Browser:
        """A second tab of the same browser."""
        return Browser(self.client, tab)


class Office:
    """An installation in a folder."""

    def __init__(self, folder: Path, *, demo: bool = True, people: bool = True, pages: Path | None = None) -> None:
        self.folder, self.watch = folder, Watch()
        self.environment = folder / "environment"
        shutil.copytree(SUPPLY, self.environment, ignore=shutil.ignore_patterns("cases", "flow.json", "README.md"))
        self.settings = Settings(
            data=folder / "designer",
            environment=self.environment / "environment.json",
            store=folder / "store",
            root=folder / "trust.json",
            runtime=folder / "runtime",
            origin=ORIGIN,
            desk="http://localhost:8081",
            pages=pages,
        )
        self._write_root(demo)
        self.designer: Designer = designer_of(self.settings, self.watch, Dice())
        self.app: Flask = create_app(self.designer)
        if people:
            self._invite()

    def browser(self, tab: str = "first") -> Browser:
        """A browser in which nobody is signed in."""
        return Browser(self.app.test_client(), tab)

    def signed_in(self, person: str, tab: str = "first") -> Browser:
        """A browser of one of the people. Passwords have tests of their own: here the session is begun at once."""
        browser = self.browser(tab)
        if self.designer.demo:
            browser.given(browser.post("/session/persona", {"person": person}))
        else:
            account = next(each for each in everybody(self.designer) if each.person == person)
            value = begin(self.designer, account, None)
            browser.client.set_cookie(name_of_cookie(self.settings), value, domain="localhost")
        return browser

    def close(self) -> None:
        self.designer.database.close()

    def _invite(self) -> None:
        if self.designer.demo:
            return
        with self.designer.database.change("test") as change:
            for person, (name, roles) in PEOPLE.items():
                spelt = " ".join(sorted(roles))
                change.session.add(PersonRow(id=person, name=name, roles=spelt, password=hashed(), made_ms=NOON))
                change.record("person.invited", person=person)

    def _write_root(self, demo: bool) -> None:
        key = new_key("ed25519")
        first = roots.First(
            person="ada",
            name="Ada",
            environments={"TEST": DataLabel.SYNTHETIC},
            policy_sets=(builtin().digest,),
            builds=(build_digest(),),
            demo=demo,
        )
        trust = roots.first_root(first, key, NOON - 1)
        for person, (name, roles) in PEOPLE.items():
            if person != "ada":
                trust = roots._next(
                    trust,
                    {"persons": {**trust.root.persons, person: Person(name=name, roles=roles)}},
                    (key,),
                    NOON - 1,
                )
        self.settings.root.write_bytes(trust.data())
