"""Shapes in the addresses of people."""

from __future__ import annotations

from designer.http.models.common import Id, QueryModel


class PersonPath(QueryModel):
    person: Id
