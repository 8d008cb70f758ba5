"""The runtime's secrets: made once, for their owner alone, never replaced in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.secrets import FileSecrets, SecretsUnusable
from runtime.world import SeededRandomness, SystemRandomness


def test_the_first_start_makes_every_key_and_later_starts_keep_them(tmp_path: Path) -> None:
    first = FileSecrets.prepare(tmp_path, SystemRandomness())
    kept = (first.master_key, first.idempotency_key, first.pseudonym_key, first.signer("intake").private_bytes_raw())
    second = FileSecrets.prepare(tmp_path, SystemRandomness())
    assert kept == (
        second.master_key,
        second.idempotency_key,
        second.pseudonym_key,
        second.signer("intake").private_bytes_raw(),
    )
    assert len({*kept, second.signer("delivery").private_bytes_raw()}) == 5


def test_nobody_else_may_read_them(tmp_path: Path) -> None:
    FileSecrets.prepare(tmp_path, SystemRandomness())
    found = list((tmp_path / "secrets").rglob("*"))
    assert len(found) == 6
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "secrets", *found))


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    secrets = FileSecrets.prepare(tmp_path, SystemRandomness())
    (tmp_path / "secrets" / "master.key").chmod(0o644)
    with pytest.raises(SecretsUnusable, match="chmod 600"):
        _ = secrets.master_key


@pytest.mark.parametrize("content", ["", "ab", "zz" * 32, "ab" * 33])
def test_a_damaged_key_stops_the_start_and_is_not_replaced(tmp_path: Path, content: str) -> None:
    FileSecrets.prepare(tmp_path, SystemRandomness())
    (tmp_path / "secrets" / "idempotency.key").write_text(content)
    secrets = FileSecrets.prepare(tmp_path, SystemRandomness())
    with pytest.raises(SecretsUnusable, match="safe copy"):
        _ = secrets.idempotency_key


def test_a_start_that_died_half_way_leaves_no_half_key(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets" / "master.half").write_text("ab")
    assert len(FileSecrets.prepare(tmp_path, SystemRandomness()).master_key) == 32


def test_derived_keys_differ_by_purpose_and_last_as_long_as_their_root(tmp_path: Path) -> None:
    secrets = FileSecrets.prepare(tmp_path, SeededRandomness(1))
    again = FileSecrets.prepare(tmp_path, SystemRandomness())
    assert secrets.derived("twin") == again.derived("twin")
    assert len({secrets.derived("twin"), secrets.derived("lane"), secrets.idempotency_key}) == 3


def test_a_connections_secret_is_read_by_its_reference(tmp_path: Path) -> None:
    secrets = FileSecrets.prepare(tmp_path, SystemRandomness())
    path = tmp_path / "secrets" / "connections" / "erp-token"
    path.write_text("s3cret\n")
    path.chmod(0o600)
    assert secrets.get("erp-token") == b"s3cret"


@pytest.mark.parametrize("name", ["", "../master.key", "a/b", "A", "x" * 64, "erp-unknown"])
def test_a_reference_that_names_nothing_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SecretsUnusable):
        FileSecrets.prepare(tmp_path, SystemRandomness()).get(name)
