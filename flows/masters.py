"""Masters: the contract that a release binds, the rows that stewards sign, and the lookup that both sides share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, ValidationError, field_validator

from flows import canonical
from flows.effects import Nature
from flows.findings import Model
from flows.invisible import Seen
from flows.refusals import pointer, sentence
from flows.vocabulary import Concept, DataClass

Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
_SIMPLE_PATTERN = re.compile(
    r"(?:(?:\[[^\[\]\\]+\]|\\[d.\-]|[A-Za-z0-9 _/+:-])(?:\{\d{1,3}(?:,\d{1,3})?\}|[+*?])?){1,20}"
)
Date = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class ColumnContract(Model):
    """What a looked-up value is. Rows cannot widen this: a row with another column is refused."""

    title: Seen
    """What people read."""
    concept: Concept
    """What it is."""
    classes: tuple[DataClass, ...] = Field(min_length=1)
    """Whose data it is."""
    sensitivity: int = Field(ge=0, le=4)
    """How harmful it is: 0 public to 4 naming somebody."""
    pattern: str | None = None
    """What every value matches whole: a row of characters and ``[classes]``, each with a count; no groups."""

    @field_validator("pattern")
    @classmethod
    def _no_costly_pattern(cls, pattern: str | None) -> str | None:
        if pattern is not None and not _SIMPLE_PATTERN.fullmatch(pattern):
            raise ValueError("a pattern is a row of characters and [classes] with counts, without groups")
        return pattern

    @property
    def nature(self) -> Nature:
        return Nature(self.concept, frozenset(self.classes), self.sensitivity)


class MasterContract(Model):
    """``masters/<id>.json``: bound by a release; its rows are not, they change daily under stewards' signatures."""

    format: Literal["lockgate/master/1"]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
    title: Seen
    """What people read."""
    key: tuple[Column, ...] = Field(min_length=1)
    """Names of the key's parts, in order."""
    columns: Mapping[Column, ColumnContract]
    """What a look-up gives, by name."""
    steward_role: str = "steward"
    """The role of the trust root whose holders sign its rows."""
    threshold: Mapping[Literal["add", "change"], Annotated[int, Field(ge=1)]] = {"add": 1, "change": 2}
    """How many stewards sign a step that only adds rows, and any other one."""


class UnitFactor(Model):
    """One ``unit`` of the item is ``factor`` of its base unit, exactly (a decimal as text)."""

    unit: Seen
    factor: Annotated[str, Field(pattern=r"^\d{1,15}(\.\d{1,12})?$")]
    valid_from: Date | None = None
    valid_to: Date | None = None
    """First day on which it no longer holds."""


class Row(Model):
    """One row. A key may stand in several rows whose times do not overlap."""

    key: tuple[Seen, ...]
    """Its parts, in the contract's order."""
    values: Mapping[Column, Seen]
    """A value for each column of the contract."""
    valid_from: Date | None = None
    valid_to: Date | None = None
    """First day on which it no longer holds."""
    status: Literal["active", "retired"] = "active"
    superseded_by: tuple[Seen, ...] | None = None
    """The key that took this one's place; followed at most 8 times."""
    unit: Seen | None = None
    """The unit that this code denotes (the GTIN of a case); None: the base unit."""
    base_unit: Seen | None = None
    """The unit in which the item is kept."""
    units: tuple[UnitFactor, ...] = ()
    """Further units of the item."""


class Snapshot(Model):
    """One signed step of a master: what it adds, changes and retires over the one before.

    Its digest names the one before, so the newest digest stands for every row. The first (``sequence`` 1, ``previous``
    None) takes two stewards; later ones one where rows are only added at free times of a key, else two.
    """

    format: Literal["lockgate/snapshot/1"]
    master: str
    contract: str
    """SHA-256 (hex) of the contract's canonical bytes."""
    sequence: int = Field(ge=1)
    previous: str | None
    add: tuple[Row, ...] = ()
    change: tuple[Row, ...] = ()
    """Rows that take the place of the row with the same key and ``valid_from``."""
    retire: tuple[tuple[tuple[str, ...], Date], ...] = ()
    """(key, first day on which it no longer holds)."""


class MasterRow(NamedTuple):
    """A row as a lookup gives it: its values by column, its units, and the codes that led here by their successors."""

    values: Mapping[str, str]
    unit: str | None = None
    base_unit: str | None = None
    superseded_codes: tuple[tuple[str, ...], ...] = ()


class RowRefused(ValueError):
    """A snapshot that does not fit its contract or what came before. The sentence names the key's place, no value."""


def contract_digest(contract: MasterContract) -> str:
    """SHA-256 of the contract's canonical bytes: what a snapshot and a manifest name."""
    return canonical.sha256_hex(canonical.dumps(contract.model_dump(mode="json")))


def read_snapshot(data: bytes) -> Snapshot:
    """The snapshot in ``data``, which must be its canonical bytes; RowRefused otherwise."""
    try:
        return Snapshot.model_validate(canonical.load_canonical(data, limit=64 << 20))
    except (canonical.NotCanonical, ValueError) as error:
        raise RowRefused(f"This is no snapshot of a master: {_first_line(error)}") from None


def read_by_row(data: bytes) -> tuple[Snapshot, Iterator[Row]]:
    """As ``read_snapshot``, with the added rows one after the other: all of a first snapshot's take much memory."""
    try:
        document = canonical.load_canonical(data, limit=64 << 20)
        added = document.pop("add") if isinstance(document, dict) and isinstance(document.get("add"), list) else []
        return Snapshot.model_validate(document), _rows(added)
    except (canonical.NotCanonical, ValueError) as error:
        raise RowRefused(f"This is no snapshot of a master: {_first_line(error)}") from None


def _rows(documents: list[Any]) -> Iterator[Row]:
    documents.reverse()
    number = 0
    while documents:
        number += 1
        try:
            yield Row.model_validate(documents.pop())
        except ValidationError as error:
            raise RowRefused(f"This is no snapshot of a master: added row {number}, {_first_line(error)}") from None


def write_snapshot(snapshot: Snapshot) -> bytes:
    """Its canonical bytes."""
    return canonical.dumps(snapshot.model_dump(mode="json"))


def stewards_needed(snapshot: Snapshot, contract: MasterContract) -> int:
    """How many stewards must sign: the first snapshot and every change or retirement take the higher number."""
    grows_only = snapshot.previous is not None and not snapshot.change and not snapshot.retire
    return contract.threshold.get("add", 1) if grows_only else contract.threshold.get("change", 2)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"at {pointer(first['loc']) or '/'}: {sentence(first)}"
    return str(error).splitlines()[0][:200]
