"""Routes of masters."""

from __future__ import annotations

from designer import master_steps, masters, preparing
from designer.context import caller, here
from designer.http.models import masters as shapes
from designer.http.routes import Noun

api = Noun("masters")


@api.on("GET", "/masters", needs="master.read", gives=shapes.MasterList)
def list_masters() -> shapes.MasterList:
    """The masters of the environment."""
    return masters.listed(here(), caller())


@api.on("GET", "/masters/<id>", needs="master.read", gives=shapes.Rows)
def read_master(path: shapes.MasterPath, query: shapes.RowsQuery) -> shapes.Rows:
    """The rows of a master, as far as enough stewards signed them."""
    return masters.rows(here(), caller(), path.id, query)


@api.on("GET", "/masters/<id>/unmapped", needs="master.read", gives=shapes.UnmappedKeys)
def list_unmapped(path: shapes.MasterPath) -> shapes.UnmappedKeys:
    """Keys that traffic brought and the master lacks."""
    return masters.unmapped(here(), caller(), path.id)


@api.on("GET", "/masters/<id>/steps/<sequence>", needs="master.read", gives=shapes.StepPage)
def read_step(path: shapes.StepPath) -> shapes.StepPage:
    """One step of a master with its rows, each before and after it."""
    return master_steps.page(here(), caller(), path.id, path.sequence)


@api.on("POST", "/masters/<id>/changes", needs="master.change", gives=shapes.Prepared, status=201)
def prepare_change(path: shapes.MasterPath, body: shapes.MasterChange) -> shapes.Prepared:
    """Prepare a change for stewards to sign on the desk. Until then it counts for nothing.

    Where a change waits without a signature, this one joins it; a row that contradicts one there is refused."""
    return preparing.prepare(here(), caller(), path.id, body)


@api.on("POST", "/masters/<id>/changes/take-back", needs="master.take-back", gives=shapes.TakenBack)
def take_back_change(path: shapes.MasterPath, body: shapes.TakeBack) -> shapes.TakenBack:
    """Take back the step that waits. Signatures that it has count no more."""
    return preparing.withdraw(here(), caller(), path.id, body)
