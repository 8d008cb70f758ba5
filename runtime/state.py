"""What this runtime has seen and never falls below, in two sealed files of the data folder.

``state.sealed`` is the supervisor's: the pinned root, the newest root and epoch, the newest activation of each flow,
revocations, the latest time. ``masters.sealed`` is delivery's: the newest step of each master. Each is written before
what it tells takes effect. Trust, activations and masters below it do not count, whatever store and journal say.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from runtime.journal.errors import JournalUnusable
from runtime.noted import Note, NoteMissing, noted, write_note
from runtime.sealed import Counted, SealBroken, SealedFile

STATE: Final = "state.sealed"
MASTERS: Final = "masters.sealed"
JOURNAL: Final = "journal.db"
MASTER_KEY: Final = "secrets/master.key"
WAY_OUT: Final = "Put the data folder back from its backup, or accept it as it is with 'lockgate trust accept-state'."


class Step(Counted):
    """A place in a row of signed steps: ``count`` is its number, ``digest`` says which one it is."""

    digest: str


class State(Counted):
    pin: str
    root: int
    epoch: int
    environment: str
    time_ms: int
    """The latest time that was seen here: nothing that expired before it is valid again when a clock goes back."""
    activations: Mapping[str, Step] = {}
    """Flow -> the newest activation that was taken, with the release that it lets run."""
    revoked: Mapping[str, str] = {}
    """Releases whose revocation was met, with its sentence: they stay revoked when the store forgets it."""


class MasterState(Counted):
    masters: Mapping[str, Step] = {}
    """Master and contract -> the newest step that was taken."""


class StateTrouble(Exception):
    """The sealed files do not hold together with the journal. The sentence says what, and the way out."""


class Files(NamedTuple):
    """Both sealed files of a data folder."""

    state: SealedFile[State]
    masters: SealedFile[MasterState]

    @classmethod
    def of(cls, data: Path, key: bytes) -> Files:
        return cls(SealedFile(data / STATE, key, State), master_file(data, key))


def master_file(data: Path, key: bytes) -> SealedFile[MasterState]:
    return SealedFile(data / MASTERS, key, MasterState)


def is_new(data: Path) -> bool:
    """Whether no runtime ever ran on a data folder: the only one where a root is pinned without a person's word."""
    return not any((data / name).exists() for name in (STATE, MASTERS, JOURNAL, MASTER_KEY))


def check_files(data: Path, key: bytes) -> State:
    """The state, if both files are whole and not older than the journal's note; StateTrouble else, and JournalUnusable
    where the note cannot be read now."""
    files = Files.of(data, key)
    try:
        now = Note(files.state.look().count, files.masters.look().count)
        note = noted(data / JOURNAL, key) if (data / JOURNAL).exists() else None
    except SealBroken as error:
        raise StateTrouble(f"{error} Nobody can tell what was in force here; no flow is started. {WAY_OUT}") from None
    except NoteMissing as error:
        raise StateTrouble(f"{data}: {error}; no flow is started. {WAY_OUT}") from None
    except apsw.Error as error:
        raise JournalUnusable(f"The journal {data / JOURNAL} cannot be read: {type(error).__name__}.") from None
    if note is None and now != _FIRST:
        raise StateTrouble(f"{data / JOURNAL} is empty, though a runtime ran here; no flow is started. {WAY_OUT}")
    if note is not None and (now.state < note.state or now.masters < note.masters):
        older = STATE if now.state < note.state else MASTERS
        raise StateTrouble(f"{data / older} is older than the journal beside it; no flow is started. {WAY_OUT}")
    return files.state.read()


_FIRST: Final = Note(1, 1)


class Keeper:
    """The supervisor's hand on the state, and on the journal's note of both files."""

    def __init__(self, data: Path, key: bytes) -> None:
        self._data, self._key = data, key
        self._files = Files.of(data, key)
        self._lock = threading.Lock()
        self._unwritten = False
        self._noted: Note | None = None

    @property
    def seen(self) -> SealedFile[State]:
        return self._files.state

    def state(self) -> State:
        return self._files.state.read()

    def begin(self, first: State) -> None:
        """Both files of a new data folder, the state last: it says that they are whole."""
        self._files.masters.keep(MasterState(count=1))
        self._files.state.keep(first)

    def change(self, change: Callable[[State], State]) -> None:
        """Known at once and durable when this returns. OSError where it cannot be written: ``catch_up`` tries again."""
        with self._lock:
            before = self._files.state.read()
            after = change(before)
            if after == before and not self._unwritten:
                return
            self._write(after.model_copy(update={"count": before.count + 1}))
            self._note()

    def take(self, flow: str, step: Step | None) -> None:
        """The activation of a flow that no older one counts beside; None: none was taken after all."""

        def taken(state: State) -> State:
            others = {name: each for name, each in state.activations.items() if name != flow}
            return state.model_copy(update={"activations": others | ({flow: step} if step else {})})

        self.change(taken)

    def revoke(self, release: str, sentence: str) -> None:
        """Remembers a revocation for good, whatever becomes of the store."""

        def revoked(state: State) -> State:
            return state.model_copy(update={"revoked": {release: sentence, **state.revoked}})

        self.change(revoked)

    def see_time(self, now_ms: int) -> None:
        """The latest time that was seen: a clock that goes back takes nothing of it away."""
        self.change(lambda state: state.model_copy(update={"time_ms": max(state.time_ms, now_ms)}))

    def catch_up(self) -> None:
        """Writes what a full disk kept from being written, and notes what delivery wrote."""
        with self._lock:
            if self._unwritten:
                self._write(self._files.state.read())
            self._note()

    def _write(self, state: State) -> None:
        self._unwritten = True
        self._files.state.remember(state)
        self._files.state.keep(state)
        self._unwritten = False

    def _note(self) -> None:
        """After the files: a note that comes too late only notices less, one too early would refuse what is right."""
        now = Note(self._files.state.read().count, self._files.masters.read().count)
        if now == self._noted or self._unwritten or not (self._data / JOURNAL).exists():
            return
        try:
            write_note(self._data / JOURNAL, self._key, now)
        except apsw.Error:
            return  # the disk is full or failing: the journal's own writers say so
        self._noted = now
