"""Split: make one record of each repetition of a group, or of each resource of a type, with all that belongs to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from flows.effects import Effects
from flows.environment import Surroundings
from flows.fhir import tying
from flows.paths import is_group
from nodes.contract import Example, Node, NodeConfig
from nodes.fields import Group
from nodes.record import Record
from nodes.services import Services
from nodes.stop import Stop, Stopped

_CHARGES = (
    "MSH|^~\\&|OR|HOSP|||20260301101500||DFT^P03^DFT_P03|C7|P|2.5\r"
    "EVN|P03|20260301101500\rPID|1||4711\rPV1|1|I|OR^2\r"
    "FT1|1|||20260301||CG|A-1|||2\rFT1|2|||20260301||CG|B-2|||5\r"
)
_DELIVERIES = """{"resourceType": "Bundle", "type": "transaction", "entry": [
 {"fullUrl": "urn:uuid:p1", "resource": {"resourceType": "Patient", "identifier": [{"value": "4711"}]}},
 {"fullUrl": "urn:uuid:p2", "resource": {"resourceType": "Patient", "id": "p2", "identifier": [{"value": "4712"}]}},
 {"resource": {"resourceType": "SupplyDelivery", "patient": {"reference": "urn:uuid:p1"},
   "suppliedItem": {"quantity": {"value": 2}}}},
 {"resource": {"resourceType": "SupplyDelivery", "patient": {"reference": "Patient/p2"},
   "suppliedItem": {"quantity": {"value": 5}}}}]}"""


class SplitConfig(NodeConfig):
    each: Group
    """The group whose repetitions become records, for example ``FINANCIAL``: one for each line of charges. In FHIR a
    type of resources, for example ``SupplyDelivery``: one record for each, with the resources that it refers to."""

    on_none: Literal["filter", "park"] = "filter"
    """What happens to a message without any repetition: counted as filtered (``no-lines``), or parked for a person."""


class Split(Node[SplitConfig]):
    kind, title, Config = "split", "One record a line", SplitConfig
    takes = ("hl7v2", "fhir")
    examples = (
        Example(
            "One record for each charge line, the patient's segments with each",
            config={"each": "FINANCIAL"},
            given=_CHARGES,
            gives=({"FT1-7.1": "A-1", "PID-3.1": "4711"}, {"FT1-7.1": "B-2", "PID-3.1": "4711"}),
        ),
        Example(
            "One record for each delivery of a Bundle, with the patient that it refers to",
            config={"each": "SupplyDelivery"},
            given=_DELIVERIES,
            gives=(
                {"SupplyDelivery.suppliedItem.quantity.value": "2", "Patient.identifier.value": "4711"},
                {"SupplyDelivery.suppliedItem.quantity.value": "5", "Patient.identifier.value": "4712"},
            ),
        ),
        Example(
            "A message without lines waits for a person where lines are expected",
            config={"each": "FINANCIAL", "on_none": "park"},
            given=_CHARGES[: _CHARGES.index("FT1")],
            stops="no-lines",
        ),
    )

    @classmethod
    def effects(cls, config: SplitConfig, around: Surroundings) -> Effects:
        # Which group a segment stands in depends on the structure that the header names; which resources belong to
        # one another, on their references and addresses.
        return Effects(each=config.each, control=("MSH-9", "MSH-12.1") if is_group(config.each) else tying())

    def __init__(self, config: SplitConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        self._group = config.each
        self._none = Stopped.PARK if config.on_none == "park" else Stopped.FILTER

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        lines = [("out", line) for line in record.split(self._group)]
        if not lines:
            raise Stop(self._none, "no-lines", f"The message has no {self._group} to split.", place=self._group)
        return lines
