/** What the stand-in answers to the pages: who is signed in, flows, reviews, operations. */
import { auditAnswers } from "./audit.ts";
import { lookAnswers, operationAnswers } from "./operations.ts";
import { benchAnswers } from "./testbench.ts";
import { PICTURE, reviewAnswers } from "./reviews.ts";

export interface Reply { status: number; json?: unknown; svg?: string }

const RIGHTS: Record<string, string[]> = {
  analyst: ["draft.create", "draft.edit", "draft.pen", "sample.run", "sample.reveal", "test-case.edit", "review.submit", "review.withdraw"],
  privacy: ["sample.run", "review.return", "release.sign", "message.reveal", "audit.read", "audit.verify"],
  "erp-owner": ["sample.run", "review.return", "release.sign", "message.reveal", "audit.read", "audit.verify"],
  steward: ["master.change", "release.sign", "case.assign", "case.replay"],
  operator: ["release.sign", "case.assign", "case.replay", "message.reveal", "audit.read", "audit.verify"],
};

/** The session as the server gives it, from who the stand-in thinks is there. */
export function session(me: { person: string; name: string; roles: string[] }) {
  return {
    person: me.person, name: me.name, roles: me.roles, environment: "demo", label: "synthetic", demo: true, desk: "http://localhost:8090",
    rights: ["review.read", "review.comment", "case.read", "message.read", "master.read", "monitor.read", "flow.read", "draft.read", ...me.roles.flatMap((role) => RIGHTS[role] ?? [])],
  };
}

const COUNTERS = { received: 12873, delivered: 12850, filtered: 311, parked: 12, in_flight: 2, open_cases: 12 };
const owners = { business: "supply-chain", technical: "integration", cases: "or-supply-desk" };
const FLOWS = [
  { id: "supply-consumption", name: "Supply consumption", purpose: "supply-consumption", criticality: "high", owners, state: "live", live: { release: "4f2a9c1be07d55aa31c0de4477b8e2f1d2c3b4a5968778695a4b3c2d1e0f9a8b", sequence: 7, state: "running", sentence: "" }, draft: "d1", review: "r00000000000000a1", highest_out: 3, held_out: 4, counters: COUNTERS, updated: Date.now() - 7_200_000 },
  { id: "medication-administration", name: "Medication administration", purpose: "replenishment", criticality: "high", owners, state: "live", live: { release: "77aa9c1be07d55aa31c0de4477b8e2f1d2c3b4a5968778695a4b3c2d1e0f9a8b", sequence: 3, state: "running", sentence: "" }, draft: null, review: null, highest_out: 1, held_out: 4, counters: { ...COUNTERS, received: 4021, delivered: 4019, parked: 0, open_cases: 0 }, updated: Date.now() - 90_000_000 },
  { id: "bench-replenishment", name: "Replenishment", purpose: "replenishment", criticality: "normal", owners: { ...owners, cases: null }, state: "in-review", live: null, draft: "d2", review: "r00000000000000a2", highest_out: 3, held_out: 4, counters: null, updated: Date.now() - 93_600_000 },
  { id: "charge-file", name: "Charges to cost centres", purpose: "charge-capture", criticality: "normal", owners, state: "draft", live: null, draft: "d3", review: null, highest_out: 4, held_out: 4, counters: null, updated: Date.now() - 600_000 },
];
const DRAFTS = [
  { id: "d3", flow: "charge-file", name: "Charges to cost centres", revision: 12, authors: ["ana"], pen: { person: "ana", name: "Ana Alves", since: Date.now() - 500_000 }, blocks: 2, warns: 1, highest_out: 4, held_out: 4, locked: false, asked_for: null, saved: Date.now() - 600_000 },
  { id: "d1", flow: "supply-consumption", name: "Supply consumption", revision: 31, authors: ["ana"], pen: null, blocks: 0, warns: 0, highest_out: 3, held_out: 4, locked: true, asked_for: null, saved: Date.now() - 7_200_000 },
];
const PATTERNS = [
  { id: "supply-consumption", name: "Supply consumption", purpose: "supply-consumption", sentence: "Charges of implants and supplies, posted as goods issues.", steps: 6, cases: 6, usable: true, lacks: [] },
  { id: "medication-administration", name: "Medication administration", purpose: "replenishment", sentence: "What was given to patients, without saying to whom.", steps: 7, cases: 4, usable: true, lacks: [] },
  { id: "any-type", name: "Any message type", purpose: "interface-monitoring", sentence: "Counts what comes in, by type.", steps: 2, cases: 2, usable: false, lacks: ["the connection 'monitoring'"] },
];

export function pageAnswers(method: string, url: URL, body: unknown): Reply | null {
  const path = url.pathname;
  if (path === "/flows") return { status: 200, json: { flows: FLOWS } };
  if (path === "/drafts" && method === "GET") return { status: 200, json: { drafts: DRAFTS } };
  const flow = FLOWS.find((each) => path.startsWith(`/flows/${each.id}`));
  if (flow && path.endsWith("/picture.svg")) return { status: 200, svg: PICTURE };
  if (flow) return { status: 200, json: { card: flow, versions: [], document: null } };
  if (path === "/releases") return { status: 200, json: { releases: ["live", "approved", "revoked"].map((state, index) => ({ release: `${String(index)}f2a9c1be07d55aa31c0de4477b8e2f1d2c3b4a5968778695a4b3c2d1e0f9a8b`, flow: "supply-consumption", name: "Supply consumption", state, authors: ["ana"], approvers: ["mei", "omar"], activator: "priya", sequence: 7 - index, made: `2026-11-2${String(1 - (index % 2))}T09:00:00Z`, expires: "2027-05-20T09:00:00Z", highest_out: 3, held_out: 4, review: "r00000000000000b1", desk: "http://localhost:8081/release/0", signatures: [{ act: "sealed", person: "Ana Alves", at: 1_700_000_000_000, sequence: null, why: "" }] })) } };
  if (path === "/library") return { status: 200, json: { patterns: PATTERNS } };
  return benchAnswers(method, url) ?? auditAnswers(url) ?? lookAnswers(method, url) ?? operationAnswers(method, url, body) ?? reviewAnswers(method, url, body);
}
