"""Routes of the audit."""

from __future__ import annotations

from designer import chains
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
