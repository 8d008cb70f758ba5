"""The desk reads bytes out by their digest, keeps requests for enrolment, and answers nobody but its own page."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.canonical import sha256_hex
from flows.enrolment import Enrolment, check_enrolment, phrase
from flows.instants import from_ms
from flows.trust import Activation, Approval, Authorship, Person, Refused, Role, write_trust
from lockgate.desk.inbox import MOST, Inbox, enrol_waiting
from lockgate.roots import check_trust
from tests.browsers import DESK, BrowserKey, browser_key, say
from tests.lockgate.desk.household import KEYS, Household, refused
from tests.trusted import DAY, NOON, key_of, signed

OMAR = {"omar": Person(name="Omar Haddad", roles=(Role.PRIVACY,))}


@pytest.fixture(name="house")
def _house(tmp_path: Path) -> Household:
    return Household(tmp_path)


def request(key: BrowserKey, person: str = "omar", at_ms: int = NOON) -> bytes:
    return say(key.keyid, Enrolment(key=key.public(person), at=from_ms(at_ms)), key)


# -- reading -----------------------------------------------------------------------------------------------------------


def test_bytes_come_by_their_digest_and_unchanged(house: Household) -> None:
    answer = house.get(f"/api/sha256/{house.release}")
    assert answer.data == house.sealed.manifest and sha256_hex(answer.data) == house.release
    assert "immutable" in answer.headers["Cache-Control"]
    for name, data in house.sealed.attachments.items():
        assert house.get(f"/api/sha256/{name}").data == data


@pytest.mark.parametrize("name", ["0" * 64, "..", "x", "%2e%2e%2froot.json", "A" * 64])
def test_what_is_not_there_is_said_so(house: Household, name: str) -> None:
    for path in (f"/api/sha256/{name}", f"/api/releases/{name}"):
        answer = house.get(path)
        assert answer.status_code == 404 or "Not Found" in answer.text


def test_damaged_bytes_are_not_given_out(house: Household) -> None:
    (house.settings.store / "sha256" / house.release).write_bytes(b"{}")
    assert house.get(f"/api/sha256/{house.release}").status_code == 422


def test_the_newest_root_is_read_again_when_it_changes(house: Household) -> None:
    first = house.get("/api/desk").json
    assert first and first["root"]["version"] == 1 and first["origin"] == DESK and first["at"] == from_ms(NOON)
    second = house.root.model_copy(update={"version": 2})
    house.settings.root.write_bytes(write_trust(house.root.digest, (signed(house.root), signed(second))))
    assert (house.get("/api/desk").json or {})["root"]["version"] == 2


def test_every_key_says_since_which_root_it_is_listed(house: Household) -> None:
    first = (house.get("/api/desk").json or {})["root"]
    assert set(first["since"]) == set(first["keys"]) and set(first["since"].values()) == {1}
    key = browser_key("ed25519")
    second = house.root.model_copy(update={"version": 2, "keys": {**house.root.keys, key.keyid: key.public("pia")}})
    house.settings.root.write_bytes(write_trust(house.root.digest, (signed(house.root), signed(second))))
    since = (house.get("/api/desk").json or {})["root"]["since"]
    assert since[key.keyid] == 2 and since[KEYS["pia"].keyid] == 1


def test_a_release_says_who_signed_and_whether_it_still_holds(house: Household) -> None:
    house.approved()
    house.sign("oli", Activation)
    view = house.get(f"/api/releases/{house.release}").json
    assert view and set(view["envelopes"]) == house.envelopes and view["refusal"] is None
    assert view["active"]["sequence"] == 1 and view["active"]["this"]
    house.clock.at_ms += 31 * DAY
    later = house.get(f"/api/releases/{house.release}").json
    assert later and later["refusal"]["reason"] == "expired"


def test_what_waits_is_told_by_the_act_that_it_waits_for(house: Household) -> None:
    def waits() -> list[str]:
        return [each["waits"] for each in (house.get("/api/waiting").json or {})["releases"]]

    assert waits() == ["author"]
    house.sign("ada", Authorship)
    assert waits() == ["approve"]
    house.sign("pia", Approval)
    house.sign("eli", Approval)
    assert waits() == ["activate"]
    house.sign("oli", Activation)
    assert waits() == []


# -- the guard ---------------------------------------------------------------------------------------------------------


def test_pages_are_served_under_a_strict_policy(house: Household) -> None:
    for path in ("/", f"/release/{house.release}", "/master/items", "/keys"):
        answer = house.get(path)
        assert answer.mimetype == "text/html"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
        assert "frame-ancestors 'none'" in policy and "require-trusted-types-for 'script'" in policy
    assert house.get("/assets/main.js").mimetype == "text/javascript"
    assert house.get("/assets/other.js").status_code == 404
    assert "sandbox" in house.get("/api/desk").headers["Content-Security-Policy"]


def test_another_name_is_not_answered(house: Household) -> None:
    answer = house.client.get("/api/desk", base_url="http://evil.example:8081")
    assert answer.status_code == 421
    answer = house.client.get("/keys", base_url="http://127.0.0.1:8081")
    assert answer.headers["Location"] == f"{DESK}/keys", "passkeys need the name"


@pytest.mark.parametrize("origin", ["http://localhost:8080", "https://evil.example", "null", ""])
def test_another_page_is_not_answered(house: Household, origin: str) -> None:
    assert house.post("/api/envelopes", b"{}", Origin=origin).status_code == 403
    assert house.get("/api/desk", Origin=origin or "x").status_code == 403


def test_a_page_may_link_here_but_not_read(house: Household) -> None:
    assert house.get(f"/release/{house.release}", **{"Sec-Fetch-Site": "same-site"}).status_code == 200
    assert house.get("/api/desk", **{"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert house.get("/api/desk", **{"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_only_json_is_taken_and_only_from_a_page(house: Household) -> None:
    assert house.post("/api/envelopes", b"{}", **{"Content-Type": "text/plain"}).status_code == 415
    assert house.client.post("/api/envelopes", base_url=DESK, data=b"{}").status_code == 403
    assert house.client.delete("/api/envelopes", base_url=DESK, headers={"Origin": DESK}).status_code == 405


# -- enrolment ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["ed25519", "p256", "passkey-ed25519", "passkey-p256"])
def test_a_request_is_kept_for_an_administrator_with_its_six_words(house: Household, form: str) -> None:
    key = browser_key(form)
    data = request(key)
    answer = house.post("/api/enrolments", data)
    assert answer.status_code == 201 and answer.json
    assert answer.json == {"person": "omar", "key": key.keyid, "phrase": phrase(data)}
    (waiting,) = Inbox(house.settings.inbox).waiting()
    assert waiting.data == data and check_enrolment(waiting.file.read_bytes()) == waiting.asked
    house.post("/api/enrolments", data)
    assert len(Inbox(house.settings.inbox).waiting()) == 1


def test_a_request_that_proves_nothing_is_refused(house: Household) -> None:
    key, other = browser_key("p256"), browser_key("p256", "http://localhost:8080")
    stolen = say(key.keyid, Enrolment(key=key.public("omar"), at=from_ms(NOON)), browser_key("p256"))
    assert refused(house.post("/api/enrolments", stolen)) == "key-id-wrong"
    assert refused(house.post("/api/enrolments", request(other))) == "origin-wrong"
    assert refused(house.post("/api/enrolments", request(key, at_ms=NOON - DAY))) == "expired"
    assert refused(house.post("/api/enrolments", b"{}")) == "unknown-form"
    assert Inbox(house.settings.inbox).waiting() == ()


def test_an_inbox_does_not_fill_the_disk(house: Household) -> None:
    house.settings.inbox.mkdir()
    for n in range(MOST):
        (house.settings.inbox / f"{n}.json").write_bytes(b"{}")
    assert refused(house.post("/api/enrolments", request(browser_key("ed25519")))) == "key-unknown"


def test_a_demo_enrols_its_people_by_itself(tmp_path: Path) -> None:
    house = Household(tmp_path, demo=True)
    inbox, file = Inbox(house.settings.inbox), house.settings.root
    omar, stranger = browser_key("passkey-p256"), browser_key("ed25519")
    for data in (request(omar), request(stranger, "mallory")):
        assert house.post("/api/enrolments", data).status_code == 201
    assert enrol_waiting(inbox, file, key_of("adi"), OMAR, NOON) == ["omar"]
    assert enrol_waiting(inbox, file, key_of("adi"), OMAR, NOON) == []
    trust = check_trust(file.read_bytes(), NOON)
    assert trust.root.keys[omar.keyid].person == "omar" and stranger.keyid not in trust.root.keys
    assert [each.asked.key.person for each in inbox.waiting()] == ["mallory"]
    assert refused(house.post("/api/enrolments", request(omar))) == "key-under-two-ids"


def test_nobody_is_enrolled_by_itself_in_a_real_installation(house: Household) -> None:
    house.post("/api/enrolments", request(browser_key("p256")))
    with pytest.raises(Refused):
        enrol_waiting(Inbox(house.settings.inbox), house.settings.root, key_of("adi"), OMAR, NOON)
