"""What runs: activations out of the store, carried to the children, and taken away when they may not run any more.

Delivery takes a release first and gives its number, intake second and opens the listener. Each verifies the bytes for
itself. A flow that is refused keeps what it ran before; the refusal is shown until it is gone.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final

from flows.trust import Activation, Reason, Refusal, Root, verify
from runtime.admission import Admission
from runtime.api import FlowStatus
from runtime.channel import Activate, Deactivate, LineProtocol, Masters, Said, log
from runtime.journal.store import Reader
from runtime.releases import revocation
from runtime.store import Activated, ReleaseStore, StoreTrouble

RUNNING: Final = (
    "SELECT number, flow, digest, sequence, bundle FROM release WHERE ended_ms IS NULL AND number IN"
    " (SELECT max(number) FROM release WHERE ended_ms IS NULL GROUP BY flow)"
)
HIGHEST: Final = "SELECT flow, max(sequence) FROM release GROUP BY flow"
AGAIN_S = 10.0
"""How often a refused activation is tried again."""
LOOK_AGAIN_S = 60.0
"""How often what stopped other than by revocation is verified again: a wrong clock may be right again."""
ANSWER_S = 120.0


class Live:
    """A flow with an activation that was taken or tried."""

    def __init__(self, flow: str) -> None:
        self.flow, self.state = flow, "starting"
        self.command: Activate | None = None
        """What runs."""
        self.listening: tuple[str, ...] = ()
        self.reason = self.sentence = ""
        self.tried, self.again_at = 0, 0.0

    def status(self) -> FlowStatus:
        known = self.command
        return FlowStatus.model_validate(
            {
                "flow": self.flow,
                "state": self.state,
                "release": known.release if known else "",
                "sequence": known.sequence if known else 0,
                "listening": self.listening,
                "reason": self.reason,
                "sentence": self.sentence,
            }
        )


class Activations:
    """Keeps the children in step with the store."""

    def __init__(self, data: Path, store: ReleaseStore, admission: Admission) -> None:
        self._data, self._store, self._admission = data, store, admission
        self.live: dict[str, Live] = {}
        self.masters: dict[str, int] = {}
        self.problems: dict[str, str] = {}
        self._floor: dict[str, int] = {}
        """The highest activation that this runtime ever took, by flow: no lower one counts."""
        self._looked: dict[str, tuple[int, float]] = {}
        self._answers: dict[tuple[str, str], asyncio.Future[Said]] = {}
        self._intake: LineProtocol
        self._delivery: LineProtocol
        self._loop = asyncio.get_running_loop()

    def begin(self, intake: LineProtocol, delivery: LineProtocol) -> None:
        self._intake, self._delivery = intake, delivery

    def said(self, role: str, said: Said) -> None:
        """A child's report."""
        if said.say == "masters":
            self.masters[said.master] = said.number
            self._problem(f"master {said.master}", said.sentence)
            return
        waiting = self._answers.pop((role, said.flow), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(said)

    # -- starting and following the store -----------------------------------------------------------------------------

    async def resume(self, reader: Reader) -> None:
        """What ran when the runtime last ended runs again, also where the store is away."""
        self._floor = dict(reader.rows(HIGHEST))
        for number, flow, release, sequence, bundle in reader.rows(RUNNING):
            path = self._copy(release, sequence, bundle)
            command = Activate(flow=flow, release=release, sequence=sequence, number=number, bundle=str(path))
            await self._run(command, known=True)

    async def follow(self) -> None:
        """Takes every activation that is newer than what runs."""
        try:
            newest = self._store.activations(self._admission.environment)
        except (StoreTrouble, OSError) as error:
            self._problem("store", f"The release store cannot be read: {error}")
            return
        self._problem("store", "")
        for activated in newest:
            live = self.live.setdefault(activated.flow, Live(activated.flow))
            if activated.sequence < self._floor.get(activated.flow, 0):
                sentence = "The store's newest activation is older than one already taken: it was rolled back."
                self._refused(live, str(Reason.ACTIVATION_OLD), sentence)
            elif self._is_newer(live, activated):
                await self._take(live, activated)

    async def check_revocations(self) -> None:
        """Stops what was revoked."""
        root = self._admission.root()
        if isinstance(root, Refusal):
            self._problem("trust", root.sentence)
            return
        for live in self._running():
            try:
                envelopes = self._store.envelopes(live.command.release if live.command else "")
            except (StoreTrouble, OSError):
                continue  # the store may be away; what runs goes on
            refusal = revocation(envelopes, root, live.command.release if live.command else "")
            if refusal is not None:
                self._admission.revoke(live.command.release if live.command else "", refusal.sentence)
                await self._stop(live, "revoked", refusal.sentence)

    async def check_running(self) -> None:
        """Verifies again what runs: signatures, epoch, expiry."""
        for live in self._running():
            command = live.command
            if command is None:
                continue
            bundle = await asyncio.to_thread(Path(command.bundle).read_bytes)
            checked = await asyncio.to_thread(self._admission.load, command, bundle)
            if isinstance(checked, Refusal):
                why = "expired" if checked.reason in (Reason.EXPIRED, Reason.ROOT_EXPIRED) else "refused"
                await self._stop(live, why, checked.sentence)

    def check_masters(self) -> None:
        """Tells delivery of masters with steps that it has not taken."""
        try:
            for master in self._store.masters():
                pending = self._store.master_snapshots(master, after=self.masters.get(master, 0))
                seen = hash(pending)
                before, until = self._looked.get(master, (0, 0.0))
                if pending and (seen != before or self._loop.time() > until):
                    self._looked[master] = (seen, self._loop.time() + AGAIN_S)
                    self._delivery.send(Masters(master=master))
        except (StoreTrouble, OSError) as error:
            self._problem("masters", f"Masters cannot be read from the store: {error}")
        else:
            self._problem("masters", "")

    # -- one activation -----------------------------------------------------------------------------------------------

    def _is_newer(self, live: Live, activated: Activated) -> bool:
        if live.command is not None and activated.sequence <= live.command.sequence:
            return False
        return activated.sequence != live.tried or self._loop.time() >= live.again_at

    async def _take(self, live: Live, activated: Activated) -> None:
        live.tried, live.again_at = activated.sequence, self._loop.time() + AGAIN_S
        root = self._admission.root()
        if isinstance(root, Refusal):
            self._refused(live, str(root.reason), root.sentence)
            return
        release = self._release_of(activated, root)
        if isinstance(release, Refusal):
            self._refused(live, str(release.reason), release.sentence)
            return
        try:
            path = self._copy(release, activated.sequence, self._store.bundle(release, activated.envelope))
        except (StoreTrouble, OSError) as error:
            self._refused(live, "store", f"The activated release is not in the store: {error}")
            return
        command = Activate(flow=activated.flow, release=release, sequence=activated.sequence, bundle=str(path))
        await self._run(command, known=False)

    def _release_of(self, activated: Activated, root: Root) -> str | Refusal:
        """Of which release the activation speaks, once its signature holds."""
        said = verify(activated.envelope, root)
        if isinstance(said, Refusal):
            return said
        predicate = said.predicate
        if (
            not isinstance(predicate, Activation)
            or predicate.flow != activated.flow
            or predicate.environment != self._admission.environment
            or predicate.sequence != activated.sequence
        ):
            return Refusal(
                Reason.STATEMENT_MISPLACED, "What lies in the store as an activation speaks of something else."
            )
        return said.subject

    async def _run(self, command: Activate, *, known: bool) -> None:
        """``known``: the journal has its number, so that both children can verify at the same time."""
        live = self.live.setdefault(command.flow, Live(command.flow))
        delivery = self._ask("delivery", self._delivery, command)
        intake = self._ask("intake", self._intake, command) if known else None
        taken = await asyncio.wait_for(delivery, ANSWER_S)
        if taken.say == "activated" and intake is None:
            intake = self._ask("intake", self._intake, command.model_copy(update={"number": taken.number}))
        opened = await asyncio.wait_for(intake, ANSWER_S) if intake is not None else taken
        refused = next((said for said in (taken, opened) if said.say != "activated"), None)
        if refused is None:
            live.command, live.state, live.listening = command, "running", opened.listening
            live.reason = live.sentence = ""
            log("release.activated", flow=command.flow, release=command.release, sequence=command.sequence)
            return
        self._refused(live, refused.reason, refused.sentence)
        await self._undo(live, known, taken)

    async def _undo(self, live: Live, known: bool, taken: Said) -> None:
        """One child took what the other refused: both go back to what ran before, or to nothing."""
        if taken.say != "activated" and not known:
            return
        before = live.command
        if before is not None:
            await asyncio.wait_for(self._ask("delivery", self._delivery, before), ANSWER_S)
            await asyncio.wait_for(self._ask("intake", self._intake, before), ANSWER_S)
            return
        for role, line in (("intake", self._intake), ("delivery", self._delivery)):
            await asyncio.wait_for(self._ask(role, line, Deactivate(flow=live.flow, reason="refused")), ANSWER_S)

    async def _stop(self, live: Live, reason: str, sentence: str) -> None:
        """Intake first, so that nothing more is accepted for it."""
        log("release.stopped", flow=live.flow, reason=reason)
        for role, line in (("intake", self._intake), ("delivery", self._delivery)):
            await asyncio.wait_for(self._ask(role, line, Deactivate(flow=live.flow, reason=reason)), ANSWER_S)
        live.tried = live.command.sequence if live.command else live.tried
        live.command, live.listening = None, ()
        live.state, live.reason, live.sentence = "stopped", reason, sentence
        live.again_at = float("inf") if reason == "revoked" else self._loop.time() + LOOK_AGAIN_S

    def _ask(self, role: str, line: LineProtocol, command: Activate | Deactivate) -> asyncio.Future[Said]:
        answer: asyncio.Future[Said] = self._loop.create_future()
        self._answers[role, command.flow] = answer
        line.send(command)
        return answer

    def _refused(self, live: Live, reason: str, sentence: str) -> None:
        if (live.reason, live.sentence) != (reason, sentence):
            log("release.refused", flow=live.flow, reason=reason, sentence=sentence)
        live.state = "running" if live.command else "refused"
        live.reason, live.sentence = reason, sentence

    def _running(self) -> list[Live]:
        return [live for live in self.live.values() if live.command is not None]

    def _problem(self, about: str, sentence: str) -> None:
        if sentence and self.problems.get(about) != sentence:
            log("problem.noticed", about=about, sentence=sentence)
        self.problems = {name: text for name, text in self.problems.items() if name != about}
        if sentence:
            self.problems[about] = sentence

    def _copy(self, release: str, sequence: int, bundle: bytes) -> Path:
        """The runtime's own copy of a bundle, whole and durable."""
        folder = self._data / "releases"
        folder.mkdir(exist_ok=True, mode=0o700)
        path = folder / f"{release}-{sequence}.bundle"
        half = path.with_suffix(".half")
        with half.open("wb") as file:
            file.write(bundle)
            file.flush()
            os.fsync(file.fileno())
        half.rename(path)
        return path
