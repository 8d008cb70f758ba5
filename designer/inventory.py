"""The list of flows: drafts, sealed versions and what runs, joined by the id of the flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlmodel import col, select

from designer import draft_pages, draft_rows, operating, releases, versions
from designer.ends import ends
from designer.errors import NotThere
from designer.http.models import catalogue as shapes
from designer.models.drafts import DraftRow
from designer.models.reviews import ReviewRow
from designer.outgoing import Outgoing, of_release
from designer.people import people
from flows.release import Manifest

if TYPE_CHECKING:
    from designer.context import Designer


class Known(NamedTuple):
    """What is known of a flow."""

    id: str
    document: dict[str, Any]
    draft: DraftRow | None
    live: versions.Live | None
    leaves: Outgoing


def cards(designer: Designer) -> tuple[shapes.FlowCard, ...]:
    """Every flow that there is a draft or an activation of, by name."""
    states, counted = operating.states(designer), operating.counters(designer)
    found = [_card(designer, each, states, counted) for each in _known(designer).values()]
    return tuple(sorted(found, key=lambda card: (card.name.casefold(), card.id)))


def page(designer: Designer, flow: str) -> shapes.FlowPage:
    """One flow with its versions."""
    known = _one(designer, flow)
    signed = versions.manifest(designer, known.live.release) if known.live else None
    here = designer.drawing.around().environment.connections
    return shapes.FlowPage(
        ends=ends(known.document, signed.environment["connections"] if signed else here),
        card=_card(designer, known, operating.states(designer), operating.counters(designer)),
        versions=_versions(designer, flow),
        document=known.document,
    )


def picture(designer: Designer, flow: str) -> str:
    """The live version, else the draft, as SVG."""
    return draft_pages.drawn(designer.drawing.analysed(_one(designer, flow).document))


def _versions(designer: Designer, flow: str) -> tuple[shapes.VersionCard, ...]:
    """The sealed versions of a flow, the newest first."""
    called, states = people(designer), operating.states(designer)
    found = [
        _version(designer, name, known, called, states)
        for name in designer.store.releases()
        if (known := versions.manifest(designer, name)) is not None and known.flow["id"] == flow
    ]
    return tuple(sorted(found, key=lambda each: (each.made, each.release), reverse=True))


def _version(
    designer: Designer,
    name: str,
    known: Manifest,
    called: Mapping[str, str],
    states: Mapping[str, shapes.LiveCard] | None,
) -> shapes.VersionCard:
    standing = releases.standing(designer, name, known)
    state: Any = "live" if standing.sequence is not None else "approved" if standing.approved else "sealed"
    if state == "live" and operating.stands_still(states, str(known.flow["id"]), name):
        state = "stopped"
    return shapes.VersionCard(
        release=name,
        state="revoked" if standing.revoked_by is not None else state,
        authors=tuple(called.get(each, each) for each in known.authors),
        made=known.made,
        expires=known.expires,
        sequence=standing.sequence,
    )


def _one(designer: Designer, flow: str) -> Known:
    known = _known(designer).get(flow)
    if known is None:
        raise NotThere("no-flow", f"There is no flow '{flow}'.")
    return known


def _known(designer: Designer) -> dict[str, Known]:
    running = versions.live(designer)
    found: dict[str, Known] = {}
    with designer.database.reading() as session:
        for row in session.exec(select(DraftRow).where(col(DraftRow.done_ms).is_(None))):
            document = draft_rows.newest(session, row).document
            found[row.flow] = Known(
                row.flow, document, row, running.get(row.flow), Outgoing(row.highest_out, row.held_out)
            )
        session.expunge_all()
    for flow, live in running.items():
        manifest = versions.manifest(designer, live.release)
        if manifest is not None:
            draft = found[flow].draft if flow in found else None
            found[flow] = Known(flow, manifest.flow, draft, live, of_release(manifest.lineage))
    return found


def _card(
    designer: Designer,
    known: Known,
    states: dict[str, shapes.LiveCard] | None,
    counted: dict[str, shapes.Counters],
) -> shapes.FlowCard:
    document, draft = known.document, known.draft
    owners = document.get("owners") or {}
    live = _live(known, states)
    return shapes.FlowCard(
        id=known.id,
        name=str(document.get("name", known.id)),
        purpose=str(document.get("purpose", "")),
        criticality=str(document.get("criticality", "normal")),
        owners=shapes.OwnersCard(**{each: owners.get(each) for each in ("business", "technical", "cases")}),
        state=_state(designer, draft, live),
        live=live,
        draft=draft.id if draft else None,
        review=draft.review if draft else None,
        highest_out=known.leaves.bare,
        held_out=known.leaves.held,
        counters=counted.get(known.id) if known.live else None,
        updated=draft.saved_ms if draft else 0,
    )


def _live(known: Known, states: dict[str, shapes.LiveCard] | None) -> shapes.LiveCard | None:
    if known.live is None:
        return None
    if states is None:
        said = "No runtime answers, so nobody knows whether it runs."
        return shapes.LiveCard(release=known.live.release, sequence=known.live.sequence, state="unknown", sentence=said)
    waiting = shapes.LiveCard(
        release=known.live.release, sequence=known.live.sequence, state="starting", sentence="The runtime takes it up."
    )
    found = states.get(known.id, waiting)
    return (
        found if found.release else found.model_copy(update={"release": waiting.release, "sequence": waiting.sequence})
    )


def _state(designer: Designer, draft: DraftRow | None, live: shapes.LiveCard | None) -> shapes.FlowState:
    if live is not None:
        return "stopped" if live.state in ("stopped", "refused") else "live"
    if draft is None or draft.review is None:
        return "draft"
    return "approved" if _approved(designer, draft.review) else "in-review"


def _approved(designer: Designer, review: str) -> bool:
    """Whether everybody signed whose signature the release of a review waits for."""
    with designer.database.reading() as session:
        row = session.get(ReviewRow, review)
    known = versions.manifest(designer, row.release) if row is not None else None
    return row is not None and known is not None and releases.standing(designer, row.release, known).approved
