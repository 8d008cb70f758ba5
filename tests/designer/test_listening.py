"""One address takes one flow: a draft that wants to listen where another flow is live is told so, and not sealed."""

from __future__ import annotations

from typing import Any

from tests.designer.office import Browser, Office
from tests.designer.test_flows import live

RULE = "LG-SOURCE-TAKEN"


def begun(browser: Browser, **source: Any) -> dict[str, Any]:
    made: dict[str, Any] = browser.given(browser.post("/drafts", {"name": "Theatre", "from": source}), 201)
    return made


def against(browser: Browser, draft: str) -> list[dict[str, Any]]:
    said = browser.given(browser.get(f"/drafts/{draft}/analysis"))
    return [each for each in said["findings"] if each["rule"] == RULE]


def test_a_second_flow_at_the_address_of_a_live_one_is_told_at_its_source(office: Office) -> None:
    live(office)
    ana = office.signed_in("ana")
    found = against(ana, begun(ana, pattern="supply-consumption")["id"])
    assert [each["sentence"] for each in found] == [
        "'or-system' is where the live flow 'Supply consumption' listens already; only one flow can listen there."
    ]
    assert (found[0]["severity"], found[0]["address"]["step"], found[0]["address"]["pointer"]) == (
        "hard",
        "receive",
        "/steps/0/connection",
    )


def test_a_new_version_of_the_live_flow_may_listen_where_it_does(office: Office) -> None:
    live(office)
    ana = office.signed_in("ana")
    assert against(ana, begun(ana, flow="supply-consumption")["id"]) == []


def test_where_nothing_is_live_every_address_is_free(office: Office) -> None:
    ana = office.signed_in("ana")
    assert against(ana, begun(ana, pattern="supply-consumption")["id"]) == []


def test_it_is_not_sealed_whoever_asks_for_it(office: Office) -> None:
    live(office)
    ana = office.signed_in("ana")
    draft = begun(ana, pattern="supply-consumption")["id"]
    refused = ana.post(f"/drafts/{draft}/submit", {"summary": "A second one", "reason": "To see it refused"})
    assert (refused.status_code, refused.get_json()["error"]) == (422, "findings")
    assert "listens already" in refused.get_json()["sentence"]


def test_the_catalogue_says_which_connections_are_in_use(office: Office) -> None:
    ana = office.signed_in("ana")
    before = {each["name"]: each["used_by"] for each in ana.given(ana.get("/catalogue"))["connections"]}
    live(office)
    after = {each["name"]: each["used_by"] for each in ana.given(ana.get("/catalogue"))["connections"]}
    assert before["or-system"] == []
    assert (after["or-system"], after["erp-inventory"]) == (["Supply consumption"], [])
