"""The list of releases, and the download of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Response
from sqlmodel import select

from designer import operating, releases, signatures, versions
from designer.http.models import reviews as shapes
from designer.http.models.catalogue import LiveCard
from designer.models.reviews import ReviewRow
from designer.operating import stands_still
from designer.outgoing import of_release
from designer.people import people
from designer.releases import Standing

if TYPE_CHECKING:
    from designer.context import Designer

_ACTS = {
    "release.sealed": "sealed",
    "release.approved": "approved",
    "release.signed-on": "activated",
    "release.revoked": "revoked",
}


def cards(designer: Designer, flow: str | None) -> shapes.ReleaseCards:
    """Every release that the store holds, of one flow or of all, the newest first."""
    with designer.database.reading() as session:
        reviewed = {row.release: row.id for row in session.exec(select(ReviewRow))}
    called, states = people(designer), operating.states(designer)
    found = [
        _card(designer, name, reviewed.get(name), called, states)
        for name in designer.store.releases()
        if (known := versions.manifest(designer, name)) is not None and flow in (None, known.flow["id"])
    ]
    return shapes.ReleaseCards(releases=tuple(sorted(found, key=lambda each: (each.made, each.release), reverse=True)))


def download(designer: Designer, release: str) -> Response:
    """The bundle as a file."""
    answer = Response(releases.bundle(designer, release), mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{release[:12]}.bundle"'
    return answer


def _card(
    designer: Designer,
    release: str,
    review: str | None,
    called: Mapping[str, str],
    states: Mapping[str, LiveCard] | None,
) -> shapes.ReleaseCard:
    known = releases.manifest_of(designer, release)
    standing = releases.standing(designer, release, known)
    leaves = of_release(known.lineage)
    return shapes.ReleaseCard.model_validate(
        {
            "release": release,
            "flow": str(known.flow["id"]),
            "name": str(known.flow["name"]),
            "state": _state(standing, stands_still(states, str(known.flow["id"]), release)),
            "authors": tuple(called.get(each, each) for each in known.authors),
            "approvers": tuple(sorted(called.get(each.person, each.person) for each in standing.approvals)),
            "activator": called.get(standing.activator, standing.activator) if standing.activator else None,
            "sequence": standing.sequence,
            "made": known.made,
            "expires": known.expires,
            "highest_out": leaves.bare,
            "held_out": leaves.held,
            "review": review,
            "desk": f"{designer.settings.desk}/release/{release}",
            "signatures": tuple(_signed(each, called) for each in signatures.of_release(designer, release)),
        }
    )


def _signed(each: signatures.Signed, called: Mapping[str, str]) -> shapes.SignedBody:
    return shapes.SignedBody.model_validate(
        {
            "act": _ACTS[each.action],
            "person": called.get(each.person, each.person),
            "at": each.at_ms,
            "sequence": each.sequence,
            "why": each.why,
        }
    )


def _state(standing: Standing, stands_still: bool) -> str:
    if standing.revoked_by is not None:
        return "revoked"
    if standing.sequence is not None:
        return "stopped" if stands_still else "live"
    if standing.aside:
        return "set-aside"
    return "approved" if standing.approved else "sealed"
