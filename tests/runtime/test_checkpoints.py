"""Checkpoints show what a chain alone cannot: that its end was cut off."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from runtime.checkpoints import verify, write_checkpoint
from runtime.journal.store import Journal
from runtime.world import SeededRandomness, SetClock, SystemNetwork, World

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
_names = iter(range(1000))


@pytest.fixture
def journals() -> tuple[Journal, Journal]:
    """Two writers with two checkpoints over some records."""
    name = f"checkpoints-{next(_names)}"
    world = World(SetClock(), SeededRandomness(1), SystemNetwork())
    delivery = Journal.in_memory(name, "delivery", world)
    intake = Journal.in_memory(name, "intake", world)
    for round_ in range(2):
        for journal in (intake, delivery):
            with journal.write() as transaction:
                for number in range(3):
                    transaction.audit("message.accepted", message=round_ * 10 + number)
        with delivery.write() as transaction:
            assert write_checkpoint(transaction, KEY)
    return intake, delivery


def good(journal: Journal) -> bool:
    with journal.reader() as reader:
        return verify(reader, KEY).good


def test_both_chains_and_all_checkpoints_hold(journals: tuple[Journal, Journal]) -> None:
    with journals[1].reader() as reader:
        verified = verify(reader, KEY)
    assert verified.good
    assert verified.checkpoints == 2
    assert {chain.writer: chain.records for chain in verified.chains} == {"intake": 6, "delivery": 8}


def test_nothing_new_makes_no_checkpoint(journals: tuple[Journal, Journal]) -> None:
    with journals[1].write() as transaction:
        assert not write_checkpoint(transaction, KEY)


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM audit WHERE writer = 'intake' AND first = 4",
        "DELETE FROM audit WHERE writer = 'intake'",
        "DELETE FROM audit WHERE writer = 'delivery' AND first >= 4",
        "UPDATE audit SET records = replace(records, 'accepted', 'repeated') WHERE first = 1",
        "UPDATE audit SET records = CAST(replace(records, 'accepted', 'repeated') AS BLOB) WHERE first = 1",
        "UPDATE audit SET count = '3' || 'x' WHERE first = 4",
        "UPDATE checkpoint SET envelope = 'text' WHERE number = 2",
        "UPDATE audit SET head = zeroblob(32) WHERE first = 4",
        "DELETE FROM checkpoint WHERE number = 1",
        "UPDATE checkpoint SET envelope = (SELECT envelope FROM checkpoint WHERE number = 2) WHERE number = 1",
        "UPDATE checkpoint SET envelope = x'7b7d' WHERE number = 2",
    ],
)
def test_every_change_shows(journals: tuple[Journal, Journal], attack: str) -> None:
    intake, _ = journals
    intake.connection.execute(attack)
    assert not good(intake)


def test_a_checkpoint_of_another_key_does_not_count(journals: tuple[Journal, Journal]) -> None:
    with journals[0].reader() as reader:
        assert not verify(reader, Ed25519PrivateKey.from_private_bytes(b"x" * 32)).good
