"""Releases that were set aside: an approver asked for changes, or an author withdrew. One small file each in the store.

It is no signed statement and proves nothing: it hinders. Whoever may write into the store can put it there or take it
away; after that it still takes the signatures that it took before. So it stops what is about to be signed or begun, and
never what runs: that takes a signed revocation.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from pydantic import Field, field_validator

from flows.canonical import dumps
from flows.findings import Model
from flows.instants import Instant
from flows.trust import Reason, refuse
from flows.trust.envelope import Hex
from flows.trust.statement import Id
from runtime import unsigned
from runtime.store import NotInStore, ReleaseStore
from runtime.unsigned import Unreadable

MOST_WORDS = 2_000
MOST_BYTES = 16 << 10
"""Room for as many words in any script."""
_JOINERS = "\u200c\u200d"
"""Not printable, but scripts and signs are put together with them."""
_SHOWN = 300


class Objection(Model):
    """Who set a release aside, when, and in which words."""

    format: Literal["lockgate/objection/1"] = "lockgate/objection/1"
    release: Hex
    how: Literal["returned", "withdrawn", "unreadable"]
    """``unreadable`` stands in no file: something lies there that says nothing."""
    person: Id
    at: Instant
    words: Annotated[str, Field(max_length=MOST_WORDS)]
    review: Annotated[str, Field(pattern=r"^r[0-9a-f]{16}$")] | None = None

    @field_validator("words")
    @classmethod
    def _text_alone(cls, words: str) -> str:
        if words != _plain(words):
            raise ValueError("the words of an objection are text and ends of lines")
        return words


def made(
    release: str, how: Literal["returned", "withdrawn"], person: str, at: str, words: str, review: str | None = None
) -> Objection:
    """An objection, its words without anything that steers a terminal or a page, and no longer than is kept."""
    return Objection(release=release, how=how, person=person, at=at, words=_plain(words)[:MOST_WORDS], review=review)


def put(store: ReleaseStore, objection: Objection) -> None:
    """Sets a release aside."""
    store.put_objection(objection.release, dumps(objection.model_dump(mode="json")))


def take_away(store: ReleaseStore, release: str) -> None:
    """Takes it up again; nothing where it was not set aside."""
    store.remove_objection(release)


def read(store: ReleaseStore, release: str) -> Objection | None:
    """The objection to a release; None where there is none. What cannot be read sets it aside all the same."""
    try:
        found = unsigned.read(Objection, partial(store.objection, release), MOST_BYTES)
    except NotInStore:
        return None
    except Unreadable:
        return _unreadable(release)
    return found if found.release == release and found.how != "unreadable" else _unreadable(release)


def _unreadable(release: str) -> Objection:
    return Objection.model_construct(
        format="lockgate/objection/1",
        release=release,
        how="unreadable",
        person="",
        at="",
        words=f"objections/{release}",
        review=None,
    )


def check_not_set_aside(store: ReleaseStore, release: str) -> None:
    """Refuses what was sent back or withdrawn."""
    found = read(store, release)
    if found is not None:
        refuse(Reason.SET_ASIDE, sentence(found))


def sentence(found: Objection, *, quoted: bool = True) -> str:
    """What happened, and what to do; without what the person wrote where that is not ``quoted``, as in a log."""
    if found.how == "unreadable":
        return (
            f"Somebody set this release aside, but '{found.words}' in the release store cannot be read: nothing is"
            " signed for it. Ask who wrote it, then remove that file, or hand the draft in again."
        )
    did = "sent it back" if found.how == "returned" else "withdrew it"
    return (
        f"This release is set aside, and nothing is signed for it: '{found.person}' {did} at {found.at}"
        f"{_quoted(found.words) if quoted else '.'} Its authors change the draft, or answer, and hand it in again."
    )


def _quoted(said: str) -> str:
    words = " ".join(said.split())
    if not words:
        return "."
    shown = f": {words[:_SHOWN]}{' …' if len(words) > _SHOWN else ''}"
    return shown if shown.endswith((".", "!", "?", "…")) else f"{shown}."


def _plain(words: str) -> str:
    return "".join(each if each.isprintable() or each == "\n" or each in _JOINERS else " " for each in words)
