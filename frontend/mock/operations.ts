/** What runs and what waits, as the stand-in has it: two causes, a replay that works after a while, traffic, masters. */
import type { components } from "../src/lib/api/schema.ts";
import type { Reply } from "./pages.ts";

type Shapes = components["schemas"];
const MINUTE = 60_000;
const now = () => Date.now();
const start = Date.now();
const GROUP = "8f1e2d3c4b5a6978";
let replayed = 0;
let taken: Shapes["TakenOn"] | null = null;

const left = () => (replayed ? Math.max(0, 12 - Math.floor((now() - replayed) / 700)) : 12);
const cause = (): Shapes["CauseCard"] => ({
  group: GROUP, title: "Item code CAT-0016 is not in master items", cause: "unmapped-key", master: "items", key: ["CAT-0016"], key_names: ["code"], flows: ["supply-consumption"], steps: ["map-items"],
  severity: "high", owner: "or-supply-desk", cases: left(), lines: left() + 2, seen: 37, first: start - 72 * MINUTE, last: start - 3 * MINUTE, due: start - 12 * MINUTE, overdue: true,
  state: left() === 0 ? "resolved" : taken ? "taken-on" : "new", resolved: null, taken, fix: { kind: "add-row", sentence: "Add a row for CAT-0016 to items; two stewards need not sign an addition, one does.", master: "items", key: ["CAT-0016"] },
});
const other: Shapes["CauseCard"] = {
  group: "1a2b3c4d5e6f7081", title: "ERP inventory answers too late", cause: "retry-exhausted", master: "", key: [], key_names: [], flows: ["supply-consumption", "medication-administration"], steps: ["erp"],
  severity: "medium", owner: "integration", cases: 3, lines: 3, seen: 3, first: start - 20 * MINUTE, last: start - 9 * MINUTE, due: start + 40 * MINUTE, overdue: false, state: "came-back", resolved: null, taken: null,
  fix: { kind: "ask-system", sentence: "Ask whoever runs ERP inventory whether it is up; then replay.", master: null, key: [] },
};
const members = (card: Shapes["CauseCard"]): Shapes["CaseBody"][] =>
  Array.from({ length: card.group === GROUP ? 12 : 3 }, (_, index) => ({
    number: 101 + index, flow: card.flows[0]!, message: 4711 + index * 3, cause: card.cause, group: card.group, step: card.steps[0]!, sentence: card.group === GROUP ? "Line FT1[1] names an item that master items does not have." : "No answer within 30 seconds, five times.",
    severity: card.severity, owner: card.owner, opened: start - (72 - index * 5) * MINUTE, due: card.due, count: 1 + (index % 3), state: card.group === GROUP && index >= left() ? "resolved" : "open", resolved: null,
  }));
const plan = (dry_run: boolean): Shapes["ReplayAnswer"] => ({
  dry_run, outcome: dry_run ? "planned" : "queued", cases: 12, post: 14, park: 0, end: 0, snapshots: "items=5 locations=1",
  sentence: dry_run ? "14 lines of 12 cases would be sent to ERP inventory; none would stop again." : "14 lines of 12 cases are on their way.",
  lines: members(cause()).map((each, index) => ({ message: each.message ?? 0, posting: 900 + index, item: `FT1[${String(1 + (index % 2))}]`, step: "erp", outcome: "post", connection: "erp-inventory", operation: "postGoodsIssue", reason: "", sentence: "" })),
});

const counts = (delivered: number): Shapes["Counts"] => ({ accepted: delivered + 1, refused: 0, repeated: 0, filtered: 3, delivered, parked: 0, deferred: 0 });
const flow = (id: string, name: string, over: Partial<Shapes["FlowNow"]>): Shapes["FlowNow"] => ({
  flow: id, name, state: "running", sentence: "", release: "4f2a9c1be07d55aa31c0de4477b8e2f1d2c3b4a5968778695a4b3c2d1e0f9a8b", sequence: 7, listening: ["127.0.0.1:2575"], health: "well", health_sentence: "Everything that came is through.",
  received: 12873 + Math.floor((now() - start) / 900), accepted: 12861, refused: 4, repeated: 8, waiting: 0, in_flight: 2, parked: left(), open_cases: left(), high_cases: left(), oldest: now() - 2000, last_received: now() - 700, p50: 41, p95: 188,
  minute: counts(62), window: counts(3611), points: Array.from({ length: 60 }, (_, index) => ({ at_ms: now() - (60 - index) * MINUTE, counts: counts(Math.round(52 + 12 * Math.sin(index / 5) + ((index * 7) % 9))) })),
  steps: { erp: { delivered: 3611, parked: 0, deferred: 12 }, "map-items": { delivered: 0, parked: left(), deferred: 0 } }, ...over,
});
const monitor = (): Shapes["Monitor"] => ({
  answers: true, sentence: "3 flows run; one is slow.", environment: "demo", label: "synthetic", demo: true, version: "0.1.0", started: start - 26 * 60 * MINUTE, now: now(), width: MINUTE, since: start - 60 * MINUTE, masters: { items: 5, locations: 1 }, problems: [],
  flows: [
    flow("supply-consumption", "Supply consumption", { health: left() ? "slow" : "well", health_sentence: left() ? `${String(left())} lines wait for a person: an item is missing in a master.` : "Everything that came is through." }),
    flow("medication-administration", "Medication administration", { parked: 0, open_cases: 0, high_cases: 0, sequence: 3, p50: 33, p95: 90, minute: counts(31), window: counts(1804) }),
    flow("charge-file", "Charges to cost centres", { state: "refused", health: "stopped", health_sentence: "It does not run.", sentence: "Its release was revoked on 21 Nov; activate another one on the desk.", minute: counts(0), window: counts(0), points: [], listening: [], last_received: now() - 86_000_000, p50: null, p95: null, parked: 0, open_cases: 0, high_cases: 0, in_flight: 0 }),
  ],
});

export function operationAnswers(method: string, url: URL, body: unknown): Reply | null {
  const path = url.pathname;
  if (path === "/exceptions") {
    const groups = url.searchParams.get("state") === "resolved" ? (left() === 0 ? [cause()] : []) : [...(left() ? [cause()] : []), other];
    return { status: 200, json: { groups, open_cases: left() + 3, sentence: `${String(left() + 3)} cases of ${String(groups.length)} causes wait; one is overdue.` } };
  }
  if (path === "/masters") return { status: 200, json: { masters: MASTERS } };
  if (path === "/monitor") return { status: 200, json: monitor() };
  const found = /^\/exceptions\/([0-9a-f]+)(?:\/(.*))?$/.exec(path);
  if (!found) return null;
  const card = found[1] === GROUP ? cause() : other;
  if (!found[2]) {
    return { status: 200, json: { card, sentence: members(card)[0]?.sentence, impact: "14 lines are not posted to ERP inventory: its stock does not fall, and what was used is not ordered again.", members: members(card), more: 0, runbook: ["Look up the item in the supplier's catalogue.", "Add the row to items with its ERP number and unit; sign it on the desk.", "See what a replay would do, then replay."] } satisfies Shapes["Cause"] };
  }
  if (found[2] === "replay") {
    const dry = (body as { dry_run: boolean }).dry_run;
    if (!dry) replayed ||= now();
    return { status: 200, json: plan(dry) };
  }
  taken = (body as { take: boolean }).take ? { person: "priya", name: "Priya Nair", note: "", at: now() } : null;
  return { status: method === "POST" ? 200 : 405, json: card };
}

const pending = (): Shapes["Signers"] => ({ sequence: 6, digest: "c4e19c1be07d55aa31c0de4477b8e2f1d2c3b4a5968778695a4b3c2d1e0f9a8b", signed: ["sam"], needed: 2, in_force: false, adds: 0, changes: 1, retires: 0, person: "sam", reason: "New supplier number", at: start - 30 * MINUTE, link: "http://localhost:8090/master/items/6#act=change" });
const column = (name: string, title: string, sensitivity = 1, pattern: string | null = null) => ({ name, title, concept: "item-code", sensitivity, pattern });
export const MASTERS: Shapes["MasterPage"][] = [
  { id: "items", title: "Items", loaded: true, sentence: "412 rows; one key that traffic brought is missing.", key: ["code"], columns: [column("erp", "ERP number", 1, "[0-9]{7}"), column("name", "Name", 0)], steward_role: "steward", add_needs: 1, change_needs: 2, rows: 412, sequence: 5, taken: 5, pending: pending(), unmapped: 2, used_by: ["supply-consumption", "medication-administration"] },
  { id: "locations", title: "Locations", loaded: true, sentence: "88 rows; nothing is missing.", key: ["ward"], columns: [column("costCentre", "Cost centre")], steward_role: "steward", add_needs: 1, change_needs: 2, rows: 88, sequence: 1, taken: 1, pending: null, unmapped: 0, used_by: ["supply-consumption"] },
];

const message = (number: number): Shapes["MessageCard"] => ({ number, flow: "supply-consumption", name: "Supply consumption", source: "or-mllp", release: "4f2a9c1be07d55aa31c0de4477b8e2f1d2c3b4a5968778695a4b3c2d1e0f9a8b", received: start - (4800 - number) * 700, state: number % 7 === 0 ? "parked" : number % 5 === 0 ? "filtered" : "delivered", filtered: number % 5 === 0 && number % 7 ? "not a charge" : null, postings: number % 5 === 0 ? 0 : 2 });
const posting = (number: number, state: "delivered" | "parked"): Shapes["MessagePosting"] => ({ number, release: message(1).release, item: `FT1[${String(number - 900)}]`, connection: "erp-inventory", operation: "postGoodsIssue", step: "erp", state, attempts: 1, status: state === "delivered" ? 201 : null, first: start, next: 0, ended: state === "delivered" ? start + 41 : null, snapshots: "items=5", case: null, readable: true });
const page = (card: Shapes["MessageCard"]): Shapes["MessagePage"] => ({
  card, sentence: "Received at 11:14:02, both lines posted to ERP inventory 41 ms later.", label: "synthetic", digest: "c4e19c1be07d55aa31c0de4477b8e2f1d2c3b4a5968778695a4b3c2d1e0f9a8b", readable: true, path: ["source", "check", "lines", "map-items", "erp"], may_reveal: true,
  moments: [
    { at: card.received, what: "received", sentence: "Accepted from or-mllp and acknowledged with AA.", step: "source", item: "", posting: null, case: null },
    { at: card.received + 9, what: "sent", sentence: "Posted to ERP inventory, first attempt.", step: "erp", item: "FT1[1]", posting: 901, case: null },
    { at: card.received + 41, what: "delivered", sentence: "ERP inventory answered 201.", step: "erp", item: "FT1[1]", posting: 901, case: null },
    { at: card.received + 44, what: "held", sentence: "Held: the item is not in master items.", step: "map-items", item: "FT1[2]", posting: 902, case: 101 },
    { at: null, what: "waits", sentence: "Waits for a row in items.", step: null, item: "FT1[2]", posting: 902, case: 101 },
  ], postings: [posting(901, "delivered"), posting(902, "parked")],
});
const field = (path: string, name: string, concept: string, sensitivity: number) => ({ path, name, concept, sensitivity, value: "•••" });
const FIELDS = [field("MSH-9.1", "Message Code", "message-control", 1), field("PID-3[1].1", "Patient Identifier List", "patient-id", 4), field("PID-5[1].1", "Patient Name", "person-name", 4), field("PV1-19.1", "Visit Number", "encounter-id", 3), field("FT1[1]-7.1", "Transaction Code", "item-code", 1), field("FT1[1]-10", "Transaction Quantity", "quantity", 1)];

const row = (code: string, index: number) => ({ key: [code], values: { erp: `40001${String(20 + index)}`, name: ["Knee implant, left", "Suture 3-0", "Stent 3.0 × 18", "Drape, large"][index % 4] ?? "" }, valid_from: "2026-01-01", valid_to: null, status: "active", superseded_by: null, unit: null, base_unit: "EA", units: [{ unit: "BX", factor: "12" }], holds: index !== 3 });
const unmapped = (group: string, key: string[]): Shapes["Unmapped"] => ({ group, cause: "unmapped-key", key, unit: "", flows: ["supply-consumption"], cases: 12, lines: 14, first: start - 72 * MINUTE, last: start - 3 * MINUTE, suggestions: [{ key: ["CAT-0015"], values: { erp: "4000120", name: "Suture 3-0" }, likeness: 88 }, { key: ["CAT-0061"], values: { erp: "4000133", name: "Stent" }, likeness: 75 }] });

export function lookAnswers(method: string, url: URL): Reply | null {
  const path = url.pathname;
  if (path === "/messages" || path === "/messages/search") return { status: 200, json: { messages: Array.from({ length: path === "/messages" ? 40 : 2 }, (_, index) => message(4790 - index)), next: path === "/messages" ? 4750 : null, sentence: path === "/messages" ? "4,790 messages, the newest first." : "2 messages have this key." } };
  const one = /^\/messages\/(\d+)(?:\/(.*))?$/.exec(path);
  if (one?.[2] === "fields") return { status: 200, json: { format: "hl7v2", type: "DFT^P03@2.5.1", fields: FIELDS, more: 61 } };
  if (one?.[2] === "reveal") return { status: 200, json: { path: "PID-5[1].1", values: ["Sample"], more: 0, until: now() + 5_000, record: 812 } };
  if (one) return { status: 200, json: page(message(Number(one[1]))) };
  const master = /^\/masters\/([a-z]+)(?:\/(.*))?$/.exec(path);
  const card = MASTERS.find((each) => each.id === master?.[1]);
  if (card && master?.[2] === "unmapped") return { status: 200, json: { keys: card.unmapped ? [unmapped(GROUP, ["CAT-0016"]), unmapped("77aa", ["CAT-0161"])] : [], hidden: card.unmapped ? 1 : 0, sentence: card.unmapped ? "2 keys are missing." : "Every key that traffic brought is in force." } };
  if (card && master?.[2] === "changes" && method === "POST") return { status: 201, json: { step: pending(), releases: 14, sentence: "Step 6 adds one row; 14 held lines wait for it. One steward signs it." } };
  if (card) return { status: 200, json: { page: card, rows: ["CAT-0001", "CAT-0002", "CAT-0015", "CAT-0061"].map(row), total: card.rows, steps: [{ ...pending(), sequence: 5, signed: ["sam", "lee"], in_force: true }] } };
  return null;
}
