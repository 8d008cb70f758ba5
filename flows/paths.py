"""Paths: how fields are named. Selectors stand in configs, schema paths in lineage, policies and findings.

Schema path    ``PID-3.1``, ``FINANCIAL/FT1-7.1`` (group only where a segment is ambiguous), ``lines.material``
               ``Patient.identifier.value``
Instance path  a schema path with ``[n]``: 1-based in HL7, 0-based elsewhere. Samples and errors use it.
Selector       a schema path with an optional ``[n]`` or ``[*]``; without one, every repetition.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_GROUP = r"[A-Z][A-Z0-9_]*(?:\#\d+)?"
_HL7 = re.compile(
    rf"(?P<groups>(?:{_GROUP}/)*)(?P<segment>[A-Z][A-Z0-9]{{2}})(?:\[(?P<nth>\d+|\*)\])?"
    r"(?:-(?P<field>\d+)(?:\[(?P<rep>\d+|\*)\])?(?:\.(?P<component>\d+)(?:\.(?P<sub>\d+))?)?)?"
)
_GROUP_ONLY = re.compile(rf"{_GROUP}(?:/{_GROUP})*")
_PART = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_]*)(?:\[(?P<index>\d+|\*)\])?")
_DOTTED_HL7 = re.compile(r"(?P<segment>[A-Z][A-Z0-9]{2})\.(?P<field>\d+)(?P<rest>(?:\[\d+\])?(?:\.\d+){0,2})")


class PathError(ValueError):
    """A text that is no path. ``suggestion`` is the right spelling where one is near."""

    def __init__(self, sentence: str, suggestion: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.suggestion = sentence, suggestion


class Part(NamedTuple):
    """One named part of a record path; ``at`` is 0-based, None means every element."""

    name: str
    at: int | None = None


class Selector(NamedTuple):
    """A parsed selector. ``form`` says which members count.

    hl7: ``groups``, ``segment``, ``nth`` (1-based occurrence), ``field``, ``rep``, ``component``, ``sub`` (all 1-based,
    None = every, or the whole). record and fhir: ``parts``.
    """

    text: str
    form: Literal["hl7", "record", "fhir"]
    groups: tuple[str, ...] = ()
    segment: str = ""
    nth: int | None = None
    field: int | None = None
    rep: int | None = None
    component: int | None = None
    sub: int | None = None
    parts: tuple[Part, ...] = ()

    @property
    def schema_path(self) -> str:
        """The same place without any index."""
        if self.form != "hl7":
            return ("/" if self.parts[0].name == "message" else ".").join(p.name for p in self.parts)
        path = "/".join((*self.groups, self.segment))
        if self.field is not None:
            path += f"-{self.field}"
        for piece in (self.component, self.sub):
            path += f".{piece}" if piece is not None else ""
        return path


def _number(text: str | None, what: str, whole: str) -> int | None:
    if text is None or text == "*":
        return None
    if not 1 <= int(text) <= 99999:
        raise PathError(f"'{whole}': {what} counts from 1 in HL7.")
    return int(text)


def parse(text: str) -> Selector:
    """The selector that ``text`` spells; PathError (with the right spelling where one is near) otherwise."""
    if len(text) > 200:
        raise PathError("A path has at most 200 characters.")
    dotted = _DOTTED_HL7.fullmatch(text)
    if dotted:
        right = f"{dotted['segment']}-{dotted['field']}{dotted['rest']}"
        raise PathError(f"'{text}' is not how HL7 fields are named here: write '{right}'.", right)
    hl7 = _HL7.fullmatch(text)
    if hl7:
        return Selector(
            text,
            "hl7",
            groups=tuple(g for g in hl7["groups"].split("/") if g),
            segment=hl7["segment"],
            nth=_number(hl7["nth"], "an occurrence", text),
            field=_number(hl7["field"], "a field", text),
            rep=_number(hl7["rep"], "a repetition", text),
            component=_number(hl7["component"], "a component", text),
            sub=_number(hl7["sub"], "a subcomponent", text),
        )
    if "[x]" in text:
        near = text.replace("[x]", "DateTime")
        raise PathError(f"'{text}': a choice of FHIR is written with its type, as in '{near}'.", near)
    separator = "/" if text.startswith("message/") else "."
    parts = []
    for piece in text.split(separator):
        match = _PART.fullmatch(piece)
        if not match:
            raise PathError(
                f"'{text}' is not a path: write 'PID-3.1' in HL7, 'Patient.id' in FHIR, 'lines.material' in a record."
            )
        index = match["index"]
        parts.append(Part(match["name"], None if index in (None, "*") else int(index)))
    return Selector(text, "record" if text[0].islower() else "fhir", parts=tuple(parts))


def is_group(text: str) -> bool:
    """Whether ``text`` can name a group (``FINANCIAL``, ``PATIENT_RESULT/ORDER_OBSERVATION``)."""
    return bool(_GROUP_ONLY.fullmatch(text))
