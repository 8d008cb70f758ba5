"""The guard: from where a change may come, what a body may be, and what every answer carries."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from designer.errors import DesignerError
from tests.designer.office import ORIGIN, Office

BLANK = {"name": "Something new", "from": {"blank": True}}


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Lockgate": ""},
        {"X-Lockgate": "0"},
        {"Origin": "http://localhost:8081"},
        {"Origin": "https://localhost:8080"},
        {"Origin": "http://127.0.0.1:8080"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8080.evil.example"},
        {"Origin": "", "Sec-Fetch-Site": "same-site"},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_change_from_another_site_is_refused_and_changes_nothing(office: Office, headers: dict[str, str]) -> None:
    ana = office.signed_in("ana")
    refused = ana.post("/drafts", BLANK, headers=headers)
    assert (refused.status_code, refused.get_json()["error"]) == (403, "wrong-origin")
    assert ana.given(ana.get("/drafts"))["drafts"] == []


def test_a_program_without_a_browser_needs_the_header_alone(office: Office) -> None:
    ana = office.signed_in("ana")
    ana.given(ana.post("/drafts", BLANK, headers={"Origin": ""}), 201)


@pytest.mark.parametrize("host", ["evil.example", "localhost:8081", "localhost", "[::1]:8080"])
def test_a_name_that_somebody_pointed_here_is_refused(office: Office, host: str) -> None:
    answer = office.app.test_client().get("/api/v1/installation", base_url=f"http://{host}")
    assert answer.status_code == 421


def test_whoever_types_the_number_of_the_machine_is_shown_the_way(office: Office) -> None:
    answer = office.app.test_client().get("/flows", base_url="http://127.0.0.1:8080")
    assert (answer.status_code, answer.headers["Location"]) == (308, ORIGIN)


@pytest.mark.parametrize("path", ["/api/v1/installation", "/api/v1/session", "/nowhere", "/api/v1/drafts/wrong"])
def test_every_answer_carries_the_headers(office: Office, path: str) -> None:
    headers = office.browser().ask("GET", path, raw=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    if path.startswith("/api/"):
        assert headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers


def test_a_page_runs_no_inline_script_and_takes_no_markup_from_text(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text("<!doctype html><title>Lockgate</title>")
    (pages / "assets" / "main-1.js").write_text("0")
    office = Office(tmp_path / "office", pages=pages)
    served = office.app.test_client()
    page = served.get("/flows/any", base_url=ORIGIN)
    policy = page.headers["Content-Security-Policy"]
    assert page.status_code == 200
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "object-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "immutable" in served.get("/assets/main-1.js", base_url=ORIGIN).headers["Cache-Control"]
    for outside in ("/assets/none.js", "/api/v1/none", "/assets/../../trust.json", "/%2e%2e/office/trust.json"):
        answer = served.get(outside, base_url=ORIGIN)
        assert answer.status_code == 404 or b"<title>Lockgate</title>" in answer.data
        assert b"lockgate/root" not in answer.data
    office.close()


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b"null", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'"text"', "application/json", 422),
        (b'{"name": "a", "name": "b", "from": {"blank": true}}', "application/json", 422),
        (b'{"name": "a", "from": {"blank": true}, "more": 1}', "application/json", 422),
        (b'{"name": "a", "from": {"blank": true, "pattern": "x"}}', "application/json", 422),
        (b'{"name": "a", "from": {"blank": false}}', "application/json", 422),
        (b'{"name": 1, "from": {"blank": true}}', "application/json", 422),
        (b'{"name": "", "from": {"blank": true}}', "application/json", 422),
        (b'{"name": NaN, "from": {"blank": true}}', "application/json", 422),
        (b'{"name": 1.5, "from": {"blank": true}}', "application/json", 422),
        (b'{"name": "\\ud800", "from": {"blank": true}}', "application/json", 422),
        (b'\xff{"name": "a"}', "application/json", 422),
        (b"\xef\xbb\xbf{}", "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b'{"a":' * 100_000, "application/json", 422),
    ],
    ids=range(20),
)
def test_a_body_that_does_not_fit_is_refused_with_a_sentence(
    office: Office, data: bytes, kind: str, status: int
) -> None:
    ana = office.signed_in("ana")
    refused = ana.ask("POST", "/drafts", data=data, content_type=kind)
    assert refused.status_code == status
    assert refused.get_json()["sentence"]
    assert ana.given(ana.get("/drafts"))["drafts"] == []


def test_a_body_that_is_too_large_is_refused(office: Office) -> None:
    ana = office.signed_in("ana")
    refused = ana.ask("POST", "/drafts", data=b" " * (2 << 20) + b"{}", content_type="application/json")
    assert (refused.status_code, refused.get_json()["error"]) == (413, "too-large")


@pytest.mark.parametrize("query", ["?limit=0", "?limit=501", "?after=-1", "?limit=x", "?more=1"])
def test_an_address_that_does_not_fit_is_refused(office: Office, query: str) -> None:
    ana = office.signed_in("ana")
    draft = ana.given(ana.post("/drafts", BLANK), 201)["id"]
    assert ana.get(f"/drafts/{draft}/revisions{query}").status_code == 422


def test_a_fault_of_ours_tells_a_reference_and_no_value(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise RuntimeError("Rivera^Ana")

    broken.action = "page.read"  # type: ignore[attr-defined]  # as a route declares it
    office.app._got_first_request = False
    office.app.add_url_rule("/api/v1/broken", "broken", broken)
    with caplog.at_level(logging.ERROR):
        answer = office.browser().get("/broken")
    said = answer.get_json()
    assert (answer.status_code, said["error"]) == (500, "fault")
    assert said["reference"] in caplog.text
    assert "Rivera" not in caplog.text + json.dumps(said)


def test_every_kind_of_refusal_has_a_status_of_its_own_meaning() -> None:
    statuses = {each.__name__: each.status for each in DesignerError.__subclasses__()}
    assert statuses["NotSignedIn"] == 401
    assert statuses["NotAllowed"] == 403
    assert all(400 < status < 600 for status in statuses.values())
