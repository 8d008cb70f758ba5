"""Accepting a data folder as it is, by a person's word: where what was seen is missing, damaged, older, or too late.

Nothing here happens by itself. What can still be proved stays in force: what the sealed files hold, the activations
that the journal's releases carry under their signatures, and the steps of masters of which sealed copies are there.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from flows.bundle import check_bundle
from flows.trust import Activation, Refused, Root, check_statement
from runtime.channel import Setup
from runtime.journal.errors import JournalError
from runtime.journal.reader import Reader
from runtime.journal.store import Journal
from runtime.masters import MasterBook
from runtime.noted import Note, NoteMissing, noted, write_note
from runtime.opening import raising
from runtime.proof import code, witness
from runtime.reading import read_plain
from runtime.sealed import Counted, SealBroken, SealedFile, sealing_key
from runtime.secrets import FileSecrets, SecretsUnusable
from runtime.settling import StartTrouble, chosen_environment, read_trusted
from runtime.state import JOURNAL, Files, MasterState, State, Step
from runtime.store import ReleaseStore
from runtime.supervisor import locked
from runtime.world import World

WRITER: Final = "delivery"
BUNDLES: Final = "SELECT bundle FROM release"
FORMER: Final = "trust.json"
"""Where earlier versions kept what they had seen, without a seal. Its revocations are believed: they only stop."""


S = TypeVar("S", bound=Counted)


class Word(NamedTuple):
    """What a person says to it."""

    actor: str
    reason: str
    pin: str
    """The beginning of the pin of the trust file, as the person knows it from elsewhere."""
    clock: bool = False
    """The latest time that was seen is wrong: it is now."""


class Accepted(NamedTuple):
    """What is in force from now on."""

    state: State
    masters: Mapping[str, Step]


def accept_state(setup: Setup, word: Word, world: World) -> Accepted:
    """Writes both sealed files anew, above whatever was noted, and records it. StartTrouble with a sentence."""
    if not (setup.data / "secrets").is_dir():
        raise StartTrouble(f"{setup.data}: no runtime ever ran on this folder, there is nothing to accept.")
    lock = asyncio.run(locked(setup.data))
    try:
        return _accept(setup, word, world)
    except (SecretsUnusable, JournalError, OSError) as error:
        raise StartTrouble(f"{setup.data}: nothing was accepted: {error}") from None
    finally:
        os.close(lock)


def _accept(setup: Setup, word: Word, world: World) -> Accepted:
    now_ms = world.clock.now_ms()
    secrets = FileSecrets(setup.data / "secrets")
    key = sealing_key(secrets.master_key)
    pin, root = read_trusted(setup.root, now_ms)
    if len(word.pin) < 12 or not pin.startswith(word.pin):
        raise StartTrouble(f"{setup.root}: its pin is {pin[:12]}..., not {word.pin[:12]}: it is another trust file.")
    files = Files.of(setup.data, key)
    before, masters_before = _held(files.state), _held(files.masters)
    if before is not None and before.pin == pin and (root.version < before.root or root.epoch < before.epoch):
        raise StartTrouble(f"{setup.root}: root {root.version} is older than one already seen here.")
    book = MasterBook(setup.data / "masters", ReleaseStore(setup.store), secrets.derived("masters"))
    journal = Journal.open(setup.data / JOURNAL, WRITER, world, ballast_bytes=0, reseal=raising(secrets, world))
    try:
        journal.bind(code(secrets))
        witness(secrets).accept(journal.reader(), now_ms)
        note = _noted(setup.data, key)
        state = State(
            count=max(note.state, before.count if before else 0) + 1,
            pin=pin,
            root=root.version,
            epoch=root.epoch,
            environment=chosen_environment(setup, root, before),
            time_ms=now_ms if word.clock or before is None else max(before.time_ms, now_ms),
            activations=_highest(_activated(journal.reader(), root), before.activations if before else {}),
            revoked={**_former(setup.data), **(before.revoked if before else {})},
        )
        masters = MasterState(
            count=max(note.masters, masters_before.count if masters_before else 0) + 1,
            masters=_highest(book.newest_kept(), masters_before.masters if masters_before else {}),
        )
        with journal.write() as transaction:
            transaction.audit(
                "state.accepted", actor=word.actor, reason=word.reason, digest=pin, epoch=root.epoch, count=state.count
            )
        files.masters.keep(masters)
        files.state.keep(state)
        write_note(setup.data / JOURNAL, key, Note(state.count, masters.count))
    finally:
        journal.close()
    return Accepted(state, masters.masters)


def _held(file: SealedFile[S]) -> S | None:
    try:
        return file.look()
    except SealBroken:
        return None


def _noted(data: Path, key: bytes) -> Note:
    try:
        return noted(data / JOURNAL, key) or Note(0, 0)
    except NoteMissing:
        return Note(0, 0)


def _activated(reader: Reader, root: Root) -> dict[str, Step]:
    """The newest activation of each flow that the journal's releases carry under a signature that holds."""
    found: dict[str, Step] = {}
    for (data,) in reader.rows(BUNDLES):
        try:
            bundle = check_bundle(data if isinstance(data, bytes) else b"")
        except Refused:
            continue
        for envelope in bundle.envelopes:
            try:
                said = check_statement(envelope, root)
            except Refused:
                continue
            match said.predicate:
                case Activation(flow=flow, sequence=sequence) if said.subject == bundle.release:
                    found = _highest(found, {flow: Step(count=sequence, digest=said.subject)})
    reader.close()
    return found


def _highest(one: Mapping[str, Step], other: Mapping[str, Step]) -> dict[str, Step]:
    """Of each name the higher step; where both are of one height, the second's."""
    found = dict(one)
    for name, step in other.items():
        if name not in found or step.count >= found[name].count:
            found[name] = step
    return found


def _former(data: Path) -> dict[str, str]:
    try:
        told = json.loads(read_plain(data / FORMER, 16 << 20))
        revoked = told["revoked"]
        return {str(release): str(sentence) for release, sentence in revoked.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
