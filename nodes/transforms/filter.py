"""Filter: let only those records go on that the flow is about; the others end here, counted under their reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

from flows.effects import Effects
from flows.environment import Surroundings
from flows.expression import Condition, compile_condition, reads
from nodes.contract import Example, Node, NodeConfig
from nodes.fields import Code, without_problems
from nodes.record import Record
from nodes.services import Services
from nodes.stop import Stop, Stopped


class FilterConfig(NodeConfig):
    keep: Annotated[Condition, AfterValidator(without_problems)]
    """The condition under which a record goes on."""

    reason: Code = "not-for-this-flow"
    """The reason under which the others are counted, in lower case with hyphens, for example ``not-a-supply``."""


class Filter(Node[FilterConfig]):
    kind, title, Config = "filter", "Keep only what matters", FilterConfig
    exclusive = True
    examples = (
        Example(
            "Charges for supplies go on",
            config={"keep": {"in": [{"field": "FT1-6"}, ["CG", "CD"]]}, "reason": "not-a-charge"},
            given="MSH|^~\\&|OR|HOSP|||20260301||DFT^P03^DFT_P03|C7|P|2.5\rFT1|1|||20260301||CG|A-1|||2\r",
            gives=({"FT1-6.1": "CG", "FT1-7.1": "A-1"},),
        ),
        Example(
            "A quantity of nothing ends here and is counted",
            config={
                "keep": {"compare": [{"field": "quantity"}, ">", {"number": "0"}]},
                "reason": "nothing-used",
            },
            given={"quantity": "0", "material": "M-100"},
            stops="nothing-used",
        ),
        Example(
            "A quantity goes on",
            config={"keep": {"compare": [{"field": "quantity"}, ">", {"number": "0"}]}},
            given={"quantity": "2", "material": "M-100"},
            gives=({"quantity": "2", "material": "M-100"},),
        ),
    )

    @classmethod
    def effects(cls, config: FilterConfig, around: Surroundings) -> Effects:
        return Effects(control=reads(config.keep))

    def __init__(self, config: FilterConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        self._keeps = compile_condition(config.keep)
        self._sentence = f"The record is none of those that this flow is about ({config.reason}); it ends here."

    def run(self, record: Record) -> Iterable[tuple[str, Record]]:
        if self._keeps(record.first):
            return (("out", record),)
        raise Stop(Stopped.FILTER, self.config.reason, self._sentence)
