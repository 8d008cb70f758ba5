"""Ten thousand charges: messages as theatres send them, each line with what must become of it. The same every time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from tests.acceptance.generated.catalogue import Catalogue, Key, Place
from tests.acceptance.generated.oracle import Held, Posting, outcome
from tests.reliability.canary import Canaries

SEED = 20_260
T = TypeVar("T")
VERSIONS = ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8")
CENTRES = ("10000200", "10000201", "20000210", "30000220")
DAYS = ("20240415", "20250110", "20250630", "20260102", "20260316", "20260801")
QUANTITIES = ("1", "1", "1", "2", "2", "3", "6", "12", "0.5", "2.50", "-1", "+4", "007", "0")
NO_QUANTITIES = ("1,000.50", "1e309", "NaN", "2 EA", "-", "1.2.3", "9" * 60, "", "0x10", "½")
NO_DAYS = ("20260230101500", "yesterday", "99991332000000")


class Patient(NamedTuple):
    """Somebody whom nothing that leaves may name: each member is a canary."""

    number: str
    surname: str
    given: str
    born: str
    street: str
    phone: str
    insurance: str
    encounter: str


def patients(canaries: Canaries, count: int = 700) -> tuple[Patient, ...]:
    """The people of these charges."""
    return tuple(
        Patient(
            canaries.text("PID-3.1"), canaries.text("PID-5.1"), canaries.text("PID-5.2"), canaries.digits("PID-7"),
            canaries.text("PID-11.1"), canaries.digits("PID-13"), canaries.digits("PID-19"), canaries.text("PV1-19.1"),
        )
        for _ in range(count)
    )  # fmt: skip


class Line(NamedTuple):
    """One FT1. ``used_at`` names it: no two lines share one."""

    key: Key
    quantity: str
    cost_centre: str
    used_at: str
    expected: Posting | Held


class Charge(NamedTuple):
    """One DFT^P03. ``held``: what holds the whole message."""

    control_id: str
    patient: Patient
    frame: bytes
    lines: tuple[Line, ...]
    held: Held | None


class Writer:
    """Draws messages; each needs nothing but the seed and the catalogue."""

    def __init__(self, catalogue: Catalogue, places: Mapping[Place, str], people: Sequence[Patient]) -> None:
        self._random, self._people = random.Random(SEED), people
        self._catalogue, self._places = catalogue, sorted(places)
        self._keys = sorted(catalogue.entries)
        self._clean = [key for key in self._keys if len(catalogue.entries[key]) == 1]
        self._packs = [key for key in self._keys if any(e.denotes != e.base for e in catalogue.entries[key])]
        self._superseded = [key for key in self._keys if any(each.heir for each in catalogue.entries[key])]
        self._spoilt = sorted({key for keys in catalogue.dirt.values() for key in keys})
        self._numbers = [key for key in self._clean if key[0] == "GTIN" and key[1].isdigit()]
        self._second = 0
        self._draws: tuple[tuple[Callable[[], Key], int], ...] = (
            (lambda: self._one(self._clean), 58), (lambda: self._one(self._packs), 10),
            (lambda: self._one(self._superseded), 6), (self._next_spoilt, 15), (self._stranger, 2),
            (self._wrong_check_digit, 3), (self._with_blanks, 2), (self._other_case, 2), (self._other_system, 2),
        )  # fmt: skip
        self._spoilt_at = 0

    def charges(self, count: int) -> Iterator[Charge]:
        for number in range(1, count + 1):
            yield self._charge(number)

    def _charge(self, number: int) -> Charge:
        chance, control = self._random.random(), f"G{number:05d}"
        patient = self._people[number % len(self._people)]
        encounter = patient.encounter
        place: Sequence[str] = self._one(self._places)
        held: Held | None = None
        if chance < 0.01:
            encounter, held = "", Held("missing-value")
        elif chance < 0.02:
            place, held = (*place[:2], "Q", place[3]), Held("not-active")
        elif chance < 0.025:
            place, held = (place[0].lower(), *place[1:]), Held("not-active")
        lines = tuple(self._line() for _ in range(self._one((1, 1, 1, 1, 2, 2, 3))))
        return Charge(control, patient, self._written(control, patient, encounter, place, lines), lines, held)

    def _line(self) -> Line:
        draw = self._random.choices([d for d, _ in self._draws], [weight for _, weight in self._draws])[0]
        key, quantity, centre = draw(), self._one(QUANTITIES), self._one(CENTRES)
        used_at, chance = self._time(self._one(DAYS)), self._random.random()
        if chance < 0.03:
            quantity = self._one(NO_QUANTITIES)
        elif chance < 0.04:
            centre = ""
        elif chance < 0.05:
            used_at = self._one(NO_DAYS)
        elif chance < 0.055:
            used_at = ""
        return Line(key, quantity, centre, used_at, outcome(self._catalogue, key, quantity, centre, used_at))

    # -- codes -------------------------------------------------------------------------------------------------------

    def _next_spoilt(self) -> Key:
        """Every item of which the index says that something is wrong, one after the other."""
        self._spoilt_at += 1
        return self._spoilt[self._spoilt_at % len(self._spoilt)]

    def _stranger(self) -> Key:
        return self._one(("CAT", "GTIN", "NDC", "HIBC")), f"X{self._random.randrange(10**6):06d}"

    def _wrong_check_digit(self) -> Key:
        system, code = self._one(self._numbers)
        return system, code[:-1] + str((int(code[-1]) + self._random.randrange(1, 10)) % 10)

    def _with_blanks(self) -> Key:
        system, code = self._one(self._clean)
        return system, self._one((f" {code}", f"{code} ", f"  {code}  "))

    def _other_case(self) -> Key:
        system, code = self._one(self._clean)
        return system, code.swapcase()

    def _other_system(self) -> Key:
        system, code = self._one(self._clean)
        return self._one([other for other in ("CAT", "GTIN", "NDC", "HIBC", "") if other != system]), code

    # -- text --------------------------------------------------------------------------------------------------------

    def _one(self, of: Sequence[T]) -> T:
        return self._random.choice(of)

    def _time(self, day: str) -> str:
        self._second += 1
        hours, rest = divmod(self._second, 3600)
        return f"{day}{hours:02d}{rest // 60:02d}{rest % 60:02d}"

    def _written(
        self, control: str, patient: Patient, encounter: str, place: Sequence[str], lines: Sequence[Line]
    ) -> bytes:
        who = f"{patient.surname}^{patient.given}"
        segments = [
            f"MSH|^~\\&|OR|LKS|LOCKGATE|HUB|20260316081500||DFT^P03|{control}|P|{self._one(VERSIONS)}",
            "EVN|P03|20260316081500",
            f"PID|1||{patient.number}^^^H^MR||{who}||{patient.born}|F|||{patient.street}||{patient.phone}||||||"
            + patient.insurance,
            f"PV1|1|I|{'^'.join(place)}||||||||||||||||{encounter}",
        ]
        for number, line in enumerate(lines, 1):
            system, code = line.key
            item = f"{code}^Described here^{system}"
            segments.append(f"FT1|{number}|||{line.used_at}||CG|{item}|||{line.quantity}|||{line.cost_centre}")
        return ("\r".join(segments) + "\r").encode()
