"""Routes of drafts: read, save, hold the pen, and be told what is found."""

from __future__ import annotations

from flask import Response

from designer import draft_pages, drafts, tables
from designer.context import caller, here
from designer.http.models import drafts as shapes
from designer.http.models.common import PageQuery
from designer.http.routes import Noun
from designer.http.svg import picture

api = Noun("drafts")


@api.on("GET", "/drafts", needs="draft.read", gives=shapes.DraftCards)
def list_drafts() -> shapes.DraftCards:
    """Every draft, the newest first."""
    return shapes.DraftCards(drafts=draft_pages.cards(here()))


@api.on("POST", "/drafts", needs="draft.create", gives=shapes.Draft, status=201)
def create_draft(body: shapes.NewDraft) -> shapes.Draft:
    """A new draft: blank, from a pattern of the library, or from the live version of a flow."""
    return drafts.create(here(), caller(), body)


@api.on("GET", "/drafts/<id>", needs="draft.read", gives=shapes.Draft)
def read_draft(path: shapes.DraftPath) -> shapes.Draft:
    """A draft with its newest document."""
    return draft_pages.read(here(), caller(), path.id)


@api.on("PUT", "/drafts/<id>", needs="draft.edit", gives=shapes.Saved)
def save_draft(path: shapes.DraftPath, body: shapes.SaveDraft) -> shapes.Saved:
    """Save a draft. Refused where somebody else has the pen, or saved since the revision that was edited."""
    return drafts.save(here(), caller(), path.id, body)


@api.on("DELETE", "/drafts/<id>", needs="draft.edit")
def discard_draft(path: shapes.DraftPath) -> None:
    """Throw a draft away. One that waits for review stays."""
    drafts.discard(here(), caller(), path.id)


@api.on("POST", "/drafts/<id>/pen", needs="draft.pen", gives=shapes.PenState)
def hold_pen(path: shapes.DraftPath, body: shapes.PenWish) -> shapes.PenState:
    """Take the pen, keep it, or lay it down. Who has it is told when somebody else asks."""
    return drafts.pen(here(), caller(), path.id, take=body.take)


@api.on("GET", "/drafts/<id>/revisions", needs="draft.read", gives=shapes.Revisions)
def list_revisions(path: shapes.DraftPath, query: PageQuery) -> shapes.Revisions:
    """What was saved, the newest first."""
    return draft_pages.revisions(here(), path.id, query.after, query.limit)


@api.on("GET", "/drafts/<id>/revisions/<number>", needs="draft.read", gives=shapes.RevisionBody)
def read_revision(path: shapes.RevisionPath) -> shapes.RevisionBody:
    """The document of one revision."""
    return draft_pages.revision(here(), path.id, path.number)


@api.on("GET", "/drafts/<id>/analysis", needs="draft.read", gives=shapes.AnalysisBody)
def analyse_draft(path: shapes.DraftPath) -> shapes.AnalysisBody:
    """All that is found in the newest revision."""
    return draft_pages.analysed(here(), path.id)


@api.on("POST", "/drafts/<id>/preview", needs="draft.read", gives=shapes.Previewed)
def preview_edits(path: shapes.DraftPath, body: shapes.Preview) -> shapes.Previewed:
    """What a draft would be after some edits, and what would be found in it. Nothing is stored."""
    return draft_pages.preview(here(), path.id, body)


@api.on("GET", "/drafts/<id>/picture.svg", needs="draft.read", media="image/svg+xml")
def draw_draft(path: shapes.DraftPath) -> Response:
    """The draft as a picture."""
    return picture(draft_pages.picture(here(), path.id))


@api.on("GET", "/drafts/<id>/wires/<begin>/<end>", needs="draft.read", gives=shapes.FieldTable)
def read_wire(path: shapes.WirePath, query: shapes.WireQuery) -> shapes.FieldTable:
    """The fields that a wire carries."""
    return tables.wire(draft_pages.found(here(), path.id), path.begin, path.end, query)


@api.on("GET", "/drafts/<id>/steps/<step>/fields", needs="draft.read", gives=shapes.FieldTable)
def find_step_fields(path: shapes.StepPath, query: shapes.StepFieldsQuery) -> shapes.FieldTable:
    """The fields that come into a step: the field picker of its form."""
    return tables.into(draft_pages.found(here(), path.id), path.step, query)


@api.on("GET", "/drafts/<id>/explain", needs="draft.read", gives=shapes.Explained)
def explain_field(path: shapes.DraftPath, query: shapes.ExplainQuery) -> shapes.Explained:
    """Why a field may, or may not, reach a sink."""
    return tables.explained(draft_pages.found(here(), path.id), query.field, query.sink)
