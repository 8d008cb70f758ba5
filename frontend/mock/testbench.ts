/** Runs of samples on the stand-in: one message with two lines, of which one is held. */
import type { components } from "../src/lib/api/schema.ts";
import type { Reply } from "./pages.ts";

type Shapes = components["schemas"];
const row = (path: string, name: string, value: string, sensitivity: number): Shapes["SampleRow"] => ({ path, name, value: sensitivity > 2 ? "•••" : value, masked: sensitivity > 2, sensitivity, concept: "item-code", classes: ["operational"], protections: [] } as Shapes["SampleRow"]);
const WHOLE = [row("MSH-9.1", "Message Code", "DFT", 1), row("PID-3.1", "Patient Identifier List", "", 4), row("PID-5.1", "Patient Name", "", 4), row("PV1-19.1", "Visit Number", "", 3), row("FT1-7.1", "Transaction Code", "CAT-0001", 1), row("FT1-10", "Transaction Quantity", "2", 1)];
const passage = (item: string, before: Shapes["SampleRow"][], after: Shapes["SampleRow"][], changed: string[], over: Partial<Shapes["SamplePassage"]> = {}): Shapes["SamplePassage"] => ({ item, port: "out", how: "on", before: { rows: before, more: 0 }, after: { rows: after, more: 0 }, changed, stop: null, ...over });
const cases: Shapes["CaseCard"][] = ["A charge for one implant", "Three lines, one of them unmapped", "A cancelled charge"].map((title, index) => ({ id: `t000000000000000${String(index)}`, title, format: "hl7v2", type: "DFT^P03@2.5.1", expects: { refused: null, postings: 1, parked: 0, filtered: 0 }, person: "ana", name: "Ana Alves", at: Date.now(), passed: index === 2 ? false : true, sentences: index === 2 ? ["One posting more than expected."] : [], run: Date.now() }));
const RUN: Shapes["SampleRun"] = {
  format: "hl7v2", type: "DFT^P03@2.5.1", refused: null, filtered: null, sentence: "One line would be posted to ERP inventory; one is held: its item is in no master.", label: "synthetic", may_reveal: true, ms: 14,
  steps: [
    { step: "source", more: 0, records: [passage("", [], WHOLE, [])] },
    { step: "mask", more: 0, records: [passage("", WHOLE, WHOLE.filter((each) => !each.path.startsWith("PID")), ["PID-3.1", "PID-5.1"])] },
    { step: "map-items", more: 0, records: [passage("FT1[1]", WHOLE.slice(3), [...WHOLE.slice(3, 4), row("FT1-7.1", "Transaction Code", "4000120", 1), WHOLE[5]!], ["FT1-7.1"]), passage("FT1[2]", WHOLE.slice(3), WHOLE.slice(3), [], { how: "parked", stop: { how: "parked", reason: "unmapped-key", sentence: "Item CAT-0016 is not in master items.", place: "FT1[2]-7.1" } })] },
  ],
  postings: [{ step: "erp", item: "FT1[1]", connection: "erp-inventory", operation: "postGoodsIssue", body: { rows: [row("item", "", "4000120", 1), row("quantity", "", "2", 1)], more: 0 } }],
  ends: [{ step: "map-items", item: "FT1[2]", how: "parked", reason: "unmapped-key", sentence: "Item CAT-0016 is not in master items." }],
};

export function benchAnswers(method: string, url: URL): Reply | null {
  const what = /^\/drafts\/[^/]+\/(samples|runs|runs\/reveal|cases|cases\/run)$/.exec(url.pathname)?.[1];
  if (what === "samples") return { status: 200, json: { format: "hl7v2", type: "DFT^P03@2.5.1", identity_present: true, taken: true, findings: [] } };
  if (what === "runs") return { status: 200, json: RUN };
  if (what === "runs/reveal") return { status: 200, json: { path: "PID-5.1", value: "Sample" } };
  if (what === "cases" && method === "GET") return { status: 200, json: { cases } };
  if (what === "cases") return { status: 201, json: cases[0] };
  if (what === "cases/run") return { status: 200, json: { results: cases.map(({ id, title, passed, sentences }) => ({ id, title, passed: passed === true, sentences })), passed: 2, failed: 1, steps: ["source", "mask", "map-items", "erp"], missed: ["notify"], ms: 61 } };
  return null;
}
