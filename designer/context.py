"""What a running designer is made of, and who is asking: the two things that every view needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

from flask import current_app, g

from flows.trust import Role

if TYPE_CHECKING:
    from designer.accounts import Strangers
    from designer.database import Database
    from designer.drawing import Drawing
    from designer.live import Live
    from designer.master_book import Books
    from designer.pens import Pens
    from designer.rehearsals import Rehearsals
    from designer.rights import Rights
    from designer.sealing import Sealing
    from designer.sessions import Seen
    from designer.settings import Settings
    from designer.trusted import Trusted
    from runtime.api import RuntimeClient
    from runtime.store import ReleaseStore
    from runtime.world import Clock, Randomness

NAME = "lockgate"


class Caller(NamedTuple):
    """Somebody who is signed in, with one browser; ``tab`` is what this tab of it calls itself."""

    person: str
    name: str
    roles: tuple[Role, ...]
    session: str
    tab: str = ""


@dataclass(frozen=True, slots=True)
class Designer:
    """One installation at work."""

    settings: Settings
    clock: Clock
    randomness: Randomness
    database: Database
    rights: Rights
    trusted: Trusted
    drawing: Drawing
    books: Books
    live: Live
    strangers: Strangers
    seen: Seen
    pens: Pens
    rehearsals: Rehearsals
    sealing: Sealing
    store: ReleaseStore
    runtime: RuntimeClient

    @property
    def demo(self) -> bool:
        """Whether the trust root is a demo's."""
        return self.trusted.demo


def here() -> Designer:
    """The designer that answers this request."""
    return cast(Designer, current_app.extensions[NAME])


def caller() -> Caller:
    """Who asks. Only for routes that need a person: the guard has let nobody else in."""
    return cast(Caller, g.caller)
