"""Key files: made once, readable by their owner alone, refused with a sentence otherwise."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from flows.trust import signed_by
from lockgate.keys import KeyTrouble, make_key, new_key, read_key


@pytest.mark.parametrize("form", ["ed25519", "p256"])
def test_a_key_file_gives_back_the_key(tmp_path: Path, form: str) -> None:
    made = make_key(tmp_path / "pia.pem", form)  # type: ignore[arg-type]  # both are forms
    read = read_key(tmp_path / "pia.pem")
    assert read.keyid == made.keyid and read.form == made.form
    assert signed_by(made.public("pia"), read.sign(b"message"), b"message")


def test_a_key_file_is_of_mode_0600_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_key(tmp_path / "pia.pem")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "pia.pem").stat().st_mode) == 0o600
    assert (tmp_path / "pia.pem").read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    make_key(tmp_path / "pia.pem")
    before = (tmp_path / "pia.pem").read_bytes()
    with pytest.raises(KeyTrouble, match="exists already"):
        make_key(tmp_path / "pia.pem")
    assert (tmp_path / "pia.pem").read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    make_key(tmp_path / "pia.pem")
    (tmp_path / "pia.pem").chmod(mode)
    with pytest.raises(KeyTrouble, match="chmod 600"):
        read_key(tmp_path / "pia.pem")


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: bytes | None = None) -> bytes:
    how = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


UNUSABLE = {
    "nothing": b"",
    "text": b"hello",
    "another curve": pem(ec.generate_private_key(ec.SECP384R1())),
    "another kind": pem(rsa.generate_private_key(65537, 2048)),
    "a password": pem(ec.generate_private_key(ec.SECP256R1()), b"secret"),
    "a half file": new_key().pem()[:60],
}


@pytest.mark.parametrize("data", UNUSABLE.values(), ids=UNUSABLE)
def test_what_is_no_key_is_refused_with_its_place(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "pia.pem").write_bytes(data)
    (tmp_path / "pia.pem").chmod(0o600)
    with pytest.raises(KeyTrouble, match=r"pia\.pem: .*\.$"):
        read_key(tmp_path / "pia.pem")


def test_a_file_or_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pem", tmp_path):
        with pytest.raises(KeyTrouble):
            read_key(path)
    with pytest.raises(KeyTrouble):
        make_key(tmp_path / "none" / "pia.pem")
