"""The supervisor's side of activation, with children that answer as told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.trust import Activation, Refusal, Revocation
from runtime import objections
from runtime.channel import Activate, Said
from runtime.journal.store import Journal
from runtime.settling import StartTrouble, follow_trust, settle
from runtime.state import Step
from runtime.world import SeededRandomness, SystemNetwork, World
from tests.runtime.supervised import FLOW, SEALED, House, played, refusing
from tests.trusted import DAY, NOON, ROOT, Release, key_of, root, sealed


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_trusted_activation_goes_to_delivery_then_to_intake_with_its_number(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        [(first, to_delivery), (second, to_intake)] = house.sent
        assert (first, second) == ("delivery", "intake")
        assert isinstance(to_delivery, Activate)
        assert isinstance(to_intake, Activate)
        assert (to_delivery.number, to_intake.number) == (0, 7)
        status = activations.live[FLOW].status()
        assert (status.state, status.sequence, status.listening) == ("running", 1, ("127.0.0.1:2575",))
        await activations.follow()
        assert len(house.sent) == 2

    played(story)


def test_an_activation_that_nobody_may_sign_reaches_no_child(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate(who="sam")
        await activations.follow()
        assert house.sent == []
        assert activations.live[FLOW].state == "refused"

    played(story)


def test_an_activation_of_another_flow_in_its_place_is_refused(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        envelope = house.release.sign("oli", Activation, sequence=9)
        house.store.activate("TEST", FLOW, 1, envelope)
        await activations.follow()
        assert house.sent == []
        assert activations.live[FLOW].reason == "statement-misplaced"

    played(story)


def test_a_release_without_approvals_is_refused_and_what_ran_before_goes_on(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        other = sealed(expires="2026-03-20T12:00:00Z")
        house.store.put_release(other.manifest, other.attachments)
        envelope = Release(other).sign("oli", Activation, sequence=2)
        house.store.activate("TEST", FLOW, 2, envelope)
        await activations.follow()
        status = activations.live[FLOW].status()
        assert (status.state, status.sequence, status.release) == ("running", 1, SEALED.digest)
        assert status.reason == "authorship-missing"

    played(story)


def test_a_listener_that_cannot_open_takes_the_release_back_from_delivery(house: House) -> None:
    async def story() -> None:
        activations = house.begin()

        def no_port(role: str, command: Any) -> Said:
            if role == "intake" and isinstance(command, Activate):
                return refusing(command, "listen")
            return house.agree(role, command)

        house.answers = no_port
        house.activate()
        await activations.follow()
        assert house.commands[2:] == [("intake", "Deactivate"), ("delivery", "Deactivate")]
        assert activations.live[FLOW].status().state == "refused"

    played(story)


def test_a_store_that_was_rolled_back_starts_nothing_older(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.keeper.take(FLOW, Step(count=5, digest=SEALED.digest))
        house.activate(4)
        await activations.follow()
        assert house.sent == []
        assert activations.live[FLOW].reason == "activation-old"

    played(story)


def test_what_ran_runs_again_without_the_store(house: House) -> None:
    async def story() -> None:
        world = World(house.clock, SeededRandomness(1), SystemNetwork())
        journal = Journal.in_memory(str(house.setup.data), "delivery", world)
        bundle = house.release.bundle()
        journal.connection.execute(
            "INSERT INTO release (digest, flow, sequence, bundle, activated_ms) VALUES (?, ?, 1, ?, 0)",
            (SEALED.digest, FLOW, bundle),
        )
        activations = house.begin()
        await activations.resume(journal.reader())
        assert house.commands == [("delivery", "Activate"), ("intake", "Activate")]
        assert activations.live[FLOW].state == "running"

    played(story)


def test_a_revoked_release_stops_intake_first_and_does_not_come_back(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        await activations.check_revocations()
        assert activations.live[FLOW].state == "running"
        house.store.add_envelope(SEALED.digest, house.release.sign("pia", Revocation))
        await activations.check_revocations()
        assert house.commands[2:] == [("intake", "Deactivate"), ("delivery", "Deactivate")]
        assert (activations.live[FLOW].state, activations.live[FLOW].reason) == ("stopped", "revoked")
        await activations.follow()
        assert len(house.sent) == 4

    played(story)


def test_a_revocation_that_the_store_forgets_holds_all_the_same(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        name = house.store.add_envelope(SEALED.digest, house.release.sign("pia", Revocation))
        await activations.check_revocations()
        (house.store.path / "releases" / SEALED.digest / name).unlink()
        house.restart()
        again = house.begin()
        house.activate(sequence=2)
        await again.follow()
        assert (again.live[FLOW].state, again.live[FLOW].reason) == ("refused", "revoked")

    played(story)


def test_a_release_that_has_expired_stops_at_the_next_check(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        await activations.check_running()
        assert activations.live[FLOW].state == "running"
        house.clock.at_ms = NOON + 31 * DAY
        await activations.check_running()
        assert (activations.live[FLOW].state, activations.live[FLOW].reason) == ("stopped", "expired")

    played(story)


@pytest.mark.parametrize("days", [3650, -3650])
def test_a_clock_that_was_wrong_for_a_while_ends_nothing_for_good(house: House, days: int) -> None:
    """Under a clock at which trust does not hold nothing runs; when it is right again, so is the release."""

    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        house.clock.jump(days * DAY / 1000)
        await activations.check_running()
        assert activations.live[FLOW].state in ("stopped", "running")
        house.clock.jump(-days * DAY / 1000)
        activations.live[FLOW].again_at = 0.0
        await activations.follow()
        assert (activations.live[FLOW].state, activations.live[FLOW].sentence) == ("running", "")

    played(story)


def test_a_raised_epoch_ends_what_was_sealed_before(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        house.trust(ROOT, root(version=2, epoch=2))
        await activations.check_running()
        assert activations.live[FLOW].state == "stopped"

    played(story)


def test_masters_with_new_steps_are_named_to_delivery_once(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.store.put_snapshot("items", 1, b"one")
        await activations.check_masters()
        await activations.check_masters()
        assert house.commands == [("delivery", "Masters")]
        house.store.put_snapshot("items", 1, b"another")
        await activations.check_masters()
        assert len(house.sent) == 2
        activations.said("delivery", Said(say="masters", master="items", number=1))
        await activations.check_masters()
        assert len(house.sent) == 2
        assert activations.masters == {"items": 1}

    played(story)


# -- trust at the start -----------------------------------------------------------------------------------------------


def test_the_first_start_pins_the_root_and_another_root_never_starts(house: House) -> None:
    seen = house.keeper.state()
    assert (seen.pin, seen.environment) == (ROOT.digest, "TEST")
    house.trust(root(epoch=7))
    with pytest.raises(StartTrouble, match="another first root"):
        settle(house.setup, house.world)


def test_trust_never_falls_below_what_was_seen(house: House) -> None:
    house.trust(ROOT, root(version=2, epoch=2))
    follow_trust(house.setup, house.world, house.keeper)
    house.trust(ROOT)
    with pytest.raises(StartTrouble, match="older than one already seen"):
        follow_trust(house.setup, house.world, house.keeper)
    assert isinstance(house.admission.root(), Refusal)


@pytest.mark.parametrize("data", [b"", b"{}", b"not json", None])
def test_an_unusable_trust_file_is_one_sentence(house: House, data: bytes | None) -> None:
    house.setup.root.unlink()
    if data is not None:
        house.setup.root.write_bytes(data)
    with pytest.raises(StartTrouble) as trouble:
        settle(house.setup, house.world)
    assert "\n" not in str(trouble.value)


def test_a_data_folder_belongs_to_one_environment(house: House) -> None:
    with pytest.raises(StartTrouble, match="no environment PROD"):
        settle(house.setup._replace(environment="PROD"), house.world)


def test_a_copy_that_is_another_release_than_the_one_activated_is_refused(house: House) -> None:
    command = Activate(flow=FLOW, release="00" * 32, sequence=1, bundle="")
    refused = house.admission.load(command, house.release.bundle())
    assert isinstance(refused, Refusal)
    assert str(refused.reason) == "other-release"


def test_keys_of_the_household_are_what_they_say() -> None:
    assert key_of("oli").keyid in ROOT.keys


def set_aside(house: House) -> None:
    objections.put(house.store, objections.made(SEALED.digest, "returned", "pia", "2026-03-01T12:00:00Z", "Not so."))


def test_a_release_that_was_sent_back_does_not_begin_until_that_is_taken_back(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        set_aside(house)
        house.activate()
        await activations.follow()
        assert house.sent == []
        assert (activations.live[FLOW].state, activations.live[FLOW].reason) == ("refused", "set-aside")
        assert "'pia' sent it back" in activations.live[FLOW].sentence
        objections.take_away(house.store, SEALED.digest)
        activations.live[FLOW].again_at = 0
        await activations.follow()
        assert activations.live[FLOW].state == "running"

    played(story)


def test_what_was_taken_goes_on_and_comes_back_whatever_is_said_against_it_later(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        set_aside(house)
        await activations.follow()
        await activations.check_revocations()
        await activations.check_running()
        assert activations.live[FLOW].state == "running"
        again = house.begin()
        await again.follow()
        assert again.live[FLOW].state == "running"

    played(story)
