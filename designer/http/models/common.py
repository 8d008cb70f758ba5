"""What all shapes of the API share: strictness, names and numbers within bounds, and the one shape of an error."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Json = Any
"""A JSON value, parsed strictly before it gets here."""

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Long = Annotated[str, Field(max_length=4000)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Millis = Annotated[int, Field(ge=0)]
"""UTC milliseconds."""
Level = Annotated[int, Field(ge=-1, le=4)]
"""A sensitivity from 0 to 4; -1: nothing is there."""


class ApiModel(BaseModel):
    """Base of all that crosses the wire as JSON. Unknown keys and foreign types are refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
    )


class QueryModel(BaseModel):
    """Base of what stands in an address: text, read as what it means. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class ErrorBody(ApiModel):
    """Every answer that is none: what is wrong, for programs and for the person who must act."""

    error: str
    """A code, such as ``stale-revision``."""
    sentence: str
    pointer: str | None = None
    """JSON pointer into what was sent, where one place is at fault."""
    reference: str | None = None
    """What the log calls a fault of the designer itself."""
    link: str | None = None
    """A page of the designer that has what was looked for."""


class PageQuery(QueryModel):
    """One page of a long list."""

    after: int = Field(default=0, ge=0)
    """So many are left out."""
    limit: int = Field(default=50, ge=1, le=500)
