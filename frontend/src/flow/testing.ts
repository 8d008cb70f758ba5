/** Flows for tests. */
import type { Flow } from "./document";

/** The shipped flow that tells of used implants, shortened. */
export function supply(): Flow {
  return {
    format: "lockgate/flow/1", id: "supply-consumption", name: "Supply consumption", purpose: "supply-consumption",
    layer: "process", criticality: "high", owners: { business: "supply-chain", technical: "integration", cases: "or-supply-desk" },
    alerts: ["ops-pager"], ordering: { key: "PV1-19.1", on_park: "pass" }, retention: { payload_days: 30 },
    steps: [
      { id: "receive", kind: "hl7_mllp", version: 1, title: "OR charges", connection: "or-system", config: { accepts: ["DFT^P03@2.3-2.8"], others: "filter" } },
      { id: "check", kind: "validate", version: 1, title: "Encounter and location", config: { present: ["PV1-19.1"], on_fail: "park" } },
      { id: "tokenise", kind: "mask", version: 1, title: "Patient becomes a case reference", config: { fields: [{ path: "PID-3.1", method: "pseudonym" }] } },
      { id: "event", kind: "map_fields", version: 1, title: "Utilisation event", config: { schema: "utilisation-event@1", fields: { material: "material" } } },
      { id: "decrement", kind: "rest", version: 1, title: "ERP inventory", connection: "erp-inventory", config: { operation: "postGoodsIssue" } },
    ],
    wires: [
      { from: "receive.out", to: "check.in" }, { from: "check.out", to: "tokenise.in" },
      { from: "tokenise.out", to: "event.in" }, { from: "event.out", to: "decrement.in" },
    ],
    notes: [{ id: "note", text: "Agreed with the supply desk", at: [0, 200] }],
    layout: { receive: [0, 0], check: [300, 0], tokenise: [600, 0], event: [900, 0], decrement: [1200, 0] },
  };
}
