"""What stands at a path of a record: the three states that expressions and nodes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum


class Absent(StrEnum):
    """The two states of a field that are no value. ``NULL`` is HL7's ``""``: somebody emptied it on purpose."""

    ABSENT = "absent"
    NULL = "null"


ABSENT, NULL = Absent.ABSENT, Absent.NULL

Value = str | bool | Absent | Sequence["Value"] | Mapping[str, "Value"]
"""What stands at a path. Decimals are strings: a float never exists on a wire."""
