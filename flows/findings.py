"""One shape for everything a check has to say: a sentence with an address, a reason and fixes as edit operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

Json = Any  # a JSON value; parsed strictly by flows.canonical before it gets here


class Model(BaseModel):
    """Frozen, strict about keys. Every model of the kernel is one of these."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
        json_schema_serialization_defaults_required=True,
    )


class Sparse(Model):
    """A model that does not write members which say nothing: what was signed before they came keeps its bytes."""

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, Json]:
        silent = {name for name, field in type(self).model_fields.items() if field.default in (None, ())}
        return {name: value for name, value in write(self).items() if value or name not in silent}


class Severity(StrEnum):
    """``hard`` blocks sealing; ``soft`` can be waived inside the signature; ``advisory`` informs."""

    HARD = "hard"
    SOFT = "soft"
    ADVISORY = "advisory"


class Hop(Model):
    """One station of a witness path: the field as it is called when it leaves this step."""

    step: str
    field: str


class Address(Model):
    """Where a finding points. All parts optional: a whole-flow rule has none."""

    pointer: str | None = None
    """JSON pointer (RFC 6901) into the flow file."""
    step: str | None = None
    port: str | None = None
    wire: tuple[str, str] | None = None
    """``("from-step.port", "to-step.port")``."""
    field: str | None = None
    """Schema path of the origin field, for example ``PID-3.1``."""
    sink: str | None = None
    path: tuple[Hop, ...] = ()
    """From the source to the sink, step by step."""


class AddStep(Model):
    op: Literal["add-step"] = "add-step"
    step: Mapping[str, Json]
    wire: tuple[str, str]
    """The wire it is put on: that wire is replaced by two."""


class RemoveStep(Model):
    op: Literal["remove-step"] = "remove-step"
    step: str
    """Its neighbours are wired together."""


class SetConfig(Model):
    op: Literal["set-config"] = "set-config"
    step: str
    pointer: str
    """JSON pointer into the step's config; ``-`` as last part appends to a list."""
    value: Json


class RemoveConfig(Model):
    op: Literal["remove-config"] = "remove-config"
    step: str
    pointer: str


class SetFlow(Model):
    op: Literal["set-flow"] = "set-flow"
    pointer: str
    value: Json


class RemoveFlow(Model):
    op: Literal["remove-flow"] = "remove-flow"
    pointer: str


class AddWire(Model):
    op: Literal["add-wire"] = "add-wire"
    wire: tuple[str, str]


class RemoveWire(Model):
    op: Literal["remove-wire"] = "remove-wire"
    wire: tuple[str, str]


class SetConnection(Model):
    """Changes the environment, not the flow: shown to the analyst, carried out by the connection's owner."""

    op: Literal["set-connection"] = "set-connection"
    connection: str
    pointer: str
    value: Json


Edit = Annotated[
    AddStep | RemoveStep | SetConfig | RemoveConfig | SetFlow | RemoveFlow | AddWire | RemoveWire | SetConnection,
    Field(discriminator="op"),
]


class Fix(Model):
    """A way out that the canvas can preview, apply and undo."""

    title: str
    edits: tuple[Edit, ...]
    costs: str = ""
    """What is lost or weakened by it; empty where nothing is. Such a fix never stands before one without."""


class Finding(Model):
    """What a check found. ``sentence`` stands alone: who, what, where, and how it gets out."""

    rule: str
    severity: Severity
    sentence: str
    address: Address = Address()
    why: str = ""
    fixes: tuple[Fix, ...] = ()


def harmless_first(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """The fixes in their order, those that lose or weaken something behind the others."""
    return tuple(sorted(fixes, key=lambda fix: bool(fix.costs)))


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that forbid sealing."""
    return tuple(f for f in findings if f.severity is Severity.HARD)
