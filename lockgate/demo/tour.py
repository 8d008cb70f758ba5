"""The newcomer's way by the API alone: a draft that leaks is mended, tried and submitted, and its author stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lockgate.demo import desktop
from lockgate.demo.house import Failed
from lockgate.demo.visitor import Visitor

Tell = Callable[[str], None]


def tour(origin: str, tell: Tell) -> None:
    """Ana's way from the list of flows to a review that waits. Failed at the first step that does not hold."""
    if Visitor(origin).ask("GET", "/flows").status != 401:
        raise Failed("flows are listed for somebody who is not signed in")
    ana = Visitor.signed_in(origin, "ana")
    draft = opened(ana)
    tell(f"Ana sees by the API: {mended(ana, draft)}")
    tried(ana, draft)
    review = submitted(ana, draft)
    tell(f"Fixed as proposed, tried with a sample, submitted. {refused(origin, ana, review)}")


def opened(visitor: Visitor) -> str:
    """The draft that leaks, found in the list of flows."""
    flows = visitor.get("/flows")["flows"]
    found = [each["draft"] for each in flows if each["name"] == desktop.LEAKING]
    if not found or not found[0]:
        raise Failed(f"'{desktop.LEAKING}' is not among the {len(flows)} flows that are listed")
    return str(found[0])


def mended(visitor: Visitor, draft: str) -> str:
    """Applies the first fix of each hard finding in turn; gives the first sentence that was read."""
    first = ""
    for _ in range(10):
        findings = visitor.get(f"/drafts/{draft}/analysis")["findings"]
        hard = [each for each in findings if each["severity"] == "hard"]
        if not hard:
            break
        first = first or str(hard[0]["sentence"])
        edits = hard[0]["fixes"][0]["edits"]
        document = visitor.post(f"/drafts/{draft}/preview", {"edits": edits})["document"]
        desktop.save(visitor, visitor.get(f"/drafts/{draft}"), document, hard[0]["fixes"][0]["title"])
    else:
        raise Failed("the proposed fixes do not end the hard findings")
    if not first:
        raise Failed("the draft that leaks has no hard finding")
    return first


def tried(visitor: Visitor, draft: str) -> None:
    """A sample runs through every step with its patient masked, and becomes a test case; all cases pass."""
    text = desktop.sample()
    ran = visitor.post(f"/drafts/{draft}/runs", {"text": text})
    if ran["refused"] or not ran["steps"]:
        raise Failed(f"the sample did not run: {ran['sentence']}")
    patient = desktop.sampled()
    if any(mark in str(ran) for mark in (patient.surname, patient.mrn, patient.encounter)):
        raise Failed("a run shows the patient unmasked")
    visitor.post(f"/drafts/{draft}/cases", {"title": "Two charge lines", "text": text})
    results = visitor.post(f"/drafts/{draft}/cases/run")
    if results["failed"] or not results["passed"]:
        raise Failed(f"{results['failed']} of the draft's test cases fail")


def submitted(visitor: Visitor, draft: str) -> str:
    body = {"summary": "Day surgery posts its consumption", "reason": "The day surgery opens on Monday, ticket 4712."}
    return str(visitor.post(f"/drafts/{draft}/submit", body)["review"])


def refused(origin: str, author: Visitor, review: str) -> str:
    """Why the author cannot approve what she drew, in the words of the review page; others may look."""
    people: dict[str, Any] = author.get(f"/reviews/{review}")["people"]
    act = next(each for each in people["acts"] if each["act"] == "approve")
    if act["may"]:
        raise Failed("the author may approve her own change")
    if author.ask("POST", "/people", {}).status != 403:
        raise Failed("an analyst may make accounts")
    if Visitor.signed_in(origin, "omar").get(f"/reviews/{review}")["card"]["id"] != review:
        raise Failed("the approver cannot open the review")
    return f"Her own approval is refused: {act['why']}"
