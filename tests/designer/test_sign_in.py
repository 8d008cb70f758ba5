"""Signing in and out: what guessing costs, what a session survives, and what it does not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import select

from designer.accounts import digest
from designer.models.people import PersonRow, SessionRow
from tests.designer.office import PASSWORD, Browser, Office


def sign_in(browser: Browser, name: str, password: str = PASSWORD) -> Any:
    return browser.post("/session", {"name": name, "password": password})


def cookie(browser: Browser) -> Any:
    return browser.client.get_cookie("lockgate-8080")


def test_the_right_password_opens_a_session(house: Office) -> None:
    browser = house.browser()
    me = browser.given(sign_in(browser, "ana"))
    assert (me["person"], me["roles"], me["demo"]) == ("ana", ["analyst"], False)
    assert browser.given(browser.get("/session"))["name"] == "Ana"


def test_a_wrong_password_and_an_unknown_name_are_told_in_the_same_words(house: Office) -> None:
    browser = house.browser()
    wrong, unknown = sign_in(browser, "ana", "not this one"), sign_in(browser, "nobody", "not this one")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.get_json() == unknown.get_json()


@pytest.mark.parametrize("name", ["ana", "nobody", "ana\u0000", "ＡＮＡ", "' or 1=1 --", "é" * 60])
def test_every_further_wrong_password_costs_more_time(house: Office, name: str) -> None:
    browser = house.browser()
    answers = [sign_in(browser, name, "not this one").status_code for _ in range(4)]
    assert answers[:2] == [401, 401]
    assert answers[2:] == [429, 429]
    house.watch.pass_by(seconds=1.1)
    assert sign_in(browser, name, "not this one").status_code == 401
    held = sign_in(browser, name, PASSWORD)
    assert held.status_code == 429
    assert int(held.headers["Retry-After"]) == 2


def test_five_wrong_passwords_lock_an_account_even_for_the_right_one(house: Office) -> None:
    browser = house.browser()
    for _ in range(5):
        assert sign_in(browser, "ana", "not this one").status_code == 401
        house.watch.pass_by(minutes=1)
    assert sign_in(browser, "ana").status_code == 429
    admin = house.signed_in("ada")
    people = {each["person"]: each["state"] for each in admin.given(admin.get("/people"))["people"]}
    assert people["ana"] == "locked"
    house.watch.pass_by(minutes=15)
    assert sign_in(browser, "ana").status_code == 200
    assert sign_in(browser, "ana").status_code == 200


def test_guesses_at_the_same_moment_are_all_counted(house: Office) -> None:
    def guess(number: int) -> int:
        return int(sign_in(house.browser(), "ana", f"guess number {number}").status_code)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(16)))
    assert answers.count(401) <= 2
    assert answers.count(429) >= 14


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: Office) -> None:
    browser = house.browser()
    header = sign_in(browser, "ana").headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Strict" in header
    assert "Path=/" in header
    assert "Domain" not in header


def test_the_database_holds_neither_password_nor_cookie(house: Office) -> None:
    browser = house.browser()
    sign_in(browser, "ana")
    house.designer.database.close()
    data = b"".join(path.read_bytes() for path in house.settings.data.iterdir())
    assert PASSWORD.encode() not in data
    assert cookie(browser).value.encode() not in data
    with house.designer.database.reading() as session:
        rows = session.exec(select(PersonRow)).all()
        assert all((row.password or "").startswith("$argon2id$") for row in rows)


def test_a_cookie_from_before_is_never_taken_over(house: Office) -> None:
    browser = house.browser()
    browser.client.set_cookie("lockgate-8080", "chosen-by-somebody-else", domain="localhost")
    sign_in(browser, "ana")
    first = cookie(browser).value
    assert first != "chosen-by-somebody-else"
    sign_in(browser, "ben")
    assert cookie(browser).value != first
    old = house.browser()
    old.client.set_cookie("lockgate-8080", first, domain="localhost")
    assert old.get("/session").status_code == 401


def test_signing_out_ends_the_session_on_the_server(house: Office) -> None:
    browser = house.signed_in("ana")
    value = cookie(browser).value
    assert browser.delete("/session").status_code == 204
    assert cookie(browser) is None
    thief = house.browser()
    thief.client.set_cookie("lockgate-8080", value, domain="localhost")
    assert thief.get("/session").status_code == 401
    with house.designer.database.reading() as session:
        assert session.get(SessionRow, digest(value)) is None


def test_a_session_ends_after_idling_and_after_a_day_of_work(house: Office) -> None:
    browser = house.signed_in("ana")
    house.watch.pass_by(minutes=59)
    assert browser.get("/session").status_code == 200
    house.watch.pass_by(minutes=61)
    assert browser.get("/session").status_code == 401
    busy = house.signed_in("ana")
    for _ in range(24):
        house.watch.pass_by(minutes=30)
        last = busy.get("/session").status_code
    assert last == 200
    house.watch.pass_by(minutes=1)
    assert busy.get("/session").status_code == 401


@pytest.mark.parametrize("value", ["", "x", "A" * 43, "a" * 101, "' or 1=1 --", "é"])
def test_a_forged_cookie_is_nobody(house: Office, value: str) -> None:
    browser = house.browser()
    browser.client.set_cookie("lockgate-8080", value, domain="localhost")
    assert browser.get("/session").status_code == 401
    assert browser.get("/drafts").status_code == 401


def test_a_disabled_account_is_out_at_once(house: Office) -> None:
    ana, admin = house.signed_in("ana"), house.signed_in("ada")
    change = {"name": "Ana", "roles": ["analyst"], "disabled": True}
    assert admin.given(admin.put("/people/ana", change))["state"] == "disabled"
    assert ana.get("/session").status_code == 401
    assert sign_in(house.browser(), "ana").status_code == 401


def test_another_role_ends_the_sessions_of_the_old_one(house: Office) -> None:
    ana, admin = house.signed_in("ana"), house.signed_in("ada")
    admin.given(admin.put("/people/ana", {"name": "Ana", "roles": ["operator"]}))
    assert ana.get("/session").status_code == 401


def test_the_last_administrator_stays_one(house: Office) -> None:
    admin = house.signed_in("ada")
    for change in ({"roles": ["analyst"]}, {"roles": ["administrator"], "disabled": True}):
        refused = admin.put("/people/ada", {"name": "Ada", **change})
        assert (refused.status_code, refused.get_json()["error"]) == (409, "last-administrator")


def test_a_password_is_changed_with_the_old_one_and_ends_other_sessions(house: Office) -> None:
    here, elsewhere = house.signed_in("ana"), house.signed_in("ana")
    new = "another fine mess, this"
    assert here.put("/session/password", {"old": "wrong one", "new": new}).status_code == 422
    assert here.put("/session/password", {"old": PASSWORD, "new": new}).status_code == 204
    assert here.get("/session").status_code == 200
    assert elsewhere.get("/session").status_code == 401
    assert sign_in(house.browser(), "ana").status_code == 401
    house.watch.pass_by(minutes=1)
    assert sign_in(house.browser(), "ana", new).status_code == 200


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "my name is ana 2026", ""])
def test_a_weak_password_is_refused_with_a_sentence(house: Office, password: str) -> None:
    ana = house.signed_in("ana")
    refused = ana.put("/session/password", {"old": PASSWORD, "new": password})
    assert refused.status_code == 422
    assert password not in refused.get_json()["sentence"] or not password


def test_a_token_sets_a_password_once_and_not_for_long(house: Office) -> None:
    admin = house.signed_in("ada")
    made = admin.given(admin.post("/people", {"person": "eva", "name": "Eva", "roles": ["operator"]}), 201)
    assert made["account"]["state"] == "new"
    late = {"token": made["token"], "password": PASSWORD}
    house.watch.pass_by(hours=73)
    assert house.browser().post("/session/set-up", late).status_code == 401
    admin = house.signed_in("ada")
    again = admin.given(admin.post("/people/eva/token"), 201)
    body = {"token": again["token"], "password": PASSWORD}
    assert house.browser().post("/session/set-up", body).status_code == 200
    assert house.browser().post("/session/set-up", body).status_code == 401
    assert sign_in(house.browser(), "eva").status_code == 200


def test_nobody_has_a_password_that_they_did_not_set(house: Office) -> None:
    admin = house.signed_in("ada")
    admin.given(admin.post("/people", {"person": "eva", "name": "Eva", "roles": ["operator"]}), 201)
    for password in ("eva", "password", "admin", "lockgate", " "):
        answer = sign_in(house.browser(), "eva", password)
        assert answer.status_code in (401, 429)
        house.watch.pass_by(minutes=20)


def test_a_real_installation_has_no_personas(house: Office) -> None:
    browser = house.browser()
    assert browser.get("/session/personas").status_code == 401
    assert browser.post("/session/persona", {"person": "ana"}).status_code == 401
    signed = house.signed_in("ana")
    assert signed.get("/session/personas").status_code == 403
    assert signed.post("/session/persona", {"person": "ada"}).status_code == 403


def test_a_demo_has_its_people_one_click_away_and_says_so(office: Office) -> None:
    browser = office.browser()
    installation = browser.given(browser.get("/installation"))
    assert (installation["demo"], installation["label"]) == (True, "synthetic")
    people = {each["person"] for each in browser.given(browser.get("/session/personas"))["personas"]}
    assert people == {"ana", "ben", "omar", "mei", "sam", "priya"}
    assert browser.given(browser.post("/session/persona", {"person": "omar"}))["roles"] == ["privacy"]
    assert browser.post("/session/persona", {"person": "nobody"}).status_code == 404


def test_a_fresh_installation_says_that_nobody_has_set_it_up(tmp_path: Any) -> None:
    fresh = Office(tmp_path, demo=False, people=False)
    browser = fresh.browser()
    assert browser.given(browser.get("/installation"))["set_up"] is False
    fresh.close()
