"""What people ask of a running runtime: a real one, with messages of one patient who must never be seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest

from flows.audit import GENESIS
from lockgate.demo import hospital
from lockgate.demo.house import command, until
from runtime.api import RuntimeRefused
from runtime.questions.audit import AskAudit, AskRecords
from runtime.questions.causes import AskGroups, AskMembers, AskUnmapped
from runtime.questions.messages import AskFind
from runtime.questions.replay import AskPlan
from runtime.questions.reveal import AskReveal, AskShape
from runtime.questions.shadow import AskShadow
from runtime.questions.traffic import AskTraffic
from tests.installation import FLOW, PATIENT, SURNAME, Installation, holds_no_patient, installed

pytestmark = pytest.mark.xdist_group("questions")
WHY = "The theatre asks which patient it was."
GONE = hospital.MISSING


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Five messages: delivered, one of two lines held for a missing item, one more, an unknown place, and filtered."""
    with installed(tmp_path_factory.mktemp("questions")) as made:
        admission = made.charge("SUT-2001").replace(b"DFT^P03^DFT_P03", b"ADT^A01^ADT_A01")
        codes = made.send(
            made.charge("SUT-2001", "MSH-0150", encounter="ENC77001"),
            made.charge("SUT-2001", GONE.code, encounter="ENC77002"),
            made.charge(GONE.code, encounter="ENC77002"),
            made.charge("SUT-2001", theatre=-1, encounter="ENC77003"),
            admission,
        )
        assert codes == ["AA"] * 5
        made.settle()
        yield made


def _group(there: Installation, cause: str) -> str:
    return next(each.group for each in there.client.groups(AskGroups()).groups if each.cause == cause)


def test_traffic_counts_what_the_chains_tell_and_what_stands_now(there: Installation) -> None:
    traffic = there.client.traffic(AskTraffic())
    (flow,) = traffic.flows
    assert (flow.flow, flow.received, flow.accepted, flow.refused, flow.repeated) == (FLOW, 5, 5, 0, 0)
    assert (flow.waiting, flow.in_flight, flow.parked, flow.open_cases) == (0, 0, 3, 3)
    assert (flow.window.accepted, flow.window.delivered, flow.window.filtered) == (5, 3, 1)
    assert flow.minute.accepted == 5
    assert flow.window.parked == 3
    assert sum(point.counts.accepted for point in flow.points) == 5
    assert flow.steps["decrement"].delivered == 3
    assert flow.steps["to-material"].parked == 2
    assert flow.p50_ms is not None and flow.p95_ms is not None and flow.p50_ms <= flow.p95_ms
    assert flow.last_received_ms is not None


def test_traffic_goes_on_from_where_it_was_read(there: Installation) -> None:
    before = there.client.traffic(AskTraffic(window="day")).flows[0].window
    assert there.client.traffic(AskTraffic(window="day")).flows[0].window == before


def test_cases_come_grouped_by_cause_with_the_code_that_the_master_lacks(there: Installation) -> None:
    found = there.client.groups(AskGroups())
    missing = next(each for each in found.groups if each.cause == "master-miss")
    assert missing.key == (hospital.SYSTEM, GONE.code)
    assert (missing.master, missing.cases, missing.lines, missing.open) == ("items", 2, 2, 2)
    assert missing.steps == ("to-material",)
    assert found.open_cases == 3
    assert holds_no_patient(found)


def test_a_room_that_no_master_knows_is_not_shown(there: Installation) -> None:
    unknown = next(each for each in there.client.groups(AskGroups()).groups if each.cause == "not-active")
    assert unknown.key == ()
    keys = there.client.unmapped(AskUnmapped()).keys
    assert {(each.master, each.key) for each in keys} == {
        ("items", (hospital.SYSTEM, GONE.code)),
        ("locations", ()),
    }


def test_the_cases_of_one_cause_are_listed(there: Installation) -> None:
    group = _group(there, "master-miss")
    members = there.client.members(AskMembers(group=group))
    assert [case.message for case in members.cases] == [3, 2]
    (alone,) = there.client.groups(AskGroups(group=group[:12])).groups
    assert alone.group == group


def test_a_plan_says_what_a_replay_would_do_and_does_nothing(there: Installation) -> None:
    group = _group(there, "master-miss")
    plan = there.client.plan(AskPlan(group=group))
    assert (plan.post, plan.park, plan.end) == (0, 2, 0)
    assert {line.reason for line in plan.lines} == {"master-miss"}
    assert there.client.groups(AskGroups(group=group)).groups[0].seen == 2


def test_a_message_is_found_by_its_business_key_however_it_is_written(there: Installation) -> None:
    for spelled in ("ENC77002", " enc77002 "):
        found = there.client.find(AskFind(key=spelled))
        assert [each.number for each in found.messages] == [3, 2]
    assert there.client.find(AskFind(key="ENC77002", flow="another")).messages == ()
    assert there.client.find(AskFind(key="ENC7700")).messages == ()


def test_messages_are_listed_newest_first_too(there: Installation) -> None:
    page = there.client.messages(before=1 << 40, limit=2)
    assert [each.number for each in page.messages] == [5, 4]
    rest = there.client.messages("filtered", before=1 << 40)
    assert [(each.number, each.filtered) for each in rest.messages] == [(5, "type-not-accepted")]


def test_a_timeline_tells_one_message_s_life(there: Installation) -> None:
    life = there.client.timeline(2)
    assert (life.flow, life.state, life.answer, life.readable) == (FLOW, "parked", "AA", True)
    states = {posting.item: posting.state for posting in life.postings}
    assert states == {"FT1[1]": "delivered", "FT1[2]": "parked"}
    sent = next(posting for posting in life.postings if posting.state == "delivered")
    assert sent.first_ms is not None and sent.ended_ms is not None and sent.ended_ms >= life.received_ms
    assert (sent.connection, sent.operation, sent.status) == ("erp-inventory", "postGoodsIssue", 201)
    (case,) = life.cases
    assert (case.cause, case.state) == ("master-miss", "open")
    with pytest.raises(RuntimeRefused, match="no message 99"):
        there.client.timeline(99)


def test_the_shape_of_a_message_names_its_fields_and_none_of_their_values(there: Installation) -> None:
    shape = there.client.shape(AskShape(message=2))
    assert (shape.format, shape.type) == ("hl7v2", "DFT^P03@2.5.1")
    assert {"PID-5.1", "FT1[2]-7.1", "PV1-19.1"} <= set(shape.places)
    assert holds_no_patient(shape)


def test_a_field_is_revealed_for_a_reason_that_is_recorded_first(there: Installation) -> None:
    shown = there.client.reveal(AskReveal(actor="priya", message=2, path="PID-5.1", reason=WHY))
    assert shown.values == (SURNAME,)
    records = _records(there, "delivery")
    (record,) = [each for each in records if each["seq"] == shown.seq]
    assert (record["action"], record["place"], record["reason"]) == ("field.revealed", "PID-5.1", WHY)
    assert str(record["actor"]).startswith("priya/uid-")
    assert holds_no_patient(records)


def test_one_line_s_field_is_revealed_by_its_instance_path(there: Installation) -> None:
    shown = there.client.reveal(AskReveal(actor="priya", message=2, path="FT1[2]-7.1", reason=WHY))
    assert shown.values == (GONE.code,)


def test_a_reason_that_holds_the_value_shows_nothing_and_is_recorded_without_it(there: Installation) -> None:
    guess = f"I think that it is {PATIENT.lower()}."
    with pytest.raises(RuntimeRefused, match="holds the value itself"):
        there.client.reveal(AskReveal(actor="priya", message=2, path="PID-3.1", reason=guess))
    withheld = [each for each in _records(there, "delivery") if each["action"] == "field.withheld"]
    assert withheld and all("reason" not in each for each in withheld)


@pytest.mark.parametrize("path", ["PID", "PID.3", "not a path"])
def test_what_is_not_one_field_is_not_revealed(there: Installation, path: str) -> None:
    with pytest.raises(RuntimeRefused) as refused:
        there.client.reveal(AskReveal(actor="priya", message=2, path=path, reason=WHY))
    assert refused.value.code == "not-shown"


def test_pages_of_a_chain_hold_what_it_takes_to_compute_it_again(there: Installation) -> None:
    for writer in ("intake", "delivery"):
        head, last, after = GENESIS, 0, 0
        while page := there.client.audit(AskAudit(writer=writer, after=after, limit=3)):
            assert page.previous == head.hex()
            if not page.rows:
                break
            for row in page.rows:
                for line in row.records:
                    head = hashlib.sha256(head + line.encode()).digest()
                assert row.head == head.hex()
                last, after = row.first + row.count - 1, row.first
        assert last == page.last


def test_the_newest_page_of_a_chain_comes_first_and_the_next_goes_back(there: Installation) -> None:
    newest = there.client.audit(AskAudit(writer="delivery", limit=2))
    assert newest.rows[-1].first + newest.rows[-1].count - 1 == newest.last
    older = there.client.audit(AskAudit(writer="delivery", before=newest.rows[0].first, limit=2))
    assert older.rows[-1].head == newest.previous


def test_records_are_found_by_action_person_and_time_page_by_page(there: Installation) -> None:
    there.client.reveal(AskReveal(actor="priya", message=2, path="PID-5.1", reason=WHY))
    asked = AskRecords(writer="delivery", actions=("field.revealed",), actor="priya", limit=1)
    found = there.client.records(asked)
    (newest,) = found.records
    record = json.loads(newest.record)
    assert (record["action"], record["place"], record["reason"]) == ("field.revealed", "PID-5.1", WHY)
    assert newest.first <= newest.seq < newest.first + newest.count
    at = record["at"]
    assert there.client.records(asked.model_copy(update={"until_ms": at})).records != (newest,)
    assert there.client.records(asked.model_copy(update={"since_ms": at + 1})).records == ()
    assert there.client.records(asked.model_copy(update={"actor": "omar"})).records == ()
    seen, before = [], None
    while True:
        page = there.client.records(AskRecords(writer="delivery", before=before, limit=4))
        seen += [each.seq for each in page.records]
        if page.next is None:
            break
        before = page.next
    assert seen == list(range(len(seen), 0, -1)) and len(seen) == len(_records(there, "delivery"))


def test_a_parked_body_is_shown_field_by_field_too(there: Installation) -> None:
    there.erp.refuses.add("40003060")
    there.send(there.charge("STA-0060", encounter="ENC77009"))
    there.settle()
    message = there.client.find(AskFind(key="ENC77009")).messages[0].number
    (posting,) = there.client.timeline(message).postings
    assert posting.state == "parked" and posting.readable
    assert "material" in there.client.shape(AskShape(message=message, posting=posting.number)).places
    shown = there.client.reveal(
        AskReveal(actor="priya", message=message, posting=posting.number, path="material", reason=WHY)
    )
    assert shown.values == ("40003060",)
    there.erp.refuses.clear()


def test_a_fixed_cause_is_planned_replayed_and_known_when_it_comes_back(there: Installation) -> None:
    group = _group(there, "master-miss")
    there.add_row(GONE)
    until("the plan sees the row", lambda: there.client.plan(AskPlan(group=group)).post == 2)
    assert there.client.replay("priya", group=group).outcome == "queued"
    there.settle()
    until("the cases close", lambda: there.client.groups(AskGroups(group=group)).groups[0].open == 0)
    resolved = there.client.groups(AskGroups(state="resolved")).groups
    assert group in {each.group for each in resolved}
    assert all(each.resolved_ms is not None for each in resolved)


def test_a_refused_frame_s_case_is_closed_on_the_command_line(there: Installation) -> None:
    nameless = there.charge("SUT-2001").replace(b"DFT_P03|T", b"DFT_P03||")
    assert there.send(nameless) == ["AR"]
    until("the refusal is a case", lambda: [each for each in there.client.cases().cases if each.message is None])
    [case] = [each for each in there.client.cases().cases if each.message is None]
    data, why = there.house.data, ("--reason", "The theatre has sent it again with a number.")
    assert command("cases", "close", str(case.number), "--data", data, *why).out.startswith("closed: ")
    assert "resolved already" in command("cases", "close", str(case.number), "--data", data, *why, expect=1).out
    assert "There is no case 99" in command("cases", "close", "99", "--data", data, *why, expect=1).out
    assert there.client.case(case.number).case.state == "resolved"
    assert f"  {case.number} [" not in command("cases", "--data", data).out
    assert _records(there, "delivery")[-1]["action"] == "case.closed"


def _records(there: Installation, writer: str) -> list[dict[str, object]]:
    page = there.client.audit(AskAudit(writer=writer, after=0, limit=500))  # type: ignore[arg-type]  # one of the two
    return [json.loads(line) for row in page.rows for line in row.records]


def test_a_candidate_is_run_in_shadow_on_what_came_and_only_kinds_of_difference_come_back(there: Installation) -> None:
    house = there.house
    flow = house.flows / FLOW / "flow.json"
    document = json.loads(flow.read_text())
    same = there.client.shadow(AskShadow(release=there.client.status().flows[0].release))
    assert same.messages == same.identical > 0 and same.groups == ()
    steps = {step["id"]: step for step in document["steps"]}
    steps["event"]["config"]["fields"]["costCentre"] = {"text": "9999"}
    steps["check"]["config"]["on_fail"] = "filter"
    flow.write_text(json.dumps(document))
    candidate = house.seal(flow, "ana")
    found = there.client.shadow(AskShadow(release=candidate))
    kinds = {group.kind: group for group in found.groups}
    assert kinds["changed"].detail == ("costCentre",)
    assert kinds["changed"].count == found.messages - found.identical - kinds["held-otherwise"].count
    assert kinds["held-otherwise"].count == 1
    assert holds_no_patient(found)


def test_what_is_no_release_is_not_run_in_shadow(there: Installation) -> None:
    with pytest.raises(RuntimeRefused, match="cannot be run in shadow"):
        there.client.shadow(AskShadow(release="0" * 64))
