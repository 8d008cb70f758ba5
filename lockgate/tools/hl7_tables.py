"""The published HL7 v2 tables as hl7apy has them, with their slips put right where they break the form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from hl7apy import load_library

ANY = "ANYHL7SEGMENT"

_OCCURS = {(True, False): "?", (False, False): "", (True, True): "*", (False, True): "+"}
_SMALL = frozenset("a and as at by for from if in into of on or than the to with not per".split())
_ACRONYMS = frozenset(
    "ID DRG SSN VIP DEA NDC HL7 LOA UB CMS HCFA CMS DMV QTY UOM POA CCL PCCL FTE UNSPSC DTM OID BHS FHS PSRO UR PAC "
    "AD CE CM CN CX EI HD MFN TX FT NM DT TM TN TQ ISBT DIN PKG UM RPT CO RMC OR US IV EEG ECG URL SPS EHC GTIN".split()
) - {"CO", "OR", "AD"}


class TableField(NamedTuple):
    """One field or component as published."""

    number: int
    name: str
    datatype: str
    repeats: bool


class Tables:
    """One version's tables."""

    def __init__(self, version: str) -> None:
        self._library: Any = load_library(version)

    def segments(self) -> Iterator[tuple[str, list[TableField]]]:
        """Every segment with its fields, in order of name."""
        for name in sorted(self._library.SEGMENTS):
            if name != ANY:
                yield name, [_table_field(child, name) for child in _children(self._library.SEGMENTS[name])]

    def datatypes(self) -> dict[str, list[TableField]]:
        """Every datatype that has components, in order of name."""
        structs = self._library.DATATYPES_STRUCTS
        return {name: [_table_field(child) for child in structs[name]] for name in sorted(structs)}

    def structures(self) -> Iterator[tuple[str, list[Any]]]:
        """Every structure: segments with how often they stand (``PV1?``); a group is a list that begins with its name
        (after ``|``: a choice)."""
        for name in sorted(self._library.MESSAGES):
            yield name, list(_grammar(self._library.MESSAGES[name], name))


def _children(reference: Any) -> tuple[Any, ...]:
    if len(reference) < 2 and isinstance(reference[0], str):
        return ()  # withdrawn: a segment that only keeps its name
    return tuple(reference[1]) if isinstance(reference[0], str) else tuple(reference)  # 2.1 ORO lacks its level


def _table_field(child: Any, segment: str = "") -> TableField:
    code, reference, (_, most), _ = child
    about = segment or reference[2]  # SET_ID_PID, LDP_PRIMARY_KEY_VALUE, ID_NUMBER_ST
    name = reference[3].removeprefix(f"{about}_").removesuffix(f"_{about}").rstrip("_")
    datatype = reference[2] or ""
    return TableField(
        int(code.rsplit("_", 1)[1]),
        readable(name),
        datatype.upper() if datatype == "wd" else datatype,
        most not in (0, 1),
    )


def _grammar(reference: Any, message: str) -> Iterator[Any]:
    for name, inner, (least, most), kind in reference[1]:
        occurs = _OCCURS[least == 0, most not in (0, 1)]
        if kind == "GRP":
            short = re.sub(rf"^{message}_", "", name, flags=re.IGNORECASE)
            choice = "|" if inner[0] == "choice" else ""
            yield [choice + short + occurs, *_grammar(inner, message)]
        else:
            yield ("ANY" if name == ANY else name) + occurs


def readable(code: str) -> str:
    """``MOTHER_S_MAIDEN_NAME`` as people write it: ``Mother's Maiden Name``."""
    text = re.sub(r"_S$", "(S)", re.sub(r"_{2,}", " - ", code.strip()))
    text = re.sub(r"(?<=[A-Z])_S(?=_)", "'S", text)
    text = re.sub(r"DATE_TIME|(?<![A-Z])D_T(?=_)", "DATE/TIME", text)
    words = re.split(r"[_\s]+", text)
    return " ".join(_word(word, first=i == 0) for i, word in enumerate(words) if word)


def _word(word: str, *, first: bool) -> str:
    if word in _ACRONYMS or re.fullmatch(r"[A-Z]{2}\d+", word):
        return word
    if word.lower() in _SMALL and not first:
        return word.lower()
    return "/".join(part.capitalize() for part in word.split("/"))
