"""The releases that delivery knows: the one that runs for each flow, and older ones that still have work.

The journal's row holds the bytes of the bundle; they are verified again in this process before anything of them runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from flows.bundle import MAX_BUNDLE
from flows.masters import MasterContract
from flows.trust import Refusal
from nodes.services import MasterView
from runtime.cases import Desk
from runtime.channel import Activate, Said
from runtime.connections import Unreachable
from runtime.delivery import queries
from runtime.delivery.retention import note_days
from runtime.delivery.running import Barred, Identified, Lending, Running, running
from runtime.journal.reader import Reader
from runtime.journal.store import Journal
from runtime.journal.transaction import Transaction
from runtime.reading import read_plain
from runtime.secrets import SecretsUnusable

Load = Callable[[Activate, bytes], "Identified | Refusal"]
"""Verifies the bytes of a bundle again, in this process."""
Master = Callable[[MasterContract], MasterView]
"""The verified rows of a master as they stand now."""


class RowsBehind(Exception):
    """A master lies behind the step that was in force here. The sentence says what to put back."""


class Releases:
    """Prepares releases as they are needed and forgets nothing that still has work."""

    def __init__(self, journal: Journal, load: Load, master: Master, lending: Lending) -> None:
        self._journal, self._load, self._master, self._lending = journal, load, master, lending
        self._reader: Reader = journal.reader()
        self._known: dict[int, Running | Barred] = {}
        self._active: dict[str, int] = {}

    def active(self, flow: str) -> Running | None:
        """The release that runs for ``flow`` now."""
        known = self._known.get(self._active.get(flow, 0))
        return known if isinstance(known, Running) else None

    def of(self, number: int, flow: str) -> Running | Barred:
        """The release of a row, loaded on its first use."""
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = self._from_row(number, flow)
        return known

    def activate(self, command: Activate) -> Said:
        """Takes a release into the journal and prepares it; says its number, or why it is refused."""
        try:
            bundle = read_plain(Path(command.bundle), MAX_BUNDLE)
            release = self._load(command, bundle)
            if isinstance(release, Refusal):
                return _refused(command, str(release.reason), release.sentence)
            masters = self._masters(release)
            with self._journal.write() as transaction:
                number = _recorded(transaction, command, release, bundle)
            self._known[number] = running(number, release, masters, self._lending)
        except (Unreachable, SecretsUnusable) as error:
            return _refused(command, "connection", str(error))
        except RowsBehind as error:
            return _refused(command, "master-rolled-back", str(error))
        except OSError as error:
            return _refused(command, "bundle", f"The verified copy cannot be read: {error.strerror}.")
        self._active[command.flow] = number
        return Said(say="activated", flow=command.flow, release=release.digest, number=number)

    def deactivate(self, flow: str, reason: str) -> None:
        """Nothing runs for the flow any more. What is accepted is still delivered, unless the release may not run."""
        number = self._active.pop(flow, None)
        with self._journal.write() as transaction:
            transaction.run(queries.RELEASE_OVER, (transaction.now_ms, flow))
            transaction.audit("release.ended", flow=flow, reason=reason)
        known = self._known.get(number or 0)
        if reason in ("revoked", "expired", "refused") and isinstance(known, Running):
            sentence = f"Its release may not run any more ({reason}). Replay it under the one that does."
            self._known[known.number] = Barred(known.number, f"release-{reason}", sentence, known.desk)

    def renew(self, master: str) -> None:
        """Prepares every release that looks into ``master`` again, over its newest rows."""
        for number, known in tuple(self._known.items()):
            if isinstance(known, Running) and master in known.release.around.masters:
                with contextlib.suppress(RowsBehind):  # it goes on over the rows that it has
                    self._known[number] = self._running(number, known.release)

    def contracts(self, master: str) -> tuple[MasterContract, ...]:
        """The contracts under which the known releases read ``master``."""
        found: dict[str, MasterContract] = {}
        for known in self._known.values():
            if isinstance(known, Running) and master in known.release.around.masters:
                contract = known.release.around.masters[master]
                found[contract.model_dump_json()] = contract
        return tuple(found.values())

    def desk(self, flow: str) -> Desk:
        active = self.active(flow)
        return active.desk if active is not None else Desk.unknown(flow)

    def _running(self, number: int, release: Identified) -> Running:
        return running(number, release, self._masters(release), self._lending)

    def _masters(self, release: Identified) -> Mapping[str, MasterView]:
        return {name: self._master(contract) for name, contract in release.around.masters.items()}

    def _from_row(self, number: int, flow: str) -> Running | Barred:
        row = self._reader.row(queries.RELEASE, (number,))
        if row is None:
            return Barred(number, "release-unknown", "The journal does not hold its release.", Desk.unknown(flow))
        flow, digest, sequence, bundle = row
        try:
            command = Activate(flow=flow, release=digest, sequence=sequence, number=number, bundle="", past=True)
            release = self._load(command, bytes(memoryview(bundle)))
        except (ValidationError, TypeError):
            sentence = "The row of its release in the journal was changed. Replay it under the one that runs."
            return Barred(number, "release-refused", sentence, Desk.unknown(str(flow)))
        if isinstance(release, Refusal):
            sentence = f"Its release may not run any more: {release.sentence} Replay it under the one that does."
            return Barred(number, "release-refused", sentence, self.desk(flow))
        try:
            return self._running(number, release)
        except (Unreachable, SecretsUnusable) as error:
            return Barred(number, "connection", str(error), Desk.of(release.flow))
        except RowsBehind as error:
            return Barred(number, "master-rolled-back", str(error), Desk.of(release.flow))


def _recorded(transaction: Transaction, command: Activate, release: Identified, bundle: bytes) -> int:
    """The release's row; the releases of the flow before it have ended."""
    now = transaction.now_ms
    note_days(transaction, command.flow, release.flow.retention.payload_days if release.flow.retention else None)
    known = transaction.row(queries.RELEASE_OF_DIGEST, (release.digest,))
    if known is None:
        row = transaction.row(queries.RELEASE_ADD, (release.digest, command.flow, command.sequence, bundle, now))
        assert row is not None  # noqa: S101 - RETURNING gives the row
        number = int(row[0])
    else:
        number = int(known[0])
        if known[1] == command.sequence and known[2] is None:
            return number
        transaction.run(queries.RELEASE_AGAIN, (command.sequence, bundle, now, number))
    transaction.run(queries.RELEASES_OVER, (now, command.flow, number))
    transaction.audit("release.activated", flow=command.flow, release=release.digest, sequence=command.sequence)
    return number


def _refused(command: Activate, reason: str, sentence: str) -> Said:
    return Said(say="refused", flow=command.flow, release=command.release, reason=reason, sentence=sentence)
