"""The SFTP worker against OpenSSH: a pinned host, no weak algorithm, whole files under their names or none at all."""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Iterator
from typing import Any

import paramiko
import pytest
from cryptography.hazmat.primitives import serialization

from runtime.sftp_worker import Desk
from runtime.ssh_keys import WEAK, NotAKey, private_key
from tests.sshd import Sshd, sshd

NAME = "uses-0123456789abcdef01234567.csv"
pytestmark = pytest.mark.xdist_group("sshd")


@pytest.fixture(scope="module")
def server() -> Iterator[Sshd]:
    with sshd() as running:
        yield running


@pytest.fixture(autouse=True)
def _empty(server: Sshd) -> None:
    for each in server.incoming.iterdir():
        each.rmdir() if each.is_dir() and not each.is_symlink() else each.unlink()


def desk(server: Sshd, **differs: Any) -> Desk:
    made = Desk()
    asked = {
        "do": "open",
        "host": "127.0.0.1",
        "port": server.port,
        "user": server.user,
        "pins": [server.pin],
        "key": server.key.decode(),
        "seconds": 5,
    }
    made({**asked, **differs})
    return made


def put(made: Desk, content: bytes = b"a;b\r\n" * 50_000, **differs: Any) -> dict[str, Any]:
    question = {
        "do": "put",
        "folder": "incoming",
        "name": NAME,
        "content": base64.b64encode(content).decode(),
        "again": False,
        "collected": False,
        "tag": "00c0ffee",
    }
    answer: dict[str, Any] = made({**question, **differs})
    return answer


def test_a_file_arrives_whole_under_its_name_and_leaves_nothing_beside(server: Sshd) -> None:
    assert put(desk(server), b"x" * 200_000) == {"outcome": "stored"}
    assert server.files() == {NAME: b"x" * 200_000} and server.partial() == []


def test_one_session_serves_many_files_and_a_broken_one_is_opened_again(server: Sshd) -> None:
    made = desk(server)
    assert put(made, name="a.csv") == put(made, name="b.csv") == {"outcome": "stored"}
    server.break_sessions()
    said = put(made, name="c.csv")
    assert said in ({"trouble": "reset"}, {"trouble": "unreached"}, {"outcome": "stored"})
    assert put(made, name="c.csv")["outcome"] in ("stored", "there-already")


def test_a_file_of_its_size_under_its_name_is_there_already(server: Sshd) -> None:
    (server.incoming / NAME).write_bytes(b"12345")
    assert put(desk(server), b"54321", again=True) == {"outcome": "there-already"}
    assert put(desk(server), b"123456") == {"outcome": "name-taken"}
    assert server.files() == {NAME: b"12345"}


def test_what_a_broken_attempt_left_is_cleared_away(server: Sshd) -> None:
    for tag in ("1", "2"):
        (server.incoming / f".{NAME}.{tag}.part").write_bytes(b"half")
    (server.incoming / ".other.csv.1.part").write_bytes(b"not ours")
    assert put(desk(server), again=True) == {"outcome": "stored"}
    assert server.partial() == [".other.csv.1.part"]


def test_a_file_that_was_collected_perhaps_is_uncertain_and_not_written_again(server: Sshd) -> None:
    assert put(desk(server), again=True, collected=True) == {"outcome": "uncertain"}
    assert server.files() == {} and server.partial() == []
    assert put(desk(server), again=False, collected=True) == {"outcome": "stored"}


def test_a_link_or_a_folder_under_the_name_is_never_followed(server: Sshd) -> None:
    elsewhere = server.home / "elsewhere"
    elsewhere.write_bytes(b"precious")
    (server.incoming / NAME).symlink_to(elsewhere)
    assert put(desk(server)) == {"outcome": "target-is-link"}
    (server.incoming / "folder.csv").mkdir()
    assert put(desk(server), name="folder.csv") == {"outcome": "target-is-link"}
    assert elsewhere.read_bytes() == b"precious"


def test_a_link_in_the_place_of_the_temporary_file_is_not_written_through(server: Sshd) -> None:
    elsewhere = server.home / "elsewhere"
    elsewhere.write_bytes(b"precious")
    (server.incoming / f".{NAME}.00c0ffee.part").symlink_to(elsewhere)
    assert "outcome" in put(desk(server)) and elsewhere.read_bytes() == b"precious"
    assert server.files() == {}


def test_a_folder_that_is_not_there_or_not_ours_is_said(server: Sshd) -> None:
    assert put(desk(server), folder="gone") == {"outcome": "no-folder"}
    closed = server.home / "closed"
    closed.mkdir(exist_ok=True)
    closed.chmod(0o500)
    os.chown(closed, 0 if os.geteuid() == 0 else -1, -1)
    closed.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
    assert put(desk(server), folder="closed") == {"outcome": "write-refused"}


def test_another_host_key_is_refused_before_anything_is_sent(server: Sshd) -> None:
    logins = (server.folder / "log").read_text().count("Accepted")
    assert put(desk(server, pins=["0" * 64])) == {"outcome": "host-key-changed"}
    assert (server.folder / "log").read_text().count("Accepted") == logins and server.files() == {}


def test_another_key_of_the_user_is_refused(server: Sshd) -> None:
    other = paramiko.ECDSAKey.generate()
    pem = other.signing_key.private_bytes(  # type: ignore[union-attr]  # a generated key has one
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert put(desk(server, key=pem.decode())) == {"outcome": "login-refused"}
    assert put(desk(server, key="no key at all")) == {"outcome": "login-refused"}


def test_a_server_that_is_not_there_is_unreached(server: Sshd) -> None:
    assert put(desk(server, port=1)) == {"trouble": "unreached"}


@pytest.mark.parametrize(
    "weak",
    [
        "Ciphers aes128-cbc,3des-cbc",
        "MACs hmac-sha1,hmac-md5\nCiphers aes128-ctr",
        "KexAlgorithms diffie-hellman-group14-sha1",
    ],
)
def test_a_server_with_nothing_but_weak_algorithms_is_refused(weak: str) -> None:
    with sshd(weak) as server:
        assert put(desk(server)) == {"outcome": "weak-algorithms"}


def test_a_full_disk_is_said_and_nothing_half_is_left() -> None:
    with sshd(largest_kib=64) as server:
        assert put(desk(server), b"x" * 200_000) == {"outcome": "disk-full"}
        assert list(server.incoming.iterdir()) == []
        assert put(desk(server), b"x" * 20_000) == {"outcome": "stored"}


@pytest.mark.parametrize(
    ("denied", "outcome"),
    [("posix-rename", "rename-refused"), ("fsync", "stored"), ("open", "write-refused"), ("lstat", "write-refused")],
)
def test_what_a_server_denies_is_said_and_nothing_half_is_left(denied: str, outcome: str) -> None:
    with sshd(options=f"-P {denied}") as server:
        assert put(desk(server)) == {"outcome": outcome}
        assert [each.name for each in server.incoming.iterdir()] == ([NAME] if outcome == "stored" else [])


def test_everything_weak_that_paramiko_knows_is_named() -> None:
    offered = paramiko.Transport
    for kind, names in {"ciphers": offered._preferred_ciphers, "macs": offered._preferred_macs}.items():  # type: ignore[attr-defined]
        weak = [name for name in names if "cbc" in name or name.startswith(("hmac-md5", "hmac-sha1"))]
        assert set(weak) <= set(WEAK[kind])
    assert {name for name in offered._preferred_kex if name.endswith("-sha1")} <= set(WEAK["kex"])  # type: ignore[attr-defined]


def test_a_private_key_is_read_in_the_forms_that_people_have(server: Sshd) -> None:
    text = server.key.decode()
    loaded: Any = serialization.load_ssh_private_key(text.encode(), None)
    pem = loaded.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert private_key(text.strip()).asbytes() == private_key(pem.decode()).asbytes()
    with pytest.raises(NotAKey):
        private_key("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----")
