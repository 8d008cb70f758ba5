"""Samples: a text is recognised and run through a draft step by step. It is never stored, and no sink is contacted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from designer import draft_rows, testcases
from designer.errors import NotAllowed, NotThere, Unfit
from designer.http.models import samples as shapes
from designer.reasons import words
from designer.rehearsals import place
from designer.words import counted
from flows.findings import Fix, SetConfig
from flows.vocabulary import DataLabel

if TYPE_CHECKING:
    from designer.context import Caller, Designer

REVEAL = "sample.reveal"
_TAKES = ("type-not-accepted", "version-not-accepted")


def recognised(designer: Designer, draft: str, body: shapes.NewSample) -> shapes.Sample:
    """What a text is, and whether the draft's source takes it."""
    document = document_of(designer, draft)
    findings: list[shapes.SampleFinding] = []
    try:
        said = _ask(designer, document, {"do": "recognise", "text": body.text})
    except Unfit as unfit:
        said = designer.rehearsals.ask({"do": "recognise", "text": body.text})
        findings.append(shapes.SampleFinding(sentence=str(unfit), fixes=()))
    if said["problem"]:
        findings.append(shapes.SampleFinding(sentence=said["problem"], fixes=()))
    elif said["code"]:
        findings.append(_not_taken(document, said))
    return shapes.Sample(
        format=said["format"],
        type=said["type"],
        identity_present=said["identity_present"],
        taken=said["taken"],
        findings=tuple(findings),
    )


def run(designer: Designer, caller: Caller, draft: str, body: shapes.GivenSample) -> shapes.SampleRun:
    """Every step's before and after, with masks in the place of what people may not see."""
    document = document_of(designer, draft)
    began = designer.clock.monotonic()
    said = _ask(designer, document, {"do": "try", "given": given(designer, draft, body)})
    took = round((designer.clock.monotonic() - began) * 1000)
    told = {"sentence": _sentence(said), **_told(designer, caller, document), "ms": took}
    return shapes.SampleRun.model_validate({**said, **told}, strict=False)


def compared(designer: Designer, caller: Caller, draft: str, case: str) -> shapes.CaseComparison:
    """A test case beside what it comes to now, with the masks of a run. Nothing is stored."""
    document, kept = document_of(designer, draft), testcases.stored(designer, draft, case)
    said = _ask(designer, document, {"do": "compare", "case": kept})
    for side in ("refused_expected", "refused_came"):
        said[side] = words(said[side]) if said[side] else None
    told = {"id": case, "title": kept["title"], **_told(designer, caller, document)}
    return shapes.CaseComparison.model_validate({**said, **told}, strict=False)


def _told(designer: Designer, caller: Caller, document: Mapping[str, Any]) -> dict[str, Any]:
    """What goes with every run."""
    label = designer.drawing.around().environment.label
    may = label is DataLabel.SYNTHETIC and designer.rights.may(REVEAL, caller.roles, demo=designer.demo)
    return {"titles": titles_of(document), "label": str(label), "may_reveal": may}


def reveal(designer: Designer, caller: Caller, draft: str, body: shapes.ShowValue) -> shapes.ShownValue:
    """One value, where the data are synthetic. It is recorded before it is shown."""
    document = document_of(designer, draft)
    if designer.drawing.around().environment.label is not DataLabel.SYNTHETIC:
        raise NotAllowed(
            "not-synthetic", "Values of samples are shown only where the environment's data are synthetic."
        )
    wanted = {"step": body.step, "record": body.record, "side": body.side, "path": body.path}
    said = _ask(designer, document, {"do": "show", "given": given(designer, draft, body), "wanted": wanted})
    if said["value"] is None:
        raise NotThere("no-value", f"There is no value at {body.path} there.")
    if len(said["value"]) > 2 and said["value"].casefold() in body.reason.casefold():
        raise Unfit("value-in-reason", "The reason holds the value itself: say why in words without it.", "/reason")
    with designer.database.change(caller.person) as change:
        change.record("sample.revealed", draft=draft, step=body.step, place=body.path, reason=body.reason)
    return shapes.ShownValue(path=body.path, value=said["value"])


def document_of(designer: Designer, draft: str) -> dict[str, Any]:
    """The newest document of a draft."""
    with designer.database.reading() as session:
        return draft_rows.newest(session, draft_rows.row_of(session, draft)).document


def titles_of(document: Mapping[str, Any]) -> dict[str, str]:
    """What the steps of a document are called, by id."""
    return {str(step["id"]): str(step.get("title") or step["id"]) for step in document.get("steps", ())}


def _ask(designer: Designer, document: Mapping[str, Any], question: Mapping[str, Any]) -> Any:
    return designer.rehearsals.ask({**question, "place": place(designer.drawing, document)})


def given(designer: Designer, draft: str, body: shapes.GivenSample) -> dict[str, Any]:
    """What is run, as the child takes it."""
    if body.case is None:
        return {"text": body.text}
    return {"case": testcases.stored(designer, draft, body.case)}


def _not_taken(document: Mapping[str, Any], said: Mapping[str, Any]) -> shapes.SampleFinding:
    """Why the source does not take the sample, and what would make it."""
    source = next((step for step in document.get("steps", ()) if "accepts" in step.get("config", {})), None)
    if source is None or said["code"] not in _TAKES or not said["type"]:
        where = f" at {said['where']}" if said["where"] else ""
        return shapes.SampleFinding(sentence=f"The source does not take it{where}: {words(said['code'])}.", fixes=())
    kind, _, version = said["type"].partition("@")
    fix = Fix(
        title=f"Take {kind} in {version}",
        edits=(SetConfig(step=source["id"], pointer="/accepts/-", value=said["type"]),),
    )
    sentence = f"The source '{source.get('title') or source['id']}' does not take {kind} in {version}."
    return shapes.SampleFinding(sentence=sentence, fixes=(fix,))


def _sentence(said: Mapping[str, Any]) -> str:
    if said["refused"]:
        return f"The source refuses it: {words(said['refused']['code'])}."
    if said["filtered"]:
        return f"The source takes it and does nothing with it: {words(said['filtered'])}."
    posted, parked = len(said["postings"]), sum(end["how"] == "parked" for end in said["ends"])
    ended = len(said["ends"]) - parked
    parts = [f"{counted(posted, 'posting', 'postings')} would be sent"]
    parts += [f"{counted(parked, 'line', 'lines')} would wait for a person"] if parked else []
    parts += [f"{counted(ended, 'line', 'lines')} would end on purpose"] if ended else []
    return f"{', '.join(parts)}. Nothing was sent: sinks are stubs."
