"""The ERP that collects files: it takes them in by SFTP, and shows their lines."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import paramiko
import pytest

from lockgate.demo.ledger import Ledger, read
from lockgate.demo.sftp_erp import COLUMNS, TITLE, USER, Inbox, Keys, Server, show
from lockgate.demo.showing import Page

FILE = "Movement;Material;Quantity;CostCentre;Case;UsedAt;Reference\n201;40001201;2;4410;R7;2026-03-16T07:30:00;k1\n"


def client(keys: Keys, port: int, key: Path) -> paramiko.SSHClient:
    made = paramiko.SSHClient()
    blob = paramiko.Ed25519Key(filename=str(keys.host))
    made.get_host_keys().add(f"[127.0.0.1]:{port}", "ssh-ed25519", blob)
    made.connect("127.0.0.1", port, USER, key_filename=str(key), look_for_keys=False, allow_agent=False)
    return made


def test_a_file_counts_once_it_has_its_name(tmp_path: Path) -> None:
    keys, ledger = Keys(tmp_path / "keys").make(), Ledger(tmp_path / "ledger.jsonl")
    port = Server(keys, Inbox(tmp_path / "inbox", ledger)).listen(0)
    with client(keys, port, keys.user) as ssh, ssh.open_sftp() as sftp:
        with sftp.open("/incoming/.a.csv.part", "wx") as file:
            file.write(FILE)
            file.flush()
            assert file.stat().st_size == len(FILE)
        assert list(read(ledger.path)) == []
        sftp.posix_rename("/incoming/.a.csv.part", "/incoming/a.csv")
        assert sftp.listdir("/incoming") == ["a.csv"]
        with pytest.raises(OSError):
            sftp.open("/incoming/a.csv", "wx")
    (line,) = read(ledger.path)
    assert (line["key"], line["body"]["Material"], line["document"]) == ("k1", "40001201", {"file": "a.csv"})


def test_nobody_comes_in_with_another_key(tmp_path: Path) -> None:
    keys, other = Keys(tmp_path / "keys").make(), Keys(tmp_path / "other").make()
    port = Server(keys, Inbox(tmp_path / "inbox", Ledger(tmp_path / "ledger.jsonl"))).listen(0)
    with pytest.raises(paramiko.AuthenticationException):
        client(keys, port, other.user)


def test_its_page_shows_every_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    inbox = Inbox(tmp_path / "inbox", ledger)
    (inbox.folder / "a.csv").write_text(FILE)
    inbox.laid_down(inbox.folder / "a.csv")
    server = show(Page(TITLE, ledger.path, COLUMNS), 0)
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/rows") as answer:
        ((_, file, *cells),) = json.load(answer)["rows"]
    server.shutdown()
    assert (file, cells) == ("a.csv", ["40001201", "2", "4410", "R7", "2026-03-16T07:30:00"])
