"""Whoever can write into the store hides nothing that was signed, and holds nobody up."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.trust import Activation, Approval, Refusal, Revocation
from lockgate import signing
from runtime.aside import Aside, StoreAway
from runtime.channel import Said
from runtime.gathering import next_sequence
from runtime.reading import NotPlain, read_plain
from runtime.store import NotInStore, StoreDamaged
from tests.runtime.supervised import FLOW, SEALED, House, played
from tests.trusted import KERNEL, NOON, ROOT, key_of

JUNK = "f" * 64


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def fifo(place: Path) -> None:
    os.mkfifo(place)


def sparse(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(1 << 42)


def link(place: Path) -> None:
    place.symlink_to("/dev/zero")


def folder(place: Path) -> None:
    place.mkdir()


def nothing(place: Path) -> None:
    place.touch()


ODD = (fifo, sparse, link, folder, nothing)
Odd = Callable[[Path], None]


@pytest.mark.parametrize("odd", ODD[:4])
def test_what_is_no_plain_file_of_its_size_is_never_waited_for(tmp_path: Path, odd: Odd) -> None:
    odd(tmp_path / "place")
    with pytest.raises(NotPlain, match="place"):
        read_plain(tmp_path / "place", 64)


def test_a_device_is_not_even_opened() -> None:
    with pytest.raises(NotPlain):
        read_plain(Path("/dev/null"), 64)


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_pointer_is_damage_of_that_one_alone(house: House, odd: Odd) -> None:
    house.activate()
    place = house.store.path / "activations" / "TEST" / "other"
    place.mkdir()
    odd(place / "1")
    with pytest.raises(StoreDamaged):
        house.store.activation("TEST", "other", 1)
    assert [each.flow for each in house.store.activations("TEST")] == [FLOW]


@pytest.mark.parametrize("odd", ODD)
def test_a_bad_file_beside_a_revocation_does_not_hide_it(house: House, odd: Odd) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        house.store.add_envelope(SEALED.digest, house.release.sign("pia", Revocation))
        odd(house.store.path / "sha256" / JUNK)
        (house.store.path / "releases" / SEALED.digest / JUNK).touch()
        await activations.check_revocations()
        assert (activations.live[FLOW].state, activations.live[FLOW].reason) == ("stopped", "revoked")
        assert any(JUNK in sentence for sentence in activations.problems.values())

    played(story)


def test_a_damaged_trust_file_hides_no_revocation(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        house.setup.root.write_bytes(b"{}")
        house.store.add_envelope(SEALED.digest, house.release.sign("pia", Revocation))
        await activations.check_revocations()
        assert activations.live[FLOW].reason == "revoked"

    played(story)


def damaged_envelope(house: House) -> None:
    (house.store.path / "releases" / SEALED.digest / JUNK).touch()


def foreign_envelope(house: House) -> None:
    house.store.add_envelope(SEALED.digest, b"no envelope at all")


def forged_approval(house: House) -> None:
    house.store.add_envelope(SEALED.digest, house.release.sign("mallory", Approval))


def about_something_else(house: House) -> None:
    house.store.add_envelope(SEALED.digest, house.release.sign("pia", Approval, subject="ab" * 32))


def said_twice(house: House) -> None:
    house.store.add_envelope(SEALED.digest, house.release.sign("pia", Approval, at="2026-03-02T11:00:00Z"))


def activation_among_them(house: House) -> None:
    house.store.add_envelope(SEALED.digest, house.release.sign("oli", Activation, sequence=7))


BAD = (
    damaged_envelope,
    foreign_envelope,
    forged_approval,
    about_something_else,
    said_twice,
    activation_among_them,
)


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_envelope_hides_no_approval(house: House, bad: Callable[[House], None]) -> None:
    async def story() -> None:
        activations = house.begin()
        bad(house)
        house.activate()
        await activations.follow()
        assert activations.live[FLOW].state == "running", activations.live[FLOW].sentence

    played(story)


@pytest.mark.parametrize("bad", BAD)
def test_people_go_on_signing_beside_a_bad_envelope(house: House, bad: Callable[[House], None]) -> None:
    bad(house)
    activated = signing.activate(house.store, SEALED.digest, key_of("oli"), ROOT, NOON, KERNEL)
    assert not isinstance(activated, Refusal), activated
    revoked = signing.revoke(house.store, SEALED.digest, "a mistake", key_of("pia"), ROOT, NOON)
    assert not isinstance(revoked, Refusal)


@pytest.mark.parametrize("odd", ODD)
def test_a_bad_activation_above_it_hides_no_good_one(house: House, odd: Odd) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        odd(house.store.path / "activations" / "TEST" / FLOW / "9")
        house.store.activate("TEST", FLOW, 10, b"no activation")
        await activations.follow()
        status = activations.live[FLOW].status()
        assert (status.state, status.sequence) == ("running", 1)
        assert activations.problems

    played(story)


def test_a_number_that_nobody_signed_does_not_use_up_the_numbers(house: House) -> None:
    house.activate()
    house.store.activate("TEST", FLOW, 10**16 - 1, b"no activation")
    house.store.activate("TEST", FLOW, 2, b"no activation")
    assert next_sequence(house.store, "TEST", FLOW, ROOT) == 3


@pytest.mark.parametrize("odd", ODD)
def test_a_bad_step_of_one_master_hides_no_step_of_another_and_none_before_it(house: House, odd: Odd) -> None:
    async def story() -> None:
        activations = house.begin()
        for master in ("items", "locations"):
            house.store.put_snapshot(master, 1, master.encode())
        odd(house.store.path / "masters" / "items" / "2")
        await activations.check_masters()
        assert house.commands == [("delivery", "Masters"), ("delivery", "Masters")]
        assert [step.sequence for step in house.store.read_steps("items").whole] == [1]
        assert any("items/2" in sentence for sentence in activations.problems.values())
        for master in ("items", "locations"):
            activations.said("delivery", Said(say="masters", master=master, number=1, sentence="Step 2 is bad."))
        remove(house.store.path / "masters" / "items" / "2")
        await activations.check_masters()
        assert house.commands[2:] == [("delivery", "Masters")], "delivery looks again, so that its word of it ends too"

    played(story)


def remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        place.rmdir()
    else:
        place.unlink()


def test_what_is_gone_from_the_store_is_no_problem_any_more(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        other = house.store.path / "activations" / "TEST" / "other"
        other.mkdir(parents=True)
        (other / "1").touch()
        await activations.follow()
        assert activations.problems and activations.live["other"].state == "refused"
        (other / "1").unlink()
        other.rmdir()
        await activations.follow()
        assert not activations.problems and "other" not in activations.live

    played(story)


def test_a_store_that_hangs_is_said_and_asked_again_when_it_answers() -> None:
    async def story() -> None:
        hanging, aside = threading.Event(), Aside(deadline_s=0.05)
        for _ in range(2):
            with pytest.raises(StoreAway):
                await aside.read(hanging.wait)
        hanging.set()
        patient = Aside(deadline_s=30)
        assert await patient.read(lambda: 7) == 7
        aside._deadline_s = 30
        assert await aside.read(lambda: 8) == 8

    asyncio.run(story())


def test_what_goes_wrong_in_the_store_comes_back_to_whoever_asked() -> None:
    def fails() -> None:
        raise NotInStore("The store does not hold it.")

    async def story() -> None:
        aside = Aside()
        with pytest.raises(NotInStore):
            await aside.read(fails)
        assert await aside.read(lambda: 1) == 1

    asyncio.run(story())
