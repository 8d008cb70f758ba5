"""A designer with nothing in it, and a runtime that runs nothing: what every page shows before there is anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from designer.settings import Settings
from lockgate.demo import hospital
from lockgate.demo.crew import Crew
from lockgate.demo.house import ENVIRONMENT, LOCKGATE, House
from lockgate.demo.ports import free_ports
from lockgate.installation import PAGES


@contextmanager
def bare(folder: Path) -> Iterator[str]:
    """Its origin, for as long as the block runs."""
    house, crew = House(folder), Crew(folder / "logs")
    house.found(hospital.PEOPLE)
    designer, desk = (f"http://localhost:{port}" for port in free_ports(2))
    try:
        crew.start("runtime", [*LOCKGATE, "run", "--store", house.store, "--root", house.root, "--data", house.data])
        member = crew.module("designer", "designer.serve", _settings(house, designer, desk))
        crew.ready(member, "lockgate designer ready at")
        yield designer
    finally:
        crew.end()


def _settings(house: House, origin: str, desk: str) -> Path:
    environment = house.folder / "environment.json"
    empty = {"format": "lockgate/environment/1", "name": ENVIRONMENT, "label": "synthetic", "connections": {}}
    environment.write_text(json.dumps(empty | {"masters": {}, "roles": [], "alert_routes": []}))
    data = house.folder / "designer"
    for each in (data, house.store, house.data):
        each.mkdir(mode=0o700, exist_ok=True)
    settings = Settings(
        data=data,
        environment=environment,
        store=house.store,
        root=house.root,
        runtime=house.data,
        origin=origin,
        desk=desk,
        pages=PAGES,
    )
    file = data / "settings.json"
    file.write_text(settings.model_dump_json())
    return file
