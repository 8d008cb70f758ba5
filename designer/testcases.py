"""Test cases: samples with what they shall come to. They belong to a flow, and are run against its draft as it is.

A test case holds a whole message, to the letter, so that a run is a run of the real thing. It is stored sealed, and
never shown; where the environment's data are live, none is stored at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlmodel import col, delete

from designer import accounts, draft_rows
from designer.casebook import new_row, opened, row_of, rows_of, spelt
from designer.errors import Conflict, NotAllowed
from designer.http.models import samples as shapes
from designer.models.testcases import TestCaseRow
from designer.rehearsals import place
from flows.canonical import sha256_hex
from flows.testcases import Expected, FlowCase
from flows.vocabulary import DataLabel

if TYPE_CHECKING:
    from designer.context import Caller, Designer

MOST_CASES = 200


class Suite(NamedTuple):
    """All test cases of a flow, run against one document."""

    digest: str
    results: tuple[shapes.CaseResult, ...]
    steps: frozenset[str]

    @property
    def passed(self) -> int:
        return sum(each.passed for each in self.results)


def cards(designer: Designer, draft: str) -> shapes.CaseCards:
    """The test cases of a draft's flow, by title."""
    with designer.database.reading() as session:
        rows = rows_of(session, draft_rows.row_of(session, draft).flow)
        called = accounts.names(session, (row.person for row in rows))
        return shapes.CaseCards(cases=tuple(_card(designer, row, called) for row in rows))


def save(designer: Designer, caller: Caller, draft: str, body: shapes.NewCase) -> shapes.CaseCard:
    """A new test case: what the sample comes to now is what it shall come to."""
    _check_label(designer)
    document = _document(designer, draft)
    question = {"do": "make-case", "title": body.title, "given": {"text": body.text}}
    made = designer.rehearsals.ask({**question, "place": place(designer.drawing, document)})
    seen = designer.rehearsals.ask({"do": "recognise", "text": body.text})
    case = FlowCase.model_validate(made)
    with designer.database.change(caller.person) as change:
        flow = draft_rows.row_of(change.session, draft).flow
        if len(rows_of(change.session, flow)) >= MOST_CASES:
            raise Conflict("too-many", f"A flow has at most {MOST_CASES} test cases.")
        row = new_row(designer, change, flow, case, seen["format"], seen["type"])
        row.passed, row.run_ms = True, change.at_ms
        change.session.add(row)
        digest = sha256_hex(opened(designer, row))
        change.record("test-case.saved", draft=draft, flow=flow, test_case=row.id, digest=digest)
        change.session.flush()
        return _card(designer, row, {caller.person: caller.name})


def change_case(designer: Designer, caller: Caller, draft: str, case: str, body: shapes.ChangeCase) -> shapes.CaseCard:
    """Another title, or what it comes to now as what it shall come to."""
    kept = FlowCase.model_validate(stored(designer, draft, case))
    expect = _now(designer, draft, kept).expect if body.accept else kept.expect
    with designer.database.change(caller.person) as change:
        row = row_of(change.session, draft_rows.row_of(change.session, draft).flow, case)
        row.title, row.person, row.at_ms = body.title, caller.person, change.at_ms
        data = spelt(kept.model_copy(update={"title": body.title, "expect": expect}))
        row.document = designer.sealing.seal(data, row.id)
        if body.accept:
            row.passed, row.said, row.run_ms = True, "", change.at_ms
        change.record("test-case.changed", draft=draft, test_case=case, digest=sha256_hex(data))
        change.session.flush()
        return _card(designer, row, {caller.person: caller.name})


def remove(designer: Designer, caller: Caller, draft: str, case: str) -> None:
    with designer.database.change(caller.person) as change:
        row = row_of(change.session, draft_rows.row_of(change.session, draft).flow, case)
        change.session.exec(delete(TestCaseRow).where(col(TestCaseRow.id) == row.id))
        change.record("test-case.removed", draft=draft, test_case=case)


def run_all(designer: Designer, caller: Caller, draft: str) -> shapes.CaseResults:
    """Every test case of a draft's flow, against the draft as it is."""
    document = _document(designer, draft)
    began = designer.clock.monotonic()
    suite = suite_of(designer, str(document["id"]), document)
    took = round((designer.clock.monotonic() - began) * 1000)
    with designer.database.change(caller.person) as change:
        for each in suite.results:
            row = change.session.get(TestCaseRow, each.id)
            if row is not None:
                row.passed, row.said, row.run_ms = each.passed, "\n".join(each.sentences), change.at_ms
        change.record("test-cases.run", draft=draft, count=len(suite.results), digest=suite.digest)
    steps = {str(step["id"]): str(step.get("title") or step["id"]) for step in document.get("steps", ())}
    return shapes.CaseResults(
        results=suite.results,
        passed=suite.passed,
        failed=len(suite.results) - suite.passed,
        steps=tuple(step for step in steps if step in suite.steps),
        missed=tuple(title for step, title in steps.items() if step not in suite.steps),
        ms=took,
    )


def suite_of(designer: Designer, flow: str, document: Mapping[str, Any]) -> Suite:
    """Runs every test case of a flow against a document. Nothing is stored."""
    with designer.database.reading() as session:
        kept = {row.id: opened(designer, row) for row in rows_of(session, flow)}
        titles = {row.id: row.title for row in rows_of(session, flow)}
    digest = sha256_hex(b"".join(sorted(sha256_hex(data).encode() for data in kept.values())))
    if not kept:
        return Suite(digest, (), frozenset())
    cases = {name: json.loads(data) for name, data in kept.items()}
    said = designer.rehearsals.ask({"do": "run-cases", "cases": cases, "place": place(designer.drawing, document)})
    results = tuple(
        shapes.CaseResult(id=name, title=titles[name], passed=each["passed"], sentences=tuple(each["sentences"]))
        for name, each in said.items()
    )
    return Suite(digest, results, frozenset(step for each in said.values() for step in each["steps"]))


def stored(designer: Designer, draft: str, case: str) -> dict[str, Any]:
    """The document of a test case."""
    with designer.database.reading() as session:
        row = row_of(session, draft_rows.row_of(session, draft).flow, case)
        found: dict[str, Any] = json.loads(opened(designer, row))
        return found


def _now(designer: Designer, draft: str, kept: FlowCase) -> FlowCase:
    """The test case with what its message comes to now."""
    question = {"do": "make-case", "title": kept.title, "given": {"case": kept.model_dump(mode="json")}}
    document = _document(designer, draft)
    return FlowCase.model_validate(designer.rehearsals.ask({**question, "place": place(designer.drawing, document)}))


def _check_label(designer: Designer) -> None:
    if designer.drawing.around().environment.label is DataLabel.LIVE:
        raise NotAllowed(
            "live-data", "This environment's data are live: a sample may be run, but no message is stored here."
        )


def _document(designer: Designer, draft: str) -> dict[str, Any]:
    with designer.database.reading() as session:
        return draft_rows.newest(session, draft_rows.row_of(session, draft)).document


def _card(designer: Designer, row: TestCaseRow, called: Mapping[str, str]) -> shapes.CaseCard:
    expect = Expected.model_validate(json.loads(opened(designer, row))["expect"])
    return shapes.CaseCard(
        id=row.id,
        title=row.title,
        format="fhir" if row.format == "fhir" else "hl7v2",
        type=row.type,
        expects=shapes.CaseExpects(
            refused=expect.refused,
            postings=len(expect.postings),
            parked=len(expect.parked),
            filtered=len(expect.filtered),
        ),
        person=row.person,
        name=called.get(row.person, row.person),
        at=row.at_ms,
        passed=row.passed,
        sentences=tuple(row.said.splitlines()),
        run=row.run_ms,
    )
