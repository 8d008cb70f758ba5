"""Routes of samples and test cases."""

from __future__ import annotations

from designer import samples, testcases, whatif
from designer.context import caller, here
from designer.http.models import drafts as paths
from designer.http.models import samples as shapes
from designer.http.routes import Noun

api = Noun("samples")


@api.on("POST", "/drafts/<id>/samples", needs="sample.run", gives=shapes.Sample)
def recognise_sample(path: paths.DraftPath, body: shapes.NewSample) -> shapes.Sample:
    """What a text is, and whether the draft's source takes it. The text is not stored."""
    return samples.recognised(here(), path.id, body)


@api.on("POST", "/drafts/<id>/runs", needs="sample.run", gives=shapes.SampleRun)
def run_sample(path: paths.DraftPath, body: shapes.GivenSample) -> shapes.SampleRun:
    """Run a sample through every step. Values from S3 up are masked; no sink is contacted."""
    return samples.run(here(), caller(), path.id, body)


@api.on("POST", "/drafts/<id>/runs/reveal", needs=samples.REVEAL, gives=shapes.ShownValue)
def show_value(path: paths.DraftPath, body: shapes.ShowValue) -> shapes.ShownValue:
    """Show one masked value of a run, for a reason that is recorded."""
    return samples.reveal(here(), caller(), path.id, body)


@api.on("POST", "/drafts/<id>/invented", needs="sample.run", gives=shapes.Invented)
def invent_sample(path: paths.DraftPath, body: shapes.InventWish) -> shapes.Invented:
    """An invented message that the draft's source takes. Nothing in it comes from a message that anybody sent."""
    return whatif.invented(here(), path.id, body)


@api.on("POST", "/drafts/<id>/faults", needs="sample.run", gives=shapes.FaultReport)
def try_fault(path: paths.DraftPath, body: shapes.FaultWish) -> shapes.FaultReport:
    """What becomes of a sample when something goes wrong. No sink is contacted."""
    return whatif.faulted(here(), path.id, body)


@api.on("GET", "/drafts/<id>/cases", needs="draft.read", gives=shapes.CaseCards)
def list_cases(path: paths.DraftPath) -> shapes.CaseCards:
    """The test cases of the draft's flow."""
    return testcases.cards(here(), path.id)


@api.on("POST", "/drafts/<id>/cases", needs="test-case.edit", gives=shapes.CaseCard, status=201)
def save_case(path: paths.DraftPath, body: shapes.NewCase) -> shapes.CaseCard:
    """Save a sample as a test case: what it comes to now is what it shall come to."""
    return testcases.save(here(), caller(), path.id, body)


@api.on("POST", "/drafts/<id>/cases/run", needs="sample.run", gives=shapes.CaseResults)
def run_cases(path: paths.DraftPath) -> shapes.CaseResults:
    """Run all test cases against the draft as it is."""
    return testcases.run_all(here(), caller(), path.id)


@api.on("POST", "/drafts/<id>/cases/<case>/comparison", needs="sample.run", gives=shapes.CaseComparison)
def compare_case(path: shapes.CasePath) -> shapes.CaseComparison:
    """What a test case expects beside what comes of it now, field by field. Values from S3 up are masked."""
    return samples.compared(here(), caller(), path.id, path.case)


@api.on("PUT", "/drafts/<id>/cases/<case>", needs="test-case.edit", gives=shapes.CaseCard)
def change_case(path: shapes.CasePath, body: shapes.ChangeCase) -> shapes.CaseCard:
    """Rename a test case, or expect from now on what it comes to now."""
    return testcases.change_case(here(), caller(), path.id, path.case, body)


@api.on("DELETE", "/drafts/<id>/cases/<case>", needs="test-case.edit")
def remove_case(path: shapes.CasePath) -> None:
    """Remove a test case."""
    testcases.remove(here(), caller(), path.id, path.case)
