"""SFTP: the same postings are the same file under the same name, and nothing in it runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flows.csv_contract import CsvContract, NotCsvContract, csv_operation, read_csv_contract
from nodes.contract import Example
from nodes.sink import Answer, Settled
from nodes.sinks.sftp import Sftp, SftpConfig
from nodes.stop import Stop
from nodes.testing import node_of, record_of

CONTRACT: dict[str, Any] = {
    "format": "lockgate/csv/1",
    "operation": "uses",
    "title": "Uses",
    "delimiter": ";",
    "columns": [
        {"name": "Movement", "fixed": "201"},
        {"name": "Material", "field": "material", "max_length": 20},
        {"name": "Quantity", "field": "quantity", "type": "decimal"},
        {"name": "Remark", "field": "remark", "required": False},
        {"name": "Reference", "value": "posting-key"},
    ],
}
KEYS = ("a1" * 32, "b2" * 32)


def sink(config: dict[str, Any] | None = None, **differs: Any) -> Sftp:
    data = json.dumps({**CONTRACT, **differs}).encode()
    operation = csv_operation("uses.json", data)._asdict()
    asked = Example("", {"operation": "uses", **(config or {})}, {}, operations={"uses": operation})
    node = node_of(Sftp, asked)
    assert isinstance(node, Sftp)
    return node


def body(node: Sftp, **fields: Any) -> bytes:
    return node.request(record_of(fields)).body


def rows(content: bytes, delimiter: str = ";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))


def test_a_file_has_the_columns_of_its_contract_in_their_order() -> None:
    node = sink()
    first, second = body(node, material="M-1", quantity="2.50", remark="a;b"), body(node, material="M-2", quantity="-3")
    file = node.file([(KEYS[0], first), (KEYS[1], second)])
    assert file.content.endswith(b"\r\n")
    assert rows(file.content) == [
        ["Movement", "Material", "Quantity", "Remark", "Reference"],
        ["201", "M-1", "2.50", "a;b", KEYS[0]],
        ["201", "M-2", "-3", "", KEYS[1]],
    ]


def test_the_dialect_is_the_contracts() -> None:
    node = sink(delimiter="\t", quoting="all", header=False, line_end="lf")
    file = node.file([(KEYS[0], body(node, material="M-1", quantity="2"))])
    assert file.content == f'"201"\t"M-1"\t"2"\t""\t"{KEYS[0]}"\n'.encode()


def test_the_same_postings_are_the_same_bytes_under_the_same_name() -> None:
    node = sink({"name": "uses-{batch}.csv"})
    postings = [(key, body(node, material="M-1", quantity="2")) for key in KEYS]
    assert node.file(postings) == node.file(list(postings))
    assert node.file(postings).name != node.file(postings[:1]).name != node.file(postings[::-1]).name
    assert node.file(postings).name.startswith("uses-") and len(node.file(postings).name) == len("uses-.csv") + 24


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "|cmd", "%0A"])
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(text: str) -> None:
    node = sink()
    [_, line] = rows(node.file([(KEYS[0], body(node, material="M-1", quantity="2", remark=text))]).content)
    assert line[3] == f"'{text}"


def test_a_contract_may_say_that_nothing_is_escaped() -> None:
    node = sink(escape_formulas=False)
    [_, line] = rows(node.file([(KEYS[0], body(node, material="M-1", quantity="2", remark="=1"))]).content)
    assert line[3] == "=1"


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=50))
def test_what_stands_in_a_cell_is_read_back(text: str) -> None:
    node = sink()
    content = node.file([(KEYS[0], body(node, material="M-1", quantity="2", remark=text))]).content
    assert rows(content)[1][3].removeprefix("'") == text.removeprefix("'")
    assert len(rows(content)) == 2


@pytest.mark.parametrize("sign", ["\n", "\r", "\x00", "\x1b", "\x7f"])
def test_a_line_break_or_a_control_sign_is_held(sign: str) -> None:
    with pytest.raises(Stop) as stopped:
        body(sink(), material=f"M{sign}1", quantity="2")
    assert (stopped.value.reason, stopped.value.place) == ("contract", "material")


@pytest.mark.parametrize(
    "name", ["x.csv", "{batch}/x", "../{batch}", ".{batch}", "{batch}{batch}", "a b{batch}", "{batch}\n"]
)
def test_a_name_is_a_plain_name_with_its_batch(name: str) -> None:
    with pytest.raises(ValidationError):
        SftpConfig(operation="uses", name=name)


@pytest.mark.parametrize(
    ("outcome", "how", "reason"),
    [
        ("stored", Settled.DELIVERED, ""),
        ("there-already", Settled.DELIVERED, ""),
        ("disk-full", Settled.RETRY, "disk-full"),
        ("host-key-changed", Settled.PARK, "host-key-changed"),
        ("target-is-link", Settled.PARK, "target-is-link"),
        ("rename-refused", Settled.PARK, "rename-refused"),
        ("uncertain", Settled.PARK, "uncertain"),
        ("something new", Settled.PARK, "wrong-answer"),
    ],
)
def test_what_the_transport_came_to_has_one_meaning(outcome: str, how: Settled, reason: str) -> None:
    meaning = sink().classify(Answer(0, {}, json.dumps({"outcome": outcome}).encode()), KEYS[0], 0)
    assert (meaning.how, meaning.reason) == (how, reason)


def test_postings_go_together_as_the_config_says() -> None:
    batch = sink({"batch": {"count": 20, "age_s": 3}}).batch
    assert (batch.most, batch.age_s) == (20, 3)


def refused(change: Any) -> str:
    with pytest.raises(NotCsvContract) as error:
        read_csv_contract(json.dumps({**CONTRACT, **change}).encode())
    return str(error.value)


def test_a_contract_says_what_is_wrong_with_it() -> None:
    assert "at /delimiter" in refused({"delimiter": "x"})
    assert "exactly one" in refused({"columns": [{"name": "A", "field": "a", "fixed": "b"}]})
    assert "stands once" in refused({"columns": [{"name": "A", "field": "a"}, {"name": "A", "field": "b"}]})
    assert "comes from a field" in refused({"columns": [{"name": "A", "fixed": "a"}]})
    assert "not known here" in refused({"encoding": "latin-1"})
    assert isinstance(read_csv_contract(json.dumps(CONTRACT).encode()), CsvContract)
