"""Routes of the audit."""

from __future__ import annotations

from flask import Response

from designer import audit_search, chains
from designer.context import caller, here
from designer.http.models import audit as shapes
from designer.http.routes import Noun

api = Noun("audit")


@api.on("GET", "/audit", needs="audit.read", gives=shapes.ChainPage)
def read_audit(query: shapes.AuditQuery) -> shapes.ChainPage:
    """A page of one chain, to the letter, with the hash before it."""
    return chains.page(here(), caller(), query)


@api.on("POST", "/audit/verify", needs="audit.verify", gives=shapes.Verification)
def verify_audit() -> shapes.Verification:
    """Walk all chains and the signed checkpoints."""
    return chains.verify(here(), caller())


@api.on("GET", "/audit/search", needs="audit.read", gives=shapes.FoundEntries)
def search_audit(query: shapes.AuditSearch) -> shapes.FoundEntries:
    """What happened, by kind, person and time, over all chains and the signatures in the store."""
    return audit_search.search(here(), caller(), query)


@api.on("GET", "/audit/export", needs="audit.read", media="application/octet-stream")
def export_audit(query: shapes.AuditExport) -> Response:
    """The same as a file, with numbers and hashes. Taking it away is recorded."""
    return audit_search.export(here(), caller(), query)
