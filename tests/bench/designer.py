"""How quickly the designer answers: ``python -m tests.bench.designer`` saves, previews and looks, and prints one JSON.

In process, through the whole application (guard, strict parsing, rights, analysis, commit with its audit record). Wall
and CPU milliseconds: on a machine that is busy with other things the CPU time is the one that means something.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.designer.office import Office
from tests.designer.test_analysis import long_flow

ROUNDS = 15


def measured(act: Callable[[int], object]) -> dict[str, float]:
    """Median and worst of some rounds; the first, cold one apart."""
    wall, cpu = [], []
    for number in range(ROUNDS + 1):
        began, busy = time.perf_counter(), time.process_time()
        act(number)
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - busy) * 1000)
    return {
        "cold_ms": round(wall[0], 1),
        "p50_ms": round(statistics.median(wall[1:]), 1),
        "worst_ms": round(max(wall[1:]), 1),
        "cpu_p50_ms": round(statistics.median(cpu[1:]), 1),
    }


def main() -> int:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        ana = office.signed_in("ana")
        found: dict[str, Any] = {"fields_search": measured(lambda _: ana.get("/fields?accepts=DFT^P03@2.3-2.8&q=name"))}
        for steps in (7, 50, 200):
            made = ana.given(
                ana.post("/drafts", {"name": f"Flow {steps}", "from": {"pattern": "supply-consumption"}}), 201
            )
            document = long_flow(made["document"], steps) if steps > 7 else made["document"]
            path = f"/drafts/{made['id']}"

            def save(number: int, path: str = path, document: dict[str, Any] = document) -> None:
                document["steps"][1]["title"] = f"Encounter {number}"
                ana.given(ana.put(path, {"revision": number + 1, "document": document}))

            edits = [{"op": "set-flow", "pointer": "/retention", "value": {"payload_days": 7}}]
            found[f"save_{len(document['steps'])}_steps"] = measured(save)
            found[f"preview_{len(document['steps'])}_steps"] = measured(
                lambda number, path=path, edits=edits: ana.given(  # type: ignore[misc]
                    ana.post(f"{path}/preview", {"edits": [{**edits[0], "value": {"payload_days": number + 1}}]})
                )
            )
            found[f"wire_table_{len(document['steps'])}_steps"] = measured(
                lambda _, path=path: ana.given(ana.get(f"{path}/wires/tokenise.out/to-material.in"))  # type: ignore[misc]
            )
        office.close()
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
