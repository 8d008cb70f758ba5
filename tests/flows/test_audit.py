"""A change, a removal, an insertion or a swap anywhere in an audit chain is seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import audit

Row = tuple[int, int, bytes, bytes]


def chain_of(sizes: list[int]) -> list[Row]:
    rows: list[Row] = []
    head, seq = audit.GENESIS, 1
    for size in sizes:
        lines = [
            audit.encode({"seq": seq + n, "at": 1_000 + seq + n, "writer": "intake", "action": "message.accepted"})
            for n in range(size)
        ]
        for line in lines:
            head = audit.chain(head, line)
        rows.append((seq, size, b"\n".join(lines), head))
        seq += size
    return rows


def test_an_untouched_chain_holds() -> None:
    rows = chain_of([1, 3, 2])
    assert audit.verify("intake", rows) == (6, rows[-1][3], None)


@given(st.data())
def test_any_flipped_byte_breaks_the_chain_at_or_before_its_record(data: st.DataObject) -> None:
    rows = chain_of([2, 3, 1])
    which = data.draw(st.integers(0, 2))
    first, count, records, head = rows[which]
    place = data.draw(st.integers(0, len(records) - 1))
    flipped = bytearray(records)
    flipped[place] ^= data.draw(st.integers(1, 255))
    rows[which] = (first, count, bytes(flipped), head)
    held, _, broken = audit.verify("intake", rows)
    assert broken is not None
    assert held == first - 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: rows[1:],
        lambda rows: [rows[0], rows[2]],
        lambda rows: [rows[1], rows[0], rows[2]],
        lambda rows: [rows[0], *rows],
    ],
    ids=["first removed", "middle removed", "swapped", "doubled"],
)
def test_rows_removed_swapped_or_doubled_are_seen(spoil) -> None:  # type: ignore[no-untyped-def]
    assert audit.verify("intake", spoil(chain_of([1, 2, 1])))[2] is not None


def test_a_cut_tail_is_seen_by_the_head_that_a_checkpoint_names() -> None:
    rows = chain_of([1, 2, 1])
    held, head, broken = audit.verify("intake", rows[:2])
    assert (held, broken) == (3, None)
    assert head != rows[-1][3]


def test_a_record_cannot_have_a_member_that_nobody_allowed() -> None:
    with pytest.raises(audit.AuditError, match="patient"):
        audit.encode({"seq": 1, "at": 0, "writer": "intake", "action": "message.accepted", "patient": "x"})
