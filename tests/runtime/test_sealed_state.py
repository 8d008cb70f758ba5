"""What was seen once is never fallen below: not by a store, a journal or a clock that somebody set back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from flows.trust import Activation
from runtime.accepting import Accepted, Word, accept_state
from runtime.channel import Activate
from runtime.journal import queries
from runtime.ledger import open_reader
from runtime.sealed import Counted, SealBroken, SealedFile, opened, sealed, sealing_key
from runtime.settling import StartTrouble, follow_trust, settle
from runtime.state import MASTERS, STATE
from tests.runtime.supervised import FLOW, SEALED, House, played, refusing
from tests.trusted import DAY, NOON, ROOT, Release, root
from tests.trusted import sealed as sealed_release

OTHER = sealed_release(expires="2026-03-25T12:00:00Z")
REASON = "the disk was put back from the tape of Sunday"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def journal(house: House) -> apsw.Connection:
    return apsw.Connection(str(house.setup.data / "journal.db"))


def seal_other(house: House, sequence: int) -> None:
    """Another release of the flow, approved and activated."""
    other = Release(OTHER)
    house.store.put_release(OTHER.manifest, OTHER.attachments)
    for name in ("ada", "pia", "eli"):
        house.store.add_envelope(OTHER.digest, other.said[name])
    house.store.activate("TEST", FLOW, sequence, other.sign("oli", Activation, sequence=sequence))


def accepted(house: House, *, clock: bool = False, pin: str = ROOT.digest) -> Accepted:
    return accept_state(house.setup, Word("ida", REASON, pin, clock), house.world)


# -- a sealed file ----------------------------------------------------------------------------------------------------


def test_a_sealed_file_says_what_was_sealed_and_every_change_of_it_shows() -> None:
    key = sealing_key(b"m" * 32)
    data = sealed(key, "state.sealed", {"count": 3})
    assert opened(key, "state.sealed", data) == {"count": 3}
    assert opened(key, "state.sealed", data.replace(b"3", b"4", 1)) is None
    assert opened(key, "masters.sealed", data) is None
    assert opened(sealing_key(b"n" * 32), "state.sealed", data) is None
    for other in (b"", b"{}", b"[]", b'{"format":"lockgate/sealed/1","said":{},"seal":7}', data[:-1]):
        assert opened(key, "state.sealed", other) is None


def test_a_process_passes_over_a_file_that_was_put_back_or_damaged_while_it_runs(tmp_path: Path) -> None:
    file = SealedFile(tmp_path / "x.sealed", b"k" * 32, Counted)
    with pytest.raises(SealBroken, match="missing"):
        file.read()
    file.keep(Counted(count=1))
    old = file.path.read_bytes()
    file.keep(Counted(count=2))
    for data in (old, b"", b"{}"):
        file.path.write_bytes(data)
        assert file.read().count == 2
    file.path.unlink()
    assert file.read().count == 2


# -- activations ------------------------------------------------------------------------------------------------------


def test_the_newest_activation_is_kept_before_a_child_hears_of_it(house: House) -> None:
    kept: list[int] = []

    def look(role: str, command: object) -> object:
        kept.append(house.keeper.state().activations[FLOW].count)
        return house.agree(role, command)

    async def story() -> None:
        house.answers = look  # type: ignore[assignment]
        activations = house.begin()
        house.activate()
        await activations.follow()
        assert kept == [1, 1]

    played(story)


def test_a_superseded_release_does_not_run_again_when_store_and_journal_forget_the_newer_one(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        seal_other(house, 2)
        await activations.follow()
        assert activations.live[FLOW].status().sequence == 2
        (house.store.path / "activations" / "TEST" / FLOW / "2").unlink()
        house.restart()
        again = house.begin()
        sent = len(house.sent)
        await again.follow()
        assert (again.live[FLOW].state, again.live[FLOW].reason) == ("refused", "activation-old")
        assert len(house.sent) == sent
        superseded = Activate(flow=FLOW, release=SEALED.digest, sequence=1, bundle="")
        assert str(house.admission.load(superseded, house.release.bundle())[0]) == "activation-old"
        with_work = superseded.model_copy(update={"past": True})
        assert house.admission.load(with_work, house.release.bundle()).digest == SEALED.digest  # type: ignore[union-attr]

    played(story)


def test_another_release_under_the_number_that_was_taken_is_refused(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        shutil.rmtree(house.store.path / "activations")
        seal_other(house, 1)
        house.restart()
        again = house.begin()
        await again.follow()
        assert again.live[FLOW].reason == "activation-old"
        assert "higher number" in again.live[FLOW].sentence

    played(story)


def test_an_older_release_runs_again_under_a_new_activation(house: House) -> None:
    async def story() -> None:
        activations = house.begin()
        house.activate()
        seal_other(house, 2)
        await activations.follow()
        house.activate(3)
        await activations.follow()
        status = activations.live[FLOW].status()
        assert (status.state, status.sequence, status.release) == ("running", 3, SEALED.digest)

    played(story)


def test_what_ran_before_a_listener_that_could_not_open_runs_after_the_next_start_too(house: House) -> None:
    def no_port(role: str, command: object) -> object:
        if role == "intake" and isinstance(command, Activate) and command.sequence == 2:
            return refusing(command, "listen")
        return house.agree(role, command)

    async def story() -> None:
        activations = house.begin()
        house.activate()
        await activations.follow()
        house.answers = no_port  # type: ignore[assignment]
        seal_other(house, 2)
        await activations.follow()
        status = activations.live[FLOW].status()
        assert (status.state, status.sequence, status.reason) == ("running", 1, "listen")
        house.restart()
        assert house.admission.floor(FLOW).count == 1

    played(story)


# -- the start --------------------------------------------------------------------------------------------------------


def missing(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def changed(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"count":1', b'"count":9'))


@pytest.mark.parametrize("name", [STATE, MASTERS])
@pytest.mark.parametrize("harm", [missing, emptied, changed])
def test_nothing_starts_beside_a_journal_without_whole_sealed_files(
    house: House, harm: Callable[[Path], None], name: str
) -> None:
    harm(house.setup.data / name)
    with pytest.raises(StartTrouble, match=f"{name}.*accept-state"):
        settle(house.setup, house.world)


def test_a_foreign_root_is_not_pinned_where_a_runtime_ever_ran(house: House) -> None:
    for gone in (STATE, MASTERS, "journal.db"):
        (house.setup.data / gone).unlink()
        house.trust(root(epoch=7))
        with pytest.raises(StartTrouble, match="accept-state"):
            settle(house.setup, house.world)


def test_an_older_state_that_is_put_back_is_noticed_against_the_journal(house: House) -> None:
    place = house.setup.data / STATE
    older = place.read_bytes()
    house.keeper.revoke("ab" * 32, "It was revoked.")
    place.write_bytes(older)
    with pytest.raises(StartTrouble, match="older than the journal"):
        settle(house.setup, house.world)


@pytest.mark.parametrize("note", [None, "0 0 00", "1 1 " + "0" * 64, "nonsense"])
def test_a_note_that_was_taken_out_or_written_by_somebody_else_is_no_note(house: House, note: str | None) -> None:
    with journal(house) as connection:
        connection.execute("INSERT INTO audit VALUES ('delivery', 1, 1, x'00', x'00', NULL)")
        if note is None:
            connection.execute("DELETE FROM meta WHERE name = 'sealed-state'")
        else:
            connection.execute(queries.SET_META, ("sealed-state", note))
    connection.close()
    with pytest.raises(StartTrouble, match="note"):
        settle(house.setup, house.world)


def test_a_journal_that_is_gone_is_not_made_anew_in_silence(house: House) -> None:
    house.keeper.see_time(NOON + DAY)
    (house.setup.data / "journal.db").unlink()
    with pytest.raises(StartTrouble, match="is empty, though a runtime ran here"):
        settle(house.setup, house.world)


def test_a_disk_that_is_full_forgets_no_revocation_while_the_process_lives(house: House) -> None:
    blocking = house.setup.data / (STATE + ".half")
    blocking.mkdir()
    with pytest.raises(OSError):
        house.keeper.revoke("ab" * 32, "It was revoked.")
    assert "ab" * 32 in house.keeper.state().revoked
    blocking.rmdir()
    house.keeper.catch_up()
    house.restart()
    assert "ab" * 32 in house.keeper.state().revoked


# -- the clock --------------------------------------------------------------------------------------------------------


def test_an_expired_release_does_not_run_again_when_the_clock_goes_back(house: House) -> None:
    async def story() -> None:
        house.activate()
        house.clock.at_ms = NOON + 31 * DAY
        house.keeper.see_time(house.clock.now_ms())
        house.clock.at_ms = NOON
        house.restart()
        activations = house.begin()
        await activations.follow()
        assert activations.live[FLOW].reason == "expired"

    played(story)


def test_an_expired_root_stays_expired_when_the_clock_goes_back(house: House) -> None:
    house.keeper.see_time(NOON + 400 * DAY)
    with pytest.raises(StartTrouble, match="expired"):
        follow_trust(house.setup, house.world, house.keeper)


def test_a_clock_that_was_far_ahead_by_mistake_is_accepted_back_by_a_persons_word(house: House) -> None:
    house.activate()
    house.keeper.see_time(NOON + 400 * DAY)
    accepted(house)
    with pytest.raises(StartTrouble, match="expired"):
        settle(house.setup, house.world)
    assert accepted(house, clock=True).state.time_ms == NOON
    house.restart()

    async def story() -> None:
        activations = house.begin()
        await activations.follow()
        assert activations.live[FLOW].state == "running"

    played(story)


# -- the way out ------------------------------------------------------------------------------------------------------


def test_what_can_be_proved_stays_in_force_when_a_state_is_accepted(house: House) -> None:
    seal_other(house, 4)
    bundle = house.store.bundle(OTHER.digest, house.store.activation("TEST", FLOW, 4).envelope)
    with journal(house) as connection:
        connection.execute(
            "INSERT INTO release (digest, flow, sequence, bundle, activated_ms) VALUES (?, ?, 99, ?, 0)",
            (OTHER.digest, FLOW, bundle),
        )
    connection.close()
    for name in (STATE, MASTERS):
        (house.setup.data / name).unlink()
    state = accepted(house).state
    assert (state.activations[FLOW].count, state.activations[FLOW].digest) == (4, OTHER.digest)
    house.restart()
    assert house.admission.floor(FLOW).count == 4


def test_accepting_is_recorded_with_who_and_why(house: House) -> None:
    (house.setup.data / STATE).unlink()
    accepted(house)
    reader = open_reader(house.setup.data / "journal.db")
    [(records,)] = reader.rows("SELECT records FROM audit WHERE writer = 'delivery'")
    reader.close()
    assert b'"action":"state.accepted"' in records
    assert b'"actor":"ida"' in records and REASON.encode() in records


def test_revocations_that_an_earlier_version_had_met_hold_on(house: House) -> None:
    (house.setup.data / STATE).unlink()
    (house.setup.data / "trust.json").write_text('{"revoked": {"%s": "It was revoked."}}' % ("ab" * 32))
    assert accepted(house).state.revoked == {"ab" * 32: "It was revoked."}


@pytest.mark.parametrize("pin", ["", ROOT.digest[:11], "0" * 64], ids=["none", "too-short", "another"])
def test_a_trust_file_is_accepted_only_under_the_pin_that_the_person_knows(house: House, pin: str) -> None:
    (house.setup.data / STATE).unlink()
    with pytest.raises(StartTrouble, match="its pin is"):
        accepted(house, pin=pin)


def test_an_older_root_is_not_accepted_below_a_state_that_holds(house: House) -> None:
    house.trust(ROOT, root(version=2, epoch=2))
    follow_trust(house.setup, house.world, house.keeper)
    house.trust(ROOT)
    with pytest.raises(StartTrouble, match="older than one already seen"):
        accepted(house)


def test_there_is_nothing_to_accept_where_no_runtime_ran(house: House, tmp_path: Path) -> None:
    with pytest.raises(StartTrouble, match="nothing to accept"):
        accept_state(house.setup._replace(data=tmp_path / "new"), Word("ida", REASON, ROOT.digest), house.world)
