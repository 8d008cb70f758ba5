"""Shapes of masters: their rows, what is missing in them, and changes that wait for stewards."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from designer.http.models.common import ApiModel, Id, Level, Millis, QueryModel
from flows.masters import Date

Part = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[tuple[Part, ...], Field(min_length=1, max_length=16)]
Reason = Annotated[str, Field(min_length=3, max_length=500)]
Status = Literal["active", "retired"]


class MasterColumn(ApiModel):
    name: str
    title: str
    concept: str
    sensitivity: Level
    pattern: str | None


class NamedRow(ApiModel):
    """A row of a step, by its key alone."""

    act: Literal["adds", "changes", "retires"]
    key: tuple[str, ...]
    person: str
    """The name of whoever prepared it; "" where it was made elsewhere."""


class Signers(ApiModel):
    """A step and who has signed it, by name."""

    sequence: int
    digest: str
    signed: tuple[str, ...]
    needed: int
    in_force: bool
    since: Millis | None
    """When the signature came with which it counts, as its signer said it."""
    mine: bool
    """It waits for a signature, and whoever asks may give it and has not."""
    adds: int
    changes: int
    retires: int
    person: str
    """The names of those who prepared it; "" where it was made elsewhere."""
    reason: str
    at: Millis | None
    rows: tuple[NamedRow, ...]
    """The first of its rows."""
    link: str
    """Where stewards sign."""


class MasterPage(ApiModel):
    id: str
    title: str
    loaded: bool
    sentence: str
    key: tuple[str, ...]
    columns: tuple[MasterColumn, ...]
    steward_role: str
    add_needs: int
    change_needs: int
    rows: int
    sequence: int
    taken: int | None
    """The newest step that the runtime has taken; null where none answers."""
    pending: Signers | None
    """A step that lacks signatures."""
    unmapped: int
    """Causes that would end with a row here."""
    used_by: tuple[str, ...]
    """Flows whose live version looks into it."""
    units: tuple[str, ...]
    """Units that its rows know, the first of them."""


class MasterList(ApiModel):
    masters: tuple[MasterPage, ...]


class UnitRow(ApiModel):
    unit: str
    factor: str
    valid_from: str | None
    valid_to: str | None
    """First day on which it no longer holds."""


class MasterRow(ApiModel):
    """A row with all that a steward signed in it: what is changed is sent back whole."""

    key: tuple[str, ...]
    values: dict[str, str]
    valid_from: str | None
    valid_to: str | None
    """First day on which it no longer holds."""
    status: Status
    superseded_by: tuple[str, ...] | None
    unit: str | None
    base_unit: str | None
    units: tuple[UnitRow, ...]
    holds: bool
    """It counts today."""


class Rows(ApiModel):
    page: MasterPage
    rows: tuple[MasterRow, ...]
    total: int
    steps: tuple[Signers, ...]
    """What was signed, the newest first."""


class ChangedRow(ApiModel):
    """A row of a step, before and after it."""

    act: Literal["adds", "changes", "retires"]
    key: tuple[str, ...]
    before: MasterRow | None
    after: MasterRow | None
    person: str
    """The name of whoever prepared it; "" where it was made elsewhere."""


class StepPage(ApiModel):
    step: Signers
    rows: tuple[ChangedRow, ...]
    more: int
    """So many rows are not shown."""


class MasterPath(QueryModel):
    id: Id


class StepPath(QueryModel):
    id: Id
    sequence: Annotated[int, Field(ge=1)]


class RowsQuery(QueryModel):
    q: Annotated[str, Field(max_length=100)] = ""
    """Part of a key or of a value."""
    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class Suggestion(ApiModel):
    """A row whose code is near the one that is missing."""

    key: tuple[str, ...]
    values: dict[str, str]
    unit: str | None
    base_unit: str | None
    units: tuple[UnitRow, ...]
    likeness: int
    """Per cent."""


class Unmapped(ApiModel):
    """A key that traffic brought and the master lacks."""

    group: str
    cause: str
    key: tuple[str, ...]
    """Empty: not shown, for what stands there may be more than operational data."""
    unit: str
    """For a missing conversion."""
    row: MasterRow | None
    """The key's row on the day of its newest line, or the nearest before it: a missing conversion is a change of it."""
    added: int | None
    """The step in force that brought what was missing: its lines wait for a replay alone."""
    flows: tuple[str, ...]
    cases: int
    lines: int
    first: Millis
    last: Millis
    suggestions: tuple[Suggestion, ...]


class UnmappedKeys(ApiModel):
    keys: tuple[Unmapped, ...]
    hidden: int
    """Causes whose key is not shown to the one who asks, or to anybody."""
    sentence: str


class UnitGiven(ApiModel):
    unit: Annotated[str, Field(min_length=1, max_length=20)]
    factor: Annotated[str, Field(pattern=r"^\d{1,15}(\.\d{1,12})?$")]
    valid_from: Date | None = None
    valid_to: Date | None = None


class RowGiven(ApiModel):
    """A row as a steward writes it."""

    key: Key
    values: dict[str, Annotated[str, Field(max_length=200)]]
    valid_from: Date | None = None
    valid_to: Date | None = None
    status: Status = "active"
    superseded_by: Key | None = None
    unit: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    base_unit: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    units: Annotated[tuple[UnitGiven, ...], Field(max_length=50)] = ()


class RetireGiven(ApiModel):
    key: Key
    day: Date
    """First day on which it no longer holds."""


class MasterChange(ApiModel):
    """One step: what it adds, changes and retires. It counts once stewards have signed it."""

    add: Annotated[tuple[RowGiven, ...], Field(max_length=1000)] = ()
    change: Annotated[tuple[RowGiven, ...], Field(max_length=1000)] = ()
    retire: Annotated[tuple[RetireGiven, ...], Field(max_length=1000)] = ()
    reason: Reason

    @model_validator(mode="after")
    def _something(self) -> MasterChange:
        if not (self.add or self.change or self.retire):
            raise ValueError("a change adds, changes or retires at least one row")
        return self


class Prepared(ApiModel):
    """A change that stewards may sign now."""

    step: Signers
    releases: int
    """So many held lines wait for a key that it adds."""
    sentence: str


class TakeBack(ApiModel):
    """A step that waits, and why it shall not come into force."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reason: Reason


class TakenBack(ApiModel):
    sentence: str
