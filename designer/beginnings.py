"""What a new draft begins from: nothing, a shipped flow, or the version of a flow that is live."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlmodel import Session, col, select

from designer import library, versions
from designer.errors import Conflict, NotThere
from designer.http.models.drafts import FromBlank, FromPattern, NewDraft
from designer.models.drafts import DraftRow
from flows.vocabulary import Purpose

if TYPE_CHECKING:
    from designer.context import Designer


class Beginning(NamedTuple):
    """The first document of a draft. ``base`` is the release that it goes on from."""

    flow: str
    document: dict[str, Any]
    base: str | None
    said: str


def begin(designer: Designer, body: NewDraft) -> Beginning:
    """The beginning that somebody asks for."""
    if isinstance(body.source, FromBlank):
        return _new(body.name, _blank(body.source.purpose), "blank")
    if isinstance(body.source, FromPattern):
        pattern = library.pattern(body.source.pattern)
        return _new(body.name, pattern.document, f"from pattern {pattern.id}")
    flow = body.source.flow
    release = versions.live(designer).get(flow)
    known = released(designer, release.release) if release else None
    if release is None or known is None:
        raise NotThere("not-live", f"No version of '{flow}' is live: go on with its draft, or begin from a pattern.")
    return Beginning(flow, dict(known), release.release, f"from release {release.release[:12]}")


def released(designer: Designer, release: str | None) -> Mapping[str, Any] | None:
    """The flow file inside a release; None where the store has it no longer."""
    known = versions.manifest(designer, release) if release else None
    return known.flow if known else None


def free(designer: Designer, session: Session, wanted: str) -> str:
    """An id that no other flow has: ``wanted``, or with a number behind it."""
    taken = {*session.exec(select(DraftRow.flow)), *versions.flows(designer)}
    number, name = 2, wanted
    while name in taken:
        name, number = f"{wanted[:58]}-{number}", number + 1
    return name


def check_alone(session: Session, flow: str) -> None:
    """Refuses a second draft of a flow."""
    open_ones = select(DraftRow).where(DraftRow.flow == flow, col(DraftRow.done_ms).is_(None))
    if session.exec(open_ones).first() is not None:
        raise Conflict("draft-exists", f"There is a draft of '{flow}' already: go on with that one.")


def slug(name: str) -> str:
    """An id from a name: ``Implant use → ERP`` becomes ``implant-use-erp``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    words = re.findall(r"[a-z0-9]+", plain)
    text = "-".join(words)[:58].strip("-")
    return text if text[:1].isalpha() else f"flow-{text}".strip("-")


def _new(name: str, document: Mapping[str, Any], said: str) -> Beginning:
    flow = slug(name)
    called = unicodedata.normalize("NFC", name)
    return Beginning(flow, {**document, "id": flow, "name": called}, None, said)


def _blank(purpose: Purpose | None) -> dict[str, Any]:
    """A flow of nothing. Where nobody says what it is for, its purpose is the one that permits least."""
    return {
        "format": "lockgate/flow/1",
        "id": "flow",
        "name": "Flow",
        "purpose": str(purpose or Purpose.INTERFACE_MONITORING),
        "owners": {},
        "alerts": [],
        "steps": [],
        "wires": [],
        "notes": [],
        "layout": {},
    }
