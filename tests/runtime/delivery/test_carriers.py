"""Every sink's carrier is there, and every carrier opens the same way and refuses what it cannot carry."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flows.environment import Connection
from nodes import catalogue
from nodes.sink import Sink
from runtime.connections import Unreachable
from runtime.delivery.carriers import Told, names, open_link
from runtime.delivery.carrying import Carrying
from runtime.delivery.http1 import Trouble
from runtime.secrets import FileSecrets, SecretsUnusable
from runtime.world import system

BASE: dict[str, Any] = {"domain": "erp", "system": "ERP", "transport": "loopback", "host": "127.0.0.1", "port": 9}
SSH = {"transport": "ssh", "pins": ("0" * 64,), "user": "lockgate", "secret": "key"}


def opened(by: str, folder: Path, **differs: Any) -> Any:
    async def go() -> Any:
        secrets = FileSecrets.prepare(folder, system().randomness)
        connection = Connection.model_validate({**BASE, **differs})
        link = open_link(by, "erp", connection, secrets, system())
        link.close()
        return link

    return asyncio.run(go())


def test_every_sink_names_a_carrier_that_is_there() -> None:
    named = {kind.carrier for kind in catalogue.kinds().values() if issubclass(kind, Sink)}
    assert named == names() == {"http", "soap", "sftp"}


def test_a_carrier_that_is_not_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        opened("smtp", tmp_path)


@pytest.mark.parametrize("carrier", ["http", "soap"])
def test_http_is_not_carried_by_ssh_and_loopback_is_loopback(tmp_path: Path, carrier: str) -> None:
    assert opened(carrier, tmp_path)
    with pytest.raises(Unreachable, match="carries no HTTP"):
        opened(carrier, tmp_path, **SSH)
    with pytest.raises(Unreachable, match="no loopback"):
        opened(carrier, tmp_path, host="erp.example")


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"transport": "tls"}, "laid down by ssh"),
        ({"pins": ()}, "pins no host key"),
        ({"user": None}, "needs a user and a secret"),
        ({"secret": None}, "needs a user and a secret"),
        ({"base_path": "/in/../.."}, "leads upwards"),
    ],
)
def test_files_go_by_ssh_to_a_pinned_host_with_a_key(tmp_path: Path, differs: dict[str, Any], said: str) -> None:
    with pytest.raises(Unreachable, match=said):
        opened("sftp", tmp_path, **{**SSH, **differs})


def test_a_key_that_is_missing_is_said_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(SecretsUnusable):
        opened("sftp", tmp_path, **SSH)


def test_a_mistake_on_the_way_out_is_told_once_so_that_the_destination_goes_on() -> None:
    async def go() -> list[object]:
        heard: list[object] = []
        carrying = Carrying()

        async def fails(told: Told) -> None:
            raise KeyError("a mistake of a node")

        async def fails_afterwards(told: Told) -> None:
            told(Trouble.UNREACHED)
            raise KeyError("a mistake of a node")

        carrying.begin(fails, heard.append)
        carrying.begin(fails_afterwards, heard.append)
        for _ in range(4):
            await asyncio.sleep(0)
        return heard

    assert sorted(asyncio.run(go()), key=str) == sorted([Trouble.RESET, Trouble.UNREACHED], key=str)
