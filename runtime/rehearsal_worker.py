"""The child that runs samples and test cases of drafts: frames of JSON in and out, no connection, no secret.

It is told once where the release store and the trust file are, and takes the masters from there, signatures checked.
A question that takes too long or too much memory ends it; whoever asked starts another.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from flows.analysis import Analysis, analyse
from flows.canonical import dumps, sha256_hex
from flows.environment import Surroundings
from flows.findings import Json, Model
from flows.graph import Flow, read_flow
from flows.master_table import Table
from flows.policyset import builtin
from flows.structure import UNREAD
from flows.surroundings import SurroundingsError, load_surroundings
from flows.testcases import FlowCase, differences
from flows.trust import Refusal, Root, read_trust, verify_root_chain
from nodes import catalogue
from nodes.source import Refused
from runtime.casemaking import case_of, played
from runtime.comparing import compare, expected_value
from runtime.faults import Fault, faulted
from runtime.master_store import in_force
from runtime.recognise import lines_of, recognise
from runtime.rehearsal import Rehearsal, payload_of, rehearsal, staged, tables_of
from runtime.store import ReleaseStore, StoreTrouble
from runtime.synthetic import invented
from runtime.tryout import Wanted, reveal, try_out
from runtime.worker_side import serve
from runtime.world import SystemClock

LONGEST_S = 20
MEMORY = 2 << 30


class Begin(Model):
    """The first question of every child."""

    do: Literal["begin"] = "begin"
    store: str
    root: str


class Place(Model):
    """A draft and what stands around it."""

    document: dict[str, Json]
    environment: str
    files: Mapping[str, str]
    """Contracts and masters, by the path under which the environment names them."""


class Recognise(Model):
    do: Literal["recognise"] = "recognise"
    text: str
    place: Place | None = None
    """With it: whether the draft's source takes the sample."""


class Given(Model):
    """What is run: a text under the masters as they stand, or a test case under its own rows."""

    text: str | None = None
    case: FlowCase | None = None


class Try(Model):
    do: Literal["try"] = "try"
    place: Place
    given: Given


class Show(Model):
    do: Literal["show"] = "show"
    place: Place
    given: Given
    wanted: Wanted


class MakeCase(Model):
    """A test case of a text: the rows that it met, and what became of it."""

    do: Literal["make-case"] = "make-case"
    place: Place
    title: str
    given: Given


class Invent(Model):
    """An invented message that the draft's source takes."""

    do: Literal["invent"] = "invent"
    place: Place
    seed: int


class TryFault(Model):
    """What becomes of a message when something goes wrong."""

    do: Literal["fault"] = "fault"
    place: Place
    given: Given
    fault: Fault


class RunCases(Model):
    do: Literal["run-cases"] = "run-cases"
    place: Place
    cases: Mapping[str, FlowCase]


class Compare(Model):
    """A test case beside what it comes to now."""

    do: Literal["compare"] = "compare"
    place: Place
    case: FlowCase


AnyQuestion = Begin | Recognise | Try | Show | MakeCase | RunCases | Compare | Invent | TryFault
Question = Annotated[AnyQuestion, Field(discriminator="do")]
_OF_FORM = ("LG-GRAPH", "LG-NODE", "LG-FILE")
QUESTION: TypeAdapter[AnyQuestion] = TypeAdapter(Question)


class Trouble(Exception):
    """Why a question has no answer. The sentence is for the person who asked."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


class _Ready(NamedTuple):
    flow: Rehearsal
    analysis: Analysis
    around: Surroundings


class Desk:
    """Answers questions. Keeps the last draft that it was asked about, and the masters while they stay as they are."""

    def __init__(self) -> None:
        self._store: ReleaseStore | None = None
        self._root = Path()
        self._known: tuple[str, _Ready] | None = None
        self._tables: dict[str, tuple[tuple[tuple[int, int], ...], Table]] = {}

    def __call__(self, asked: Mapping[str, Json]) -> Json:
        try:
            return {"gives": self._answer(QUESTION.validate_python(asked))}
        except Trouble as trouble:
            return {"trouble": trouble.code, "sentence": trouble.sentence}
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
            return {"trouble": "does-not-fit", "sentence": f"This cannot be rehearsed (at {place})."}

    def _answer(self, asked: AnyQuestion) -> Json:
        match asked:
            case Begin():
                self._store, self._root = ReleaseStore(asked.store), Path(asked.root)
                return True
            case Recognise():
                return self._recognised(asked)
            case RunCases():
                return self._run_all(asked)
            case Compare():
                ready = self._ready(asked.place)
                return compare(ready.flow, ready.analysis, asked.case).model_dump(mode="json")
            case Invent():
                return self._invented(asked)
        ready = self._ready(asked.place)
        payload, tables = self._given(ready, asked.given)
        match asked:
            case Try():
                return try_out(ready.flow, ready.analysis, payload, tables).model_dump(mode="json")
            case Show() if asked.wanted.side == "expected":
                return {"value": expected_value(asked.given.case, asked.wanted) if asked.given.case else None}
            case Show():
                return {"value": reveal(ready.flow, ready.analysis, payload, tables, asked.wanted)}
            case TryFault():
                return self._faulted(ready, payload, tables, asked.fault)
            case MakeCase():
                case = asked.given.case
                given = lines_of(asked.given.text or "") if case is None else case.given
                return case_of(ready.flow, asked.title, given, payload, tables).model_dump(mode="json")

    def _recognised(self, asked: Recognise) -> Json:
        found = recognise(asked.text).model_dump(mode="json")
        if asked.place is None or found["format"] == "unknown":
            return {**found, "taken": None, "code": "", "where": ""}
        ready = self._ready(asked.place)
        stage = staged(ready.flow, {})
        admitted = stage.admit(stage.source.payload(lines_of(asked.text)))
        code = getattr(admitted, "code", None) or getattr(admitted, "filtered", None) or ""
        return {**found, "taken": not code, "code": code, "where": getattr(admitted, "place", "")}

    def _invented(self, asked: Invent) -> Json:
        ready = self._ready(asked.place)
        text = invented(ready.flow, self._masters(ready.around), asked.seed)
        if not text:
            raise Trouble("no-example", "No published table has the structure that this source takes.")
        return {"text": text}

    def _faulted(self, ready: _Ready, payload: bytes, tables: Mapping[str, Table], fault: Fault) -> Json:
        admitted = staged(ready.flow, tables).admit(payload)
        if isinstance(admitted, Refused) or admitted.filtered:
            why = admitted.code if isinstance(admitted, Refused) else admitted.filtered
            raise Trouble("not-taken", f"The source does not take this message ({why}), so nothing of it is sent.")
        return faulted(ready.flow, payload, tables, fault).model_dump(mode="json")

    def _run_all(self, asked: RunCases) -> Json:
        ready = self._ready(asked.place)
        results = {}
        for name, case in asked.cases.items():
            stage = staged(ready.flow, tables_of(ready.around, case))
            made = played(stage, payload_of(case, stage.source))
            wrong = differences(case, made.became)
            results[name] = {"passed": not wrong, "sentences": list(wrong), "steps": sorted(made.steps)}
        return results

    def _given(self, ready: _Ready, given: Given) -> tuple[bytes, Mapping[str, Table]]:
        if given.case is not None:
            stage = staged(ready.flow, {})
            return payload_of(given.case, stage.source), tables_of(ready.around, given.case)
        tables = self._masters(ready.around)
        return staged(ready.flow, tables).source.payload(lines_of(given.text or "")), tables

    def _ready(self, place: Place) -> _Ready:
        key = sha256_hex(dumps(place.model_dump(mode="json")))
        if self._known is None or self._known[0] != key:
            self._known = (key, _prepared(place))
        return self._known[1]

    # -- masters -------------------------------------------------------------------------------------------------------

    def _masters(self, around: Surroundings) -> dict[str, Table]:
        root = self._trusted()
        return {name: self._table(name, around, root) for name in around.masters} if root is not None else {}

    def _table(self, name: str, around: Surroundings, root: Root) -> Table:
        assert self._store is not None  # noqa: S101 - whoever has a root was begun
        contract = around.masters[name]
        try:
            mark = tuple((step.sequence, len(step.envelopes)) for step in self._store.master_snapshots(name))
            known = self._tables.get(name)
            if known is None or known[0] != mark or known[1].contract != contract:
                known = self._tables[name] = (mark, in_force(self._store, contract, root))
        except (StoreTrouble, OSError):
            return Table(contract)
        return known[1]

    def _trusted(self) -> Root | None:
        try:
            read = read_trust(self._root.read_bytes())
        except OSError:
            return None
        if isinstance(read, Refusal):
            return None
        root = verify_root_chain(read[1], read[0], SystemClock().now_ms(), demo=True)
        return root if isinstance(root, Root) else None


def _prepared(place: Place) -> _Ready:
    flow, found = read_flow(place.document)
    if flow is None:
        raise Trouble("unreadable", found[0].sentence if found else "This draft cannot be read as a flow.")
    try:
        around = load_surroundings(place.environment.encode(), lambda path: place.files[path].encode())
    except SurroundingsError as error:
        raise Trouble("no-environment", f"{error.file}: {error.sentence}") from None
    analysis = analyse(flow, around, catalogue.declare, builtin())
    why = _unready(flow, around, analysis)
    if why:
        wrong = next((each for each in (*found, *analysis.findings) if each.rule.startswith(_OF_FORM)), None)
        raise Trouble("not-ready", f"This draft cannot be tried yet: {wrong.sentence if wrong else why}")
    return _Ready(rehearsal(flow, around, analysis), analysis, around)


def _unready(flow: Flow, around: Surroundings, analysis: Analysis) -> str:
    """Why nothing can be run: other findings do not stop a rehearsal, for trying is how they are understood."""
    declared = analysis.declarations
    if any(step.id not in analysis.order for step in flow.steps):
        return "Its wires run in a circle."
    if any(each.kind == UNREAD for each in declared.values()):
        return "A step of it cannot be read."
    sources = [step for step in flow.steps if declared[step.id].category == "source"]
    if len(sources) != 1:
        return "It needs exactly one source."
    if sources[0].connection not in around.environment.connections:
        return "Its source names no connection of this environment."
    return ""


if __name__ == "__main__":
    serve(Desk(), LONGEST_S, MEMORY)
