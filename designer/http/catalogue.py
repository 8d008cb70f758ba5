"""Routes of what there is to build with, and of the flows that there are."""

from __future__ import annotations

from flask import Response

from designer import catalogue, inventory, listening
from designer.context import here
from designer.http.models import catalogue as shapes
from designer.http.routes import Noun
from designer.http.svg import picture

api = Noun("catalogue")


@api.on("GET", "/catalogue", needs="catalogue.read", gives=shapes.Catalogue)
def read_catalogue() -> shapes.Catalogue:
    """Node kinds with their forms, and what the environment has."""
    return catalogue.catalogue(here().drawing.around(), listening.used(here()))


@api.on("GET", "/fields", needs="catalogue.read", gives=shapes.Fields)
def find_fields(query: shapes.FieldsQuery) -> shapes.Fields:
    """The field picker: by path or by words of a name."""
    return catalogue.fields(tuple(query.accepts), query.q, query.limit)


@api.on("GET", "/library", needs="catalogue.read", gives=shapes.Library)
def read_library() -> shapes.Library:
    """The shipped flows, to begin from."""
    return catalogue.library(here().drawing.around())


@api.on("GET", "/flows", needs="flow.read", gives=shapes.FlowCards)
def list_flows() -> shapes.FlowCards:
    """Every flow that there is a draft or a release of."""
    return shapes.FlowCards(flows=inventory.cards(here()))


@api.on("GET", "/flows/<id>", needs="flow.read", gives=shapes.FlowPage)
def read_flow(path: shapes.FlowPath) -> shapes.FlowPage:
    """One flow with its versions."""
    return inventory.page(here(), path.id)


@api.on("GET", "/flows/<id>/picture.svg", needs="flow.read", media="image/svg+xml")
def draw_flow(path: shapes.FlowPath) -> Response:
    """The live version, else the draft, as a picture."""
    return picture(inventory.picture(here(), path.id))
