"""Sources as tests want them: configured, without surroundings."""

from __future__ import annotations

from typing import Any, cast

from flows.environment import Surroundings
from nodes.services import Services
from nodes.sources.hl7_mllp import HL7Mllp, HL7MllpConfig


def source(**config: Any) -> HL7Mllp:
    """A source that accepts charges unless told otherwise. It asks for no service and looks at no surroundings."""
    whole = {"accepts": ["DFT^P03@2.3-2.8"]} | config
    parsed = HL7MllpConfig.model_validate(whole)
    return HL7Mllp(parsed, cast(Services, None), cast(Surroundings, None))
