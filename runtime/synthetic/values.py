"""Values by what a field is: invented, plainly so, and drawn from one source of chance."""

from __future__ import annotations

import datetime

from flows.vocabulary import Concept
from runtime.synthetic.chance import Chance

_FAMILIES = ("Alder", "Birch", "Cedar", "Elm", "Hazel", "Linden", "Maple", "Rowan", "Willow")
_GIVEN = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gail", "Hugo", "Ida")
_STREETS = ("Sample Street", "Example Road", "Test Lane")


class Inventor:
    """Draws values for one message. Everything of one message happens on ``day``."""

    def __init__(self, chance: Chance, day: str) -> None:
        self.chance, self._day, self._second = chance, datetime.date.fromisoformat(day), 8 * 3600
        self.number = chance.randrange(10_000, 99_999)

    def value(self, concept: Concept, *, fhir: bool = False) -> str:
        """A value of this kind."""
        pick, number = self.chance.choice, self.chance.randrange(10_000, 99_999)
        match concept:
            case Concept.QUANTITY:
                return str(self.chance.randrange(1, 6))
            case Concept.UNIT:
                return "EA"
            case Concept.PRICE:
                return f"{self.chance.randrange(1, 500)}.{self.chance.randrange(0, 100):02}"
            case Concept.EVENT_TIME:
                return self.time(fhir=fhir)
            case Concept.BIRTH_DATE:
                return self.birth(fhir=fhir)
            case Concept.PERSON_NAME:
                return pick(_FAMILIES)
            case Concept.DEMOGRAPHIC:
                return pick(("F", "M"))
            case Concept.ADDRESS:
                return f"{self.chance.randrange(1, 99)} {pick(_STREETS)}"
            case Concept.CONTACT:
                return f"555-01{self.chance.randrange(10, 99)}"
            case Concept.FREE_TEXT:
                return "invented text"
            case Concept.COST_CENTRE:
                return f"CC-{self.chance.randrange(1000, 9999)}"
            case Concept.LOCATION:
                return f"W{self.chance.randrange(1, 9)}"
        return f"{_PREFIX.get(concept, 'X')}{number}"

    def given(self) -> str:
        return self.chance.choice(_GIVEN)

    def birth(self, *, fhir: bool = False) -> str:
        day = datetime.date(1930, 1, 1) + datetime.timedelta(days=self.chance.randrange(0, 30_000))
        return day.isoformat() if fhir else day.strftime("%Y%m%d")

    def time(self, *, fhir: bool = False) -> str:
        """The next moment of the day."""
        self._second += self.chance.randrange(20, 90)
        at = datetime.datetime.combine(self._day, datetime.time(), datetime.UTC) + datetime.timedelta(
            seconds=self._second % 86_400
        )
        return at.isoformat() if fhir else at.strftime("%Y%m%d%H%M%S")


_PREFIX = {
    Concept.PATIENT_ID: "P-",
    Concept.ENCOUNTER_ID: "ENC",
    Concept.ORDER_ID: "ORD",
    Concept.ITEM_CODE: "ITM-",
    Concept.STAFF_ID: "STF",
    Concept.ACCOUNT_CODE: "ACC",
    Concept.ORGANISATION: "ORG",
    Concept.MESSAGE_CONTROL: "SYN",
}
