"""The test cases of flows as they are kept: by flow, in canonical form, each of a bounded size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING

from sqlmodel import Session, select

from designer.errors import NotThere, TooLarge
from designer.models.testcases import TestCaseRow
from flows.canonical import dumps
from flows.testcases import FlowCase
from runtime.recognise import recognise

if TYPE_CHECKING:
    from designer.context import Designer
    from designer.database import Change

MOST_BYTES = 2 << 20


def begin_with(designer: Designer, change: Change, flow: str, pattern: str) -> None:
    """Gives a new flow the test cases of the library flow that it was made from."""
    folder = resources.files("flows.library").joinpath(pattern).joinpath("cases")
    if not folder.is_dir() or rows_of(change.session, flow):
        return
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".json"):
            case = FlowCase.model_validate_json(entry.read_text("utf-8"))
            given = "\r".join(case.given) if isinstance(case.given, tuple) else json.dumps(case.given)
            seen = recognise(given)
            change.session.add(new_row(designer, change, flow, case, seen.format, seen.type))


def new_row(designer: Designer, change: Change, flow: str, case: FlowCase, form: str, kind: str) -> TestCaseRow:
    """A test case, not yet added."""
    data = spelt(case)
    if len(data) > MOST_BYTES:
        raise TooLarge("too-large", "A test case has at most two megabytes.")
    name = f"t{designer.randomness.bytes(8).hex()}"
    return TestCaseRow(
        id=name,
        flow=flow,
        title=case.title,
        format=form,
        type=kind,
        person=change.actor,
        at_ms=change.at_ms,
        document=designer.sealing.seal(data, name),
    )


def spelt(case: FlowCase) -> bytes:
    """Its canonical bytes."""
    return dumps(case.model_dump(mode="json"))


def opened(designer: Designer, row: TestCaseRow) -> bytes:
    """The canonical bytes of a stored test case."""
    return designer.sealing.open(row.document, row.id)


def rows_of(session: Session, flow: str) -> Sequence[TestCaseRow]:
    """The test cases of a flow, by title."""
    wanted = select(TestCaseRow).where(TestCaseRow.flow == flow)
    return session.exec(wanted.order_by(TestCaseRow.title, TestCaseRow.id)).all()


def row_of(session: Session, flow: str, case: str) -> TestCaseRow:
    """One of them; NotThere for none."""
    row = session.get(TestCaseRow, case)
    if row is None or row.flow != flow:
        raise NotThere("no-test-case", "There is no such test case of this flow.")
    return row
