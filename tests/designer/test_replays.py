"""What pages say of a replay until it is over, and of a cause whose mending has begun."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from designer.master_book import book_of
from lockgate.demo import hospital, seed
from lockgate.demo.house import command, until
from tests.designer.office import Browser
from tests.designer.workplace import Workplace, workplace

pytestmark = pytest.mark.xdist_group("replays")
GONE, OTHER = hospital.MISSING, hospital.UNSIGNED


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Three lines of one missing item, two of them of one encounter, and one of another item."""
    with workplace(tmp_path_factory.mktemp("replays")) as made:
        there = made.there
        there.send(
            there.charge(GONE.code, encounter="ENC88001"),
            there.charge(GONE.code, encounter="ENC88002"),
            there.charge(GONE.code, encounter="ENC88002"),
            there.charge(OTHER.code, encounter="ENC88003"),
        )
        there.settle()
        yield made


@pytest.fixture(scope="module")
def priya(place: Workplace) -> Browser:
    return place.signed_in("priya")


@pytest.fixture(scope="module")
def sam(place: Workplace) -> Browser:
    return place.signed_in("sam")


def cause(browser: Browser, code: str = GONE.code) -> dict[str, Any]:
    groups = browser.given(browser.get("/exceptions"))["groups"]
    group = next(each["group"] for each in groups if each["key"][-1:] == [code])
    found: dict[str, Any] = browser.given(browser.get(f"/exceptions/{group}"))
    return found


def became(browser: Browser, done: dict[str, Any], group: str) -> dict[str, Any]:
    mark = "&".join(f"{name}={value}" for name, value in done["mark"].items())
    found: dict[str, Any] = browser.given(browser.get(f"/replays?{mark}&group={group}"))
    return found


def test_a_replay_before_the_row_is_there_says_that_all_of_it_is_held_again(priya: Browser) -> None:
    group = cause(priya)["card"]["group"]
    done = priya.given(priya.post(f"/exceptions/{group}/replay", {}))
    seen = became(priya, done, group)
    assert (seen["lines"], seen["posted"], seen["going"], seen["held"]) == (3, 0, 0, 3)
    assert seen["sentence"] == "Of 3 replayed lines 3 are held again."
    (rest,) = seen["rest"]
    assert (rest["kind"], rest["lines"], rest["group"]) == ("held", 3, group)


def test_a_row_that_waits_for_its_signature_is_not_asked_for_once_more(
    place: Workplace, priya: Browser, sam: Browser
) -> None:
    page = cause(priya)
    assert (page["card"]["fix"]["stage"], page["card"]["fix"]["step"]) == ("lacks", 0)
    row = seed.item_row(GONE)
    wish = {"reason": "Bought since Monday.", "add": [row], "change": [], "retire": []}
    sequence = sam.given(sam.post("/masters/items/changes", wish), 201)["step"]["sequence"]
    page = cause(priya)
    told = f"The row stands in step {sequence} of master items, which waits for 1 signature. Then replay."
    assert page["card"]["fix"]["sentence"] == told
    assert (page["card"]["fix"]["stage"], page["card"]["fix"]["step"]) == ("waits", sequence)
    assert page["runbook"][0].startswith("A steward signs it")
    case = priya.given(priya.get(f"/cases/{page['members'][0]['number']}"))
    assert case["fix"]["stage"] == "waits"
    assert cause(priya, OTHER.code)["card"]["fix"]["stage"] == "lacks"


def test_who_may_not_see_the_code_is_told_all_the_same_how_far_it_is(place: Workplace, priya: Browser) -> None:
    group = cause(priya)["card"]["group"]
    ana = place.signed_in("ana")
    fix = ana.given(ana.get(f"/exceptions/{group}"))["card"]["fix"]
    assert (fix["stage"], fix["key"]) == ("waits", [])


def test_a_row_that_is_in_force_leaves_the_replay_alone(place: Workplace, priya: Browser) -> None:
    house = place.there.house
    newest = house.client.status().masters["items"]
    before = book_of(place.designer, "items")
    assert book_of(place.designer, "items") is before, "put together again though nothing of it changed"
    command("master", "sign", "items", "--key", house.key("sam"), "--root", house.root, "--store", house.store)
    assert book_of(place.designer, "items").table.sequence > before.table.sequence
    until("the runtime takes the row", lambda: house.client.status().masters["items"] > newest)
    page = cause(priya)
    assert page["card"]["fix"]["stage"] == "there"
    assert page["card"]["fix"]["sentence"].endswith("replay is what is left.")
    listed = {each["group"]: each["fix"]["stage"] for each in priya.given(priya.get("/exceptions"))["groups"]}
    assert listed[page["card"]["group"]] == "there" and sorted(listed.values()) == ["lacks", "there"]
    assert page["runbook"] == [
        "Try the replay: it says what would be posted.",
        "Replay. What is posted already stays as it is.",
    ]


def test_a_case_that_somebody_closed_holds_up_none_of_the_replay_and_its_line_counts_as_no_held_one(
    place: Workplace, priya: Browser
) -> None:
    page = cause(priya)
    second = sorted(each["number"] for each in page["members"])[1]
    priya.given(priya.post(f"/cases/{second}/close", {"reason": "Used in a drill"}))
    page = cause(priya)
    group = page["card"]["group"]
    assert (page["card"]["cases"], page["card"]["open"], page["card"]["lines"]) == (3, 2, 2)
    assert page["card"]["state"] == "new"
    done = priya.given(priya.post(f"/exceptions/{group}/replay", {}))
    assert (done["post"], done["left"]) == (2, [])
    until("nothing of it is on its way", lambda: became(priya, done, group)["going"] == 0)
    seen = became(priya, done, group)
    assert (seen["sentence"], seen["rest"], seen["new"]) == ("Of 2 replayed lines 2 are posted.", [], 0)
    assert priya.given(priya.get(f"/exceptions/{group}"))["card"]["state"] == "resolved"


def test_a_replay_s_mark_is_three_numbers_and_a_cause(priya: Browser) -> None:
    assert priya.get("/replays?after=1").status_code == 422
    assert priya.get("/replays?after=1&through=2&group=nothex").status_code == 422
    nothing = priya.given(priya.get("/replays?after=9000&through=9001"))
    assert (nothing["lines"], nothing["sentence"]) == (0, "Nothing was replayed.")


def test_of_more_cases_than_are_shown_the_open_ones_are(place: Workplace, priya: Browser) -> None:
    there = place.there
    there.send(*(there.charge(OTHER.code, encounter=f"ENC9{n:04}") for n in range(104)))
    there.settle()
    page = cause(priya, OTHER.code)
    group, newest = page["card"]["group"], page["members"][0]["number"]
    assert (page["card"]["open"], page["more"]) == (105, 5)
    for each in page["members"]:
        priya.given(priya.post(f"/cases/{each['number']}/close", {"reason": "Used in a drill"}))
    page = priya.given(priya.get(f"/exceptions/{group}"))
    assert (page["card"]["open"], page["more"]) == (5, 5)
    assert [each["state"] for each in page["members"]].count("open") == 5
    assert newest in [each["number"] for each in page["members"]]
