"""What runs: activations out of the store, carried to the children, and taken away when they may not run any more.

Delivery takes a release first and gives its number, intake second and opens the listener. Each verifies the bytes for
itself. A flow that is refused keeps what it ran before; the refusal is shown until it is gone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from flows.bundle import MAX_BUNDLE
from flows.trust import Reason, Refusal, Root
from runtime import objections
from runtime.admission import Admission
from runtime.aside import Aside
from runtime.channel import Activate, Deactivate, LineProtocol, Masters, Said, log
from runtime.gathering import Gathered, Newest, gather, newest_activation
from runtime.journal.reader import Reader
from runtime.memory import give_back
from runtime.objections import Objection
from runtime.questions.status import FlowStatus
from runtime.reading import read_plain
from runtime.releases import VerifiedRelease, revocation
from runtime.state import Keeper, Step
from runtime.store import Activated, Envelopes, ReleaseStore, SnapshotFiles, StoreTrouble

RUNNING: Final = (
    "SELECT number, flow, digest, sequence, bundle FROM release WHERE ended_ms IS NULL AND number IN"
    " (SELECT max(number) FROM release WHERE ended_ms IS NULL GROUP BY flow)"
)
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

    def __init__(self, data: Path, store: ReleaseStore, admission: Admission, keeper: Keeper) -> None:
        self._data, self._store, self._admission, self._keeper = data, store, admission, keeper
        self._aside = Aside()
        self.live: dict[str, Live] = {}
        self.masters: dict[str, int] = {}
        self.problems: dict[str, str] = {}
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
            self.problem(f"master {said.master}", said.sentence)
            return
        waiting = self._answers.pop((role, said.flow), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(said)

    # -- starting and following the store -----------------------------------------------------------------------------

    async def resume(self, reader: Reader) -> None:
        """What ran when the runtime last ended runs again, also where the store is away."""
        for number, flow, release, sequence, bundle in reader.rows(RUNNING):
            path = self._copy(release, sequence, bundle)
            command = Activate(flow=flow, release=release, sequence=sequence, number=number, bundle=str(path))
            await self._run(command, known=True)

    async def follow(self) -> None:
        """Takes every activation that is newer than what runs, whatever lies beside it."""
        root = self._admission.known_root()
        if isinstance(root, Refusal):
            self.problem("trust", root.sentence)
            return
        running = {live.flow: live.command.sequence for live in self._running() if live.command is not None}
        try:
            found = await self._aside.read(lambda: self._look(running, root))
        except (StoreTrouble, OSError) as error:
            self.problem("store", f"The release store cannot be read: {error}")
            return
        self.problem("store", "")
        self._forget("activations of ", found)
        for flow, newest in found.items():
            live = self.live.setdefault(flow, Live(flow))
            self.problem(f"activations of {flow}", newest.passed[0].sentence if newest.passed else "")
            if newest.activated is not None:
                await self._newer(live, newest, root)
            elif live.command is None and newest.passed:
                self._refused(live, str(newest.passed[0].reason), newest.passed[0].sentence)
            elif newest.highest < self._admission.floor(flow).count and (live.command is None or newest.highest):
                self._rolled_back(live, newest.highest)

    async def check_revocations(self) -> None:
        """Stops what was revoked. No file of the store and no trust file can hide a revocation that holds."""
        root = self._admission.known_root()
        if isinstance(root, Refusal):
            self.problem("trust", root.sentence)
            return
        for live in self._running():
            release = live.command.release if live.command else ""
            found = await self._envelopes(release)
            self.problem(f"envelopes of {live.flow}", found.damaged[0] if found.damaged else "")
            refusal = revocation(found.whole, root, release)
            if refusal is not None:
                await self._remember(release, refusal.sentence)
                await self._stop(live, "revoked", refusal.sentence)

    async def _envelopes(self, release: str) -> Envelopes:
        try:
            return await self._aside.read(lambda: self._store.read_envelopes(release))
        except (StoreTrouble, OSError) as error:  # the store may be away; what runs goes on
            return Envelopes((), (f"The envelopes of {release[:12]} cannot be read from the store: {error}",))

    async def _remember(self, release: str, sentence: str) -> None:
        """Before anything else is done about it; a full disk holds up no stop."""
        try:
            await asyncio.to_thread(self._keeper.revoke, release, sentence)
        except OSError as error:
            self.problem("state", _unkept(error))

    def _look(self, running: Mapping[str, int], root: Root) -> dict[str, Newest]:
        """The newest activation of each flow above what runs of it, and none below what ever ran."""
        environment = self._admission.environment
        found = {}
        for flow in self._store.activated_flows(environment):
            above = max(running.get(flow, 0), self._admission.floor(flow).count - 1)
            found[flow] = newest_activation(self._store, environment, flow, root, above=above)
        return found

    async def check_running(self) -> None:
        """Verifies again what runs: signatures, epoch, expiry."""
        for live in self._running():
            command = live.command
            if command is None:
                continue
            checked = await asyncio.to_thread(self._checked, command)
            if isinstance(checked, Refusal):
                why = "expired" if checked.reason in (Reason.EXPIRED, Reason.ROOT_EXPIRED) else "refused"
                await self._stop(live, why, checked.sentence)

    def _checked(self, command: Activate) -> VerifiedRelease | Refusal:
        try:
            bundle = read_plain(Path(command.bundle), MAX_BUNDLE)
        except OSError:
            return Refusal(Reason.MANIFEST_DAMAGED, f"The verified copy {command.bundle} cannot be read any more.")
        return self._admission.load(command, bundle)

    async def check_masters(self) -> None:
        """Tells delivery of masters with steps that it has not taken."""
        try:
            found = await self._aside.read(self._pending)
        except (StoreTrouble, OSError) as error:
            self.problem("masters", f"Masters cannot be read from the store: {error}")
            return
        self.problem("masters", "")
        self._forget("steps of ", found)
        for master, (pending, damaged) in found.items():
            seen, mended = hash(pending), f"steps of {master}" in self.problems and not damaged
            self.problem(f"steps of {master}", damaged)
            before, until = self._looked.get(master, (0, 0.0))
            if mended or (pending and (seen != before or self._loop.time() > until)):
                self._looked[master] = (seen, self._loop.time() + AGAIN_S)
                self._delivery.send(Masters(master=master))

    def _pending(self) -> dict[str, tuple[tuple[SnapshotFiles, ...], str]]:
        """The steps that are newer than the last taken, and what is wrong with the first that cannot be read."""
        found = {}
        for master in self._store.masters():
            try:
                steps = self._store.read_steps(master, after=self.masters.get(master, 0))
                found[master] = (steps.whole, next(iter(steps.damaged), ""))
            except (StoreTrouble, OSError) as error:
                found[master] = ((), f"Master '{master}' cannot be read from the store: {error}")
        return found

    # -- one activation -----------------------------------------------------------------------------------------------

    async def _newer(self, live: Live, newest: Newest, root: Root) -> None:
        activated = newest.activated
        if activated is None or (activated.sequence == live.tried and self._loop.time() < live.again_at):
            return
        live.tried, live.again_at = activated.sequence, self._loop.time() + AGAIN_S
        try:
            objection = await self._objection(newest.release, activated)
            if objection is not None:
                self._refused(live, str(Reason.SET_ASIDE), objections.sentence(objection, quoted=False))
                return
            look = partial(gather, self._store, newest.release, root, activated.envelope)
            found: Gathered = await self._aside.read(look)
            path = await asyncio.to_thread(self._copy, newest.release, activated.sequence, found.bundle)
        except (StoreTrouble, OSError) as error:
            self._refused(live, "store", f"The activated release is not in the store: {error}")
            return
        self.problem(f"envelopes of {live.flow}", found.damaged[0] if found.damaged else "")
        await self._take(
            live, Activate(flow=live.flow, release=newest.release, sequence=activated.sequence, bundle=str(path))
        )

    async def _objection(self, release: str, activated: Activated) -> Objection | None:
        """What was said against a release that is to begin. It never holds up one that was taken here before: nobody
        signed the objection, and the release is signed."""
        floor = self._admission.floor(activated.flow)
        if (floor.count, floor.digest) == (activated.sequence, release):
            return None
        return await self._aside.read(lambda: objections.read(self._store, release))

    async def _take(self, live: Live, command: Activate) -> None:
        """Verified, then kept as the newest, then run: no older activation counts once this one has begun."""
        checked = await asyncio.to_thread(self._checked, command)
        give_back()
        if isinstance(checked, Refusal):
            if checked.reason == Reason.REVOKED:
                await self._remember(command.release, checked.sentence)
            self._refused(live, str(checked.reason), checked.sentence)
            return
        before = self._keeper.state().activations.get(live.flow)
        newest = Step(count=command.sequence, digest=command.release)
        if await self._kept(live.flow, newest):
            if not await self._run(command, known=False) and live.command is not None:
                await self._kept(live.flow, before)  # what ran before goes on, and may after the next start too
        else:
            self._refused(live, "state", self.problems["state"])

    async def _kept(self, flow: str, step: Step | None) -> bool:
        try:
            await asyncio.to_thread(self._keeper.take, flow, step)
        except OSError as error:
            self.problem("state", _unkept(error))
            return False
        self.problem("state", "")
        return True

    def _rolled_back(self, live: Live, highest: int) -> None:
        newest = self._admission.floor(live.flow).count
        sentence = (
            f"The store was rolled back: the newest of '{live.flow}' is {highest or 'gone'}, and {newest} was"
            f" taken here. Put the store back, or activate again until the number is above {newest}."
        )
        self._refused(live, str(Reason.ACTIVATION_OLD), sentence)

    async def _run(self, command: Activate, *, known: bool) -> bool:
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
            return True
        self._refused(live, refused.reason, refused.sentence)
        await self._undo(live, known, taken)
        return False

    async def _undo(self, live: Live, known: bool, taken: Said) -> None:
        """One child took what the other refused: both go back to what ran before, or to nothing."""
        if taken.say != "activated" and not known:
            return
        before = live.command.model_copy(update={"past": True}) if live.command else None
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

    def _forget(self, about: str, there: Mapping[str, object]) -> None:
        """What is no longer in the store is no problem any more, nor a flow that was never tried."""
        for name in tuple(self.problems):
            if name.startswith(about) and name.removeprefix(about) not in there:
                self.problem(name, "")
        if about == "activations of ":
            self.live = {flow: live for flow, live in self.live.items() if flow in there or live.command or live.tried}

    def problem(self, about: str, sentence: str) -> None:
        """Shows a sentence to operators until it is empty again."""
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


def _unkept(error: OSError) -> str:
    return f"What is in force cannot be kept in the data folder ({error.strerror or type(error).__name__}): make room."
