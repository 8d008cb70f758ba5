"""Split: make one record of each repetition of a group, each with all that stands outside the group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from flows.effects import Effects
from flows.environment import Surroundings
from nodes.contract import Example, Node, NodeConfig, Record, Services, Stop, Stopped
from nodes.fields import Group

_CHARGES = (
    "MSH|^~\\&|OR|HOSP|||20260301101500||DFT^P03^DFT_P03|C7|P|2.5\r"
    "EVN|P03|20260301101500\rPID|1||4711\rPV1|1|I|OR^2\r"
    "FT1|1|||20260301||CG|A-1|||2\rFT1|2|||20260301||CG|B-2|||5\r"
)


class SplitConfig(NodeConfig):
    each: Group
    """The group whose repetitions become records, for example ``FINANCIAL``: one for each line of charges."""

    on_none: Literal["filter", "park"] = "filter"
    """What happens to a message without any repetition: counted as filtered (``no-lines``), or parked for a person."""


class Split(Node[SplitConfig]):
    kind, title, Config = "split", "One record a line", SplitConfig
    takes = ("hl7v2",)
    examples = (
        Example(
            "One record for each charge line, the patient's segments with each",
            config={"each": "FINANCIAL"},
            given=_CHARGES,
            gives=({"FT1-7.1": "A-1", "PID-3.1": "4711"}, {"FT1-7.1": "B-2", "PID-3.1": "4711"}),
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
        # Which group a segment stands in depends on the structure that the header names.
        return Effects(each=config.each, control=("MSH-9", "MSH-12.1"))

    def __init__(self, config: SplitConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        self._group = config.each
        self._none = Stopped.PARK if config.on_none == "park" else Stopped.FILTER

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        lines = [("out", line) for line in record.split(self._group)]
        if not lines:
            raise Stop(self._none, "no-lines", f"The message has no {self._group} to split.", place=self._group)
        return lines
