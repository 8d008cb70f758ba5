"""A real installation: one folder with everything that it needs to know, and the file that says where each thing is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from designer.settings import Origin, Settings
from flows.trust import Role
from flows.vocabulary import DataLabel

FILE = "lockgate.json"
PAGES = Path(__file__).parents[1] / "designer" / "web"


class Installation(BaseModel):
    """``lockgate.json``. Paths are relative to its folder."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    format: Literal["lockgate/installation/1"] = "lockgate/installation/1"
    origin: Origin = "http://localhost:8080"
    """Where browsers find the designer."""
    desk: Origin = "http://localhost:8081"
    """Where browsers find the approval desk."""
    listen: str = "127.0.0.1"
    """The address of the designer."""
    environment: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{0,30}$")]
    """Which environment of the trust root the runtime serves."""
    environment_file: str = "environment/environment.json"
    """What a flow is checked against; see above."""
    trust: str = "trust.json"
    """The trust file, made by ``lockgate trust init``."""
    store: str = "store"
    """The folder of the release store."""
    designer: str = "designer"
    """The folder of the designer's drafts and accounts."""
    runtime: str = "runtime"
    """The data folder of the runtime: journal, keys, secrets. Nobody else may read it."""

    def settings(self, folder: Path) -> Settings:
        """What the designer of the installation in ``folder`` works with."""
        return Settings(
            data=folder / self.designer,
            environment=folder / self.environment_file,
            store=folder / self.store,
            root=folder / self.trust,
            runtime=folder / self.runtime,
            origin=self.origin,
            desk=self.desk,
            listen=self.listen,
            pages=PAGES if PAGES.is_dir() else None,
        )


class _Administrator(BaseModel):
    """The first of all accounts."""

    person: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]


def check_person(person: str, name: str) -> None:
    """ValidationError for a person who can have no account."""
    _Administrator(person=person, name=name)


def first_administrator(settings: Settings, person: str, name: str) -> str:
    """Makes the first account; gives the token with which its person sets a password, once."""
    # Imported here: every other command starts without a web framework and a database.
    from designer.accounts import SYSTEM, invited
    from designer.app import designer_of

    designer = designer_of(settings)
    try:
        with designer.database.change(SYSTEM) as change:
            return invited(designer, change, person, name, (Role.ADMINISTRATOR,)).token
    finally:
        designer.database.close()


def lay_out(folder: Path, installation: Installation, label: DataLabel) -> None:
    """Makes the folders and the files to begin with; nothing that is there is written over."""
    for each in (folder, folder / installation.designer, folder / installation.store, folder / installation.runtime):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
    environment = folder / installation.environment_file
    environment.parent.mkdir(parents=True, exist_ok=True)
    if not environment.exists():
        environment.write_text(_json(_environment(installation.environment, label)), "utf-8")
    with (folder / FILE).open("x", encoding="utf-8") as file:
        file.write(_json(installation.model_dump(mode="json")))


def _environment(name: str, label: DataLabel) -> dict[str, object]:
    """An environment without systems: connections, masters and owners are added as they come."""
    return {
        "format": "lockgate/environment/1",
        "name": name,
        "label": str(label),
        "connections": {},
        "masters": {},
        "roles": [],
        "alert_routes": [],
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"
