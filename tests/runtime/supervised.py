"""The supervisor's side of a runtime without processes: a data folder, a store, and two children that do as told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from flows.trust import Activation, Refusal, Root, write_trust
from runtime.activations import Activations
from runtime.admission import Admission
from runtime.channel import Activate, Deactivate, Line, LineProtocol, Masters, Said, Setup
from runtime.journal.store import Journal
from runtime.settling import settle
from runtime.store import ReleaseStore
from runtime.world import SeededRandomness, SetClock, SystemNetwork, World
from tests.trusted import KERNEL, NOON, ROOT, ROOTS, Release, sealed, signed

FLOW = "supply-consumption"
SEALED = sealed()


class House:
    """A data folder, a store with a trusted release, and two children that say what a test wants."""

    def __init__(self, folder: Path) -> None:
        self.setup = Setup(folder / "data", folder / "store", folder / "root.json", None)
        self.setup.data.mkdir()
        self.clock = SetClock(NOON)
        self.trust(ROOT)
        self.store = ReleaseStore(self.setup.store)
        self.release = Release(SEALED)
        self.store.put_release(SEALED.manifest, SEALED.attachments)
        for name in ("ada", "pia", "eli"):
            self.store.add_envelope(SEALED.digest, self.release.said[name])
        self.world = World(self.clock, SeededRandomness(1), SystemNetwork())
        self.restart()
        self.sent: list[tuple[str, Line]] = []
        self.answers: Callable[[str, Any], Said] = self.agree

    def restart(self) -> None:
        """What a start of the runtime settles, with a journal beside it."""
        self.keeper, _ = settle(self.setup, self.world)
        Journal.open(self.setup.data / "journal.db", "delivery", self.world, ballast_bytes=0).close()
        self.keeper.catch_up()
        self.admission = Admission(self.setup, KERNEL, self.clock, self.keeper.seen)

    def trust(self, *chain: Root) -> None:
        envelopes = ROOTS if chain == (ROOT,) else tuple(signed(each) for each in chain)
        self.setup.root.write_bytes(write_trust(chain[0].digest, envelopes))

    def activate(self, sequence: int = 1, who: str = "oli") -> None:
        envelope = self.release.sign(who, Activation, sequence=sequence)
        self.store.activate("TEST", FLOW, sequence, envelope)

    def begin(self) -> Activations:
        self.made = Activations(self.setup.data, self.store, self.admission, self.keeper)
        self.made.begin(Ear("intake", self), Ear("delivery", self))
        return self.made

    def agree(self, role: str, command: Any) -> Said:
        if isinstance(command, Deactivate):
            return Said(say="deactivated", flow=command.flow)
        release = self.admission.load(command, Path(command.bundle).read_bytes())
        if isinstance(release, Refusal):
            return refusing(command, str(release.reason))
        listening = ("127.0.0.1:2575",) if role == "intake" else ()
        return Said(say="activated", flow=command.flow, release=command.release, number=7, listening=listening)

    @property
    def commands(self) -> list[tuple[str, str]]:
        return [(role, type(line).__name__) for role, line in self.sent]


class Ear(LineProtocol):
    """A child: hears a command and answers in the next turn of the loop."""

    def __init__(self, role: str, house: House) -> None:
        super().__init__(lambda line: None, lambda: None)
        self.role, self.house = role, house

    def send(self, line: Line) -> None:
        self.house.sent.append((self.role, line))
        if not isinstance(line, Masters):
            said = self.house.answers(self.role, line)
            asyncio.get_running_loop().call_soon(self.house.made.said, self.role, said)


def refusing(command: Activate, reason: str) -> Said:
    return Said(say="refused", flow=command.flow, release=command.release, reason=reason, sentence="No.")


def played(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]  # stories are coroutines
