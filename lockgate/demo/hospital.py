"""The demo's invented hospital: its items, theatres, people in the story and patients. Nothing here is real."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

SYSTEM = "LKS-SUP"
"""The item coding system of the theatre system (FT1-7.3)."""
FACILITY = "LKS"


class Item(NamedTuple):
    """One item as the theatre scans it, and what the ERP should get for it."""

    code: str
    title: str
    material: str
    unit: str = "EA"
    factor: str = "1"
    """How many base units one scanned unit is."""
    successor: str = ""
    """The code that took this one's place; ``material`` is the successor's."""

    def in_base_unit(self, quantity: str) -> Decimal:
        return Decimal(quantity) * Decimal(self.factor)


ITEMS = (
    Item("SUT-2001", "Suture absorbable 2-0 70 cm", "40001201"),
    Item("SUT-1001", "Suture absorbable 2-0 70 cm, old pack", "40001201", successor="SUT-2001"),
    Item("SUT-2002", "Suture absorbable 3-0 70 cm", "40001202"),
    Item("SUT-3010", "Suture silk 0 45 cm", "40001310"),
    Item("MSH-0150", "Hernia mesh 15 x 15 cm", "40002150"),
    Item("STA-0060", "Linear stapler 60 mm", "40003060"),
    Item("STA-0061", "Stapler reload 60 mm", "40003061"),
    Item("TRO-0012", "Trocar 12 mm", "40004012"),
    Item("DRN-0018", "Redon drain CH 18", "40005018"),
    Item("CAT-0014", "Urinary catheter CH 14", "40006014"),
    Item("GLV-0075", "Surgical gloves 7.5, pair", "40007075"),
    Item("GLV-0075-B", "Surgical gloves 7.5, box of 50 pairs", "40007075", "BOX", "50"),
    Item("SWB-0010", "Gauze swab 10 x 10 cm", "40008010"),
    Item("SWB-0010-P", "Gauze swab 10 x 10 cm, pack of 5", "40008010", "PCK", "5"),
    Item("HIP-5052", "Acetabular cup 52 mm", "40009052"),
    Item("HIP-6036", "Femoral head 36 mm", "40009136"),
    Item("KNE-0004", "Tibial insert size 4", "40009204"),
)
"""Items that stand in the master from the start."""

MEDICINES = (
    Item("MED-0101", "Paracetamol 1 g infusion", "50000101"),
    Item("MED-0205", "Cefazolin 2 g powder", "50000205"),
    Item("MED-0310", "Sodium chloride 0.9 % 500 ml", "50000310"),
)
"""What wards administer, in the same master."""

MISSING = Item("CAT-0016", "Urinary catheter CH 16", "40006016")
"""Scanned since this morning; its row is missing until a steward signs it."""
LATE = Item("STA-0062", "Stapler reload 60 mm, thick tissue", "40003062")
"""Scanned yesterday before its row was there: a steward signed it at noon."""
UNSIGNED = Item("VAC-0700", "Vacuum drain 700 ml", "40005700")
"""Scanned too; somebody writes its row into the runtime's files without a signature."""


class Theatre(NamedTuple):
    """One place of use, as PV1-3 spells it."""

    point_of_care: str
    room: str
    bed: str
    cost_centre: str
    title: str


THEATRES = (
    Theatre("OR1", "R1", "T1", "4410", "Theatre 1, general surgery"),
    Theatre("OR2", "R2", "T1", "4410", "Theatre 2, general surgery"),
    Theatre("OR3", "R3", "T1", "4420", "Theatre 3, orthopaedics"),
    Theatre("OR4", "R4", "T1", "4430", "Theatre 4, urology"),
)
DAY_SURGERY = (
    Theatre("DS1", "R1", "T1", "4450", "Day surgery 1"),
    Theatre("DS2", "R1", "T1", "4450", "Day surgery 2"),
)
"""Its charges are known by their cost centre: nobody else has it."""
WARDS = (
    Theatre("W7", "12", "A", "7310", "Ward 7"),
    Theatre("W8", "03", "B", "7320", "Ward 8"),
)
"""What is administered there names no cost centre: the ward does."""
PLACES = {"theatres": THEATRES, "day-surgery": DAY_SURGERY, "wards": WARDS}
"""Where a sender's patients lie."""


class Person(NamedTuple):
    """Somebody who signs in the story."""

    id: str
    name: str
    roles: tuple[str, ...]


PEOPLE = (
    Person("ana", "Ana", ("analyst",)),
    Person("omar", "Omar", ("privacy",)),
    Person("mei", "Mei", ("erp-owner",)),
    Person("sam", "Sam", ("steward",)),
    Person("noor", "Noor", ("steward",)),
    Person("priya", "Priya", ("operator",)),
)
TEMPTED = tuple(each._replace(roles=(*each.roles, "privacy")) if each.id == "ana" else each for each in PEOPLE)
"""The people of the smoke story: there Ana may approve by her roles, and only that she is the author stops her."""

SURNAMES = ("ARDENWOOD", "BRISLEY", "CASTOREL", "DUNMARROW", "ELVERSTONE", "FENWAKE", "GALBRIN", "HOLLOWMERE")
GIVEN = ("IDA", "JONAS", "KLARA", "LEVIN", "MARTA", "NILS", "ODA", "PIET")


class Patient(NamedTuple):
    """An invented patient on the operating list."""

    mrn: str
    surname: str
    given: str
    born: str
    encounter: str
    theatre: Theatre


def patients(count: int, places: tuple[Theatre, ...] = THEATRES) -> tuple[Patient, ...]:
    """The operating list: the same people every time."""
    return tuple(
        Patient(
            mrn=f"MRN{700100 + 37 * n}",
            surname=SURNAMES[n % len(SURNAMES)],
            given=GIVEN[(n // len(SURNAMES) + n) % len(GIVEN)],
            born=f"{1941 + 7 * n % 60}{1 + n % 12:02d}{1 + n % 28:02d}",
            encounter=f"ENC{51000 + n}",
            theatre=places[n % len(places)],
        )
        for n in range(count)
    )
