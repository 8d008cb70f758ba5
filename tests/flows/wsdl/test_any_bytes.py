"""Whatever a contract's bytes are, reading them ends: with operations, or with a sentence."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import flows
from flows.contract_files import contract_operations
from flows.contracts import ContractError

FOLDER = Path(flows.__file__).parent / "library" / "supply-consumption-soap" / "contracts"
WSDL, XSD = (FOLDER / "inventory.wsdl").read_bytes(), (FOLDER / "inventory.xsd").read_bytes()
TOKENS = [
    b'"',
    b"<",
    b">",
    b"/>",
    b"xs:",
    b"inv:",
    b'maxOccurs="unbounded"',
    b'type="inv:Item"',
    b'base="inv:Item"',
    b"&",
    b"\0",
]
edits = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 40), st.sampled_from([*TOKENS, b""])), min_size=1, max_size=4
)


def edited(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, token in changes:
        at = place % len(data)
        data = data[:at] + token + data[at + length :] or b"x"
    return data


def read(files: dict[str, bytes]) -> None:
    try:
        for each in contract_operations("a.wsdl", lambda name: files[name]).values():
            assert each.problem == "" or each.fields is not None
    except ContractError as error:
        assert str(error).endswith(".")


@settings(max_examples=400, deadline=None)
@given(edits, edits)
def test_a_damaged_contract_is_read_or_refused(
    wsdl: list[tuple[int, int, bytes]], xsd: list[tuple[int, int, bytes]]
) -> None:
    read({"a.wsdl": edited(WSDL, wsdl), "inventory.xsd": XSD})
    read({"a.wsdl": WSDL, "inventory.xsd": edited(XSD, xsd)})


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused(data: bytes) -> None:
    read({"a.wsdl": data})


def test_moving_lines_of_a_schema_about_never_ends_in_a_crash() -> None:
    lines = XSD.split(b"\n")
    for number in range(len(lines)):
        for other in range(0, len(lines), 7):
            moved = [*lines[:number], *lines[number + 1 :]]
            moved.insert(other, lines[number])
            read({"a.wsdl": WSDL, "inventory.xsd": b"\n".join(moved)})
