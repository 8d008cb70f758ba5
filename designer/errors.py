"""What the designer refuses, for the person who must act.

DesignerError
├── NotSignedIn      401  nobody is signed in, or no longer
├── NotAllowed       403  a right is missing
├── NotThere         404  nothing of that name, or nothing that this person may see
├── Conflict         409  somebody else was there first: a stale revision, a pen that is held
├── Gone             410  it was there, and is not any more
├── TooLarge         413  larger than is taken
├── Unfit            422  what was sent does not fit
├── TooMany          429  too many tries: wait
└── NotReady         503  something that this needs does not answer
"""

from __future__ import annotations


class DesignerError(Exception):
    """A refusal: a code for programs, a sentence for people, and the place in what was sent."""

    status = 400

    def __init__(self, code: str, sentence: str, pointer: str | None = None) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.pointer = code, sentence, pointer


class NotSignedIn(DesignerError):
    """Nobody is signed in."""

    status = 401


class NotAllowed(DesignerError):
    """A right is missing: the sentence says which, and who has it."""

    status = 403


class NotThere(DesignerError):
    """Nothing of that name; ``link`` is the page that has what became of it."""

    status = 404

    def __init__(self, code: str, sentence: str, pointer: str | None = None, *, link: str | None = None) -> None:
        super().__init__(code, sentence, pointer)
        self.link = link


class Conflict(DesignerError):
    """Somebody else was there first."""

    status = 409


class Gone(DesignerError):
    """It was there, and is not any more."""

    status = 410


class TooLarge(DesignerError):
    """Larger than is taken."""

    status = 413


class Unfit(DesignerError):
    """What was sent does not fit."""

    status = 422


class TooMany(DesignerError):
    """Too many tries."""

    status = 429

    def __init__(self, code: str, sentence: str, after_s: int) -> None:
        super().__init__(code, sentence)
        self.after_s = after_s


class NotReady(DesignerError):
    """Something that this needs does not answer."""

    status = 503
