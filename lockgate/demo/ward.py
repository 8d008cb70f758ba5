"""The ward system: sends FHIR Bundles over HTTP, each new, now and then one whose item no master knows."""

from __future__ import annotations

import http.client
import json
import random
import signal
import sys
import time
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from lockgate.demo.ledger import Ledger

FAULTS = 0.03
UNKNOWN = "SUT-9-9"


class Ward:
    """Bundles with deliveries and administrations; the same for the same seed, none like another."""

    def __init__(self, seed: int, series: str) -> None:
        case = json.loads((resources.files("flows") / "library/fhir-consumption/cases/both.json").read_text())
        self._bundle = json.dumps(case["given"])
        self._random = random.Random(seed)  # noqa: S311  reason: an invented workload, nothing secret
        self._series, self._sent = series, 0

    def next(self) -> dict[str, Any]:
        """The next bundle."""
        self._sent += 1
        bundle: dict[str, Any] = json.loads(self._bundle)
        bundle["identifier"]["value"] = f"{self._series}-{self._sent}"
        deliveries = [each["resource"] for each in bundle["entry"] if "suppliedItem" in each["resource"]]
        for delivery in deliveries:
            delivery["suppliedItem"]["quantity"]["value"] = self._random.randint(1, 6)
        if self._random.random() < FAULTS:
            deliveries[0]["suppliedItem"]["itemCodeableConcept"]["coding"][0]["code"] = UNKNOWN
        return bundle


def post(port: int, bundle: dict[str, Any]) -> int:
    """The status that a bundle was answered with; 0 where nobody answered."""
    peer = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        peer.request("POST", "/fhir", json.dumps(bundle), {"Content-Type": "application/fhir+json"})
        return peer.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        peer.close()


def main(arguments: Sequence[str]) -> int:
    """``python -m lockgate.demo.ward PORT LEDGER SEED SERIES PER_SECOND``"""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the demo, which ends its stand-ins itself
    port, path, seed, series, per_second = arguments
    ward, ledger = Ward(int(seed), series), Ledger(Path(path))
    while True:
        bundle = ward.next()
        ledger.add("answer", frame=bundle["identifier"]["value"], status=post(int(port), bundle))
        time.sleep(1 / float(per_second))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
