"""The built pages, as browsers get them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from designer.http.pages import paged

SCRIPT = b"export const gate = 1;\n" * 400


@pytest.fixture(name="browser")
def _browser(tmp_path: Path) -> FlaskClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets" / "index-1.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "inter-1.woff2").write_bytes(SCRIPT)
    app = Flask("pages", static_folder=None)
    paged(app, tmp_path)
    return app.test_client()


def test_a_script_comes_packed_to_who_takes_that(browser: FlaskClient) -> None:
    answer = browser.get("/assets/index-1.js", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(answer.data) == SCRIPT and len(answer.data) < len(SCRIPT) / 4
    assert answer.headers["Content-Length"] == str(len(answer.data))


def test_a_script_comes_as_it_is_to_who_does_not(browser: FlaskClient) -> None:
    answer = browser.get("/assets/index-1.js")
    assert "Content-Encoding" not in answer.headers and answer.data == SCRIPT


def test_what_is_packed_already_is_left_alone(browser: FlaskClient) -> None:
    answer = browser.get("/assets/inter-1.woff2", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers and answer.data == SCRIPT
