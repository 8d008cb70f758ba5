"""Routes of masters."""

from __future__ import annotations

from designer import masters
from designer.context import caller, here
from designer.http.models import masters as shapes
from designer.http.routes import Noun

api = Noun("masters")


@api.on("GET", "/masters", needs="master.read", gives=shapes.MasterList)
def list_masters() -> shapes.MasterList:
    """The masters of the environment."""
    return masters.listed(here())


@api.on("GET", "/masters/<id>", needs="master.read", gives=shapes.Rows)
def read_master(path: shapes.MasterPath, query: shapes.RowsQuery) -> shapes.Rows:
    """The rows of a master, as far as enough stewards signed them."""
    return masters.rows(here(), path.id, query)


@api.on("GET", "/masters/<id>/unmapped", needs="master.read", gives=shapes.UnmappedKeys)
def list_unmapped(path: shapes.MasterPath) -> shapes.UnmappedKeys:
    """Keys that traffic brought and the master lacks."""
    return masters.unmapped(here(), caller(), path.id)


@api.on("POST", "/masters/<id>/changes", needs="master.change", gives=shapes.Prepared, status=201)
def prepare_change(path: shapes.MasterPath, body: shapes.MasterChange) -> shapes.Prepared:
    """Prepare a change for stewards to sign on the desk. Until then it counts for nothing."""
    return masters.prepare(here(), caller(), path.id, body)
