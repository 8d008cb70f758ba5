"""What a configured node does to fields. Declared from the config alone; lineage and policies read only this."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from flows.vocabulary import Concept, DataClass, Protection


class Verb(StrEnum):
    """What happens to a field.

    KEEP   leaves as it came in.
    DROP   is gone.
    MASK   stays under its path, carries ``protection`` from here on.
    DERIVE is written under ``field`` from ``reads`` (their atoms join; ``protection`` is added when given).
    UNKNOWN nothing is known: every output may hold everything that came in.
    """

    KEEP = "keep"
    DROP = "drop"
    MASK = "mask"
    DERIVE = "derive"
    UNKNOWN = "unknown"


class Nature(NamedTuple):
    """The three attributes of a field."""

    concept: Concept
    classes: frozenset[DataClass]
    sensitivity: int


class Origin(NamedTuple):
    """A value that does not come from the message: ``master:items.material``, ``constant``, ``message/segments``."""

    path: str
    nature: Nature


class Effect(NamedTuple):
    """One statement about one field.

    ``field`` is a selector text for KEEP, DROP and MASK, a lower-case record path for DERIVE.
    ``reads`` are selector texts (flows.paths). ``origins`` are values joined in from elsewhere.
    """

    verb: Verb
    field: str
    reads: tuple[str, ...] = ()
    protection: Protection | None = None
    origins: tuple[Origin, ...] = ()


class Emission(NamedTuple):
    """What a source can emit: a format and its types, for example ``hl7v2`` and ``("DFT^P03@2.3-2.8",)``.

    ``added`` are values that the source puts beside the message (``message/segments``).
    """

    format: str
    types: tuple[str, ...]
    added: tuple[Origin, ...] = ()


class Effects(NamedTuple):
    """The whole declaration of one configured step.

    ``named`` apply in order; ``rest`` is what happens to every field that no statement names (KEEP, DROP or
    UNKNOWN). ``control`` are selectors whose values decide whether, where or how often the record goes on.
    ``each`` re-roots the record at one repetition of a group (split). ``emits`` is set by sources only.
    ``produces`` is the type of what goes out (``record/utilisation-event@1``) where it is not the type that came in.
    ``sends`` is set by sinks only: the record paths that the contract takes (the guard's field list), None = unknown.
    """

    named: tuple[Effect, ...] = ()
    rest: Verb = Verb.KEEP
    control: tuple[str, ...] = ()
    each: str | None = None
    emits: Emission | None = None
    produces: str | None = None
    sends: tuple[str, ...] | None = None
