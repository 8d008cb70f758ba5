"""What the theatre system sends in the demo: charges, admissions, faults. The same plan for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from lockgate.demo import hospital
from lockgate.demo.hospital import Item, Patient

DIAGNOSES = ("K40.90^INGUINAL HERNIA", "M16.1^PRIMARY COXARTHROSIS", "N20.0^CALCULUS OF KIDNEY")
FIRST_USE = datetime(2026, 3, 16, 7, 30, tzinfo=UTC)


class Expected(StrEnum):
    """What a good receiver does with a frame."""

    POSTED = "posted"
    FILTERED = "filtered"
    REFUSED = "refused"


class Line(NamedTuple):
    """One FT1 line and what the ERP should get for it. ``used_at`` is unique in a plan: it names the line."""

    used_at: str
    item: str
    scanned: str
    material: str
    quantity: str
    """In the item's base unit."""
    cost_centre: str


class Frame(NamedTuple):
    """One frame of the plan. Frames of one ``lane`` (an encounter) are sent in order over one connection."""

    name: str
    kind: str
    lane: str
    expected: Expected
    payload: bytes
    lines: tuple[Line, ...] = ()

    @property
    def control_id(self) -> str:
        fields = self.payload.decode("latin-1").split("\r", 1)[0].split("|")
        return fields[9] if len(fields) > 9 else ""


class Writer:
    """Writes messages with control ids and times of use that never come twice."""

    def __init__(self, seed: int, series: str) -> None:
        self.random = random.Random(seed)  # noqa: S311  reason: an invented workload, nothing secret
        self.series = series
        self._messages = 0
        self._second = 0
        self._day = sum(series.encode()) % 25

    def charge(self, patient: Patient, items: Sequence[Item], kind: str = "charge") -> Frame:
        """A DFT^P03 with one FT1 for each item."""
        control = self._control()
        lines = [self._line(patient, item) for item in items]
        segments = [
            self._header("DFT^P03^DFT_P03", control, lines[0].used_at),
            f"EVN|P03|{lines[0].used_at}",
            *self._who(patient),
            *(s for n, line in enumerate(lines, 1) for s in self._charged(n, control, line, items[n - 1])),
            f"DG1|1||{self.random.choice(DIAGNOSES)}^I10|||A",
        ]
        return Frame(control, kind, patient.encounter, Expected.POSTED, _encode(segments), tuple(lines))

    def administration(self, patient: Patient, items: Sequence[Item], kind: str = "administration") -> Frame:
        """A RAS^O17 with one order, administered once, for each item."""
        control = self._control()
        lines = [self._line(patient, item) for item in items]
        segments = [self._header("RAS^O17^RAS_O17", control, lines[0].used_at), *self._who(patient)]
        for number, (line, item) in enumerate(zip(lines, items, strict=True), 1):
            segments += [
                f"ORC|RE|{control}-{number}",
                f"RXA|0|1|{line.used_at}|{line.used_at}|{item.code}^{item.title.upper()}^{hospital.SYSTEM}|{line.scanned}|EA",
                "RXR|IV^INTRAVENOUS^HL70162",
            ]
        return Frame(control, kind, patient.encounter, Expected.POSTED, _encode(segments), tuple(lines))

    def update(self, patient: Patient) -> Frame:
        """An ADT^A08: the flow takes no such type, so it is acknowledged and filtered."""
        control, at = self._control(), self._time()
        segments = [self._header("ADT^A08^ADT_A01", control, at), f"EVN|A08|{at}", *self._who(patient)]
        return Frame(control, "update", patient.encounter, Expected.FILTERED, _encode(segments))

    def _control(self) -> str:
        self._messages += 1
        return f"{self.series}{self._messages:06d}"

    def _time(self) -> str:
        self._second += 1
        return (FIRST_USE + timedelta(days=self._day, seconds=self._second)).strftime("%Y%m%d%H%M%S")

    def _line(self, patient: Patient, item: Item) -> Line:
        quantity = str(self.random.randint(1, 6))
        base = str(item.in_base_unit(quantity))
        return Line(self._time(), item.code, quantity, item.material, base, patient.theatre.cost_centre)

    @staticmethod
    def _header(kind: str, control: str, at: str) -> str:
        return f"MSH|^~\\&|THEATRE|{hospital.FACILITY}|LOCKGATE|HUB|{at}||{kind}|{control}|P|2.5.1"

    @staticmethod
    def _who(patient: Patient) -> list[str]:
        place = patient.theatre
        where = f"{place.point_of_care}^{place.room}^{place.bed}^{hospital.FACILITY}"
        name = f"{patient.surname}^{patient.given}^^^^^L"
        home = "12 MILL LANE^^LAKESIDE^^90210^USA^H||^PRN^PH^^1^555^0100200"
        return [
            f"PID|1||{patient.mrn}^^^{hospital.FACILITY}^MR||{name}||{patient.born}|F|||{home}",
            f"PV1|1|I|{where}||||D100^HALVORSEN^RUNE|||SUR|||||||||{patient.encounter}^^^{hospital.FACILITY}^VN",
        ]

    def _charged(self, number: int, control: str, line: Line, item: Item) -> Iterator[str]:
        yield (
            f"FT1|{number}|{control}-{number}||{line.used_at}|{line.used_at}|CG"
            f"|{item.code}^{item.title.upper()}^{hospital.SYSTEM}|||{line.scanned}||12.35&USD"
            f"|{line.cost_centre}^OPERATING THEATRES^{hospital.FACILITY}|||||||D100^HALVORSEN^RUNE"
        )
        if self.random.random() < 0.25:
            yield f"NTE|{number}|L|SCANNED AT POINT OF USE, SHELF {self.random.randint(1, 40)}"


def _encode(segments: Sequence[str]) -> bytes:
    return ("\r".join(segments) + "\r").encode()


def malformed(good: bytes, name: str) -> Iterator[Frame]:
    """One frame of every kind of fault that a receiver must refuse, each made from a good message."""
    text = good.decode()
    header, rest = text.split("\r", 1)
    fields = header.split("|")

    def with_header(position: int, value: str) -> str:
        return "|".join([*fields[:position], value, *fields[position + 1 :]]) + "\r" + rest

    faults = {
        "no-control-id": with_header(9, ""),
        "long-control-id": with_header(9, "X" * 20_000),
        "unknown-version": with_header(11, "9.9"),
        "no-version": with_header(11, ""),
        "equal-separators": "MSH|||||" + text[8:],
        "short-header": "MSH|^~\\&|THEATRE",
        "not-hl7": "GET / HTTP/1.1",
        "nul-inside": text.replace("PID|1|", "PID|\0|", 1),
        "too-many-segments": text + "NTE|1|L|X\r" * 5_001,
        "too-many-repetitions": text.replace("|F|||12 MILL", "|F|||" + "~" * 201 + "12 MILL", 1),
    }
    for kind, body in faults.items():
        yield Frame(f"{name}-{kind}", f"malformed {kind}", "faults", Expected.REFUSED, body.encode())


def day(seed: int, series: str, charges: int, where: str = "theatres") -> list[Frame]:
    """A day in theatre: charges of 1 to 4 lines, updates, retransmissions, faults, unknown items."""
    writer = Writer(seed, series)
    listed = hospital.patients(24, hospital.PLACES[where])
    told, items = (writer.administration, hospital.MEDICINES) if where == "wards" else (writer.charge, hospital.ITEMS)
    frames: list[Frame] = []
    for n in range(charges):
        patient = listed[writer.random.randrange(len(listed))]
        frame = told(patient, writer.random.sample(items, writer.random.randint(1, min(4, len(items)))))
        frames.append(frame)
        if n % 10 == 4:
            frames.append(writer.update(patient))
        if n % 16 == 7:
            frames.append(frame._replace(name=f"{frame.name}-again", kind="retransmission"))
        if n % 40 == 20:
            frames.append(told(patient, [hospital.MISSING, items[0]], "missing item"))
        if n % 80 == 50:
            frames.append(told(patient, [hospital.UNSIGNED], "unsigned item"))
    places = range(5, len(frames), max(1, len(frames) // 11))
    for place, fault in zip(reversed(places), malformed(frames[0].payload, series), strict=False):
        frames.insert(place, fault)
    return frames
