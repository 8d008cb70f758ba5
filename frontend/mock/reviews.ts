/** Reviews of the stand-in: one change that widens exposure, one first release, some that are done. */
import type { Review, ReviewCard } from "../src/lib/api/work.ts";

const HOUR = 3_600_000;
const now = Date.now();
const RELEASE = "9a4f2c1be07d55aa31c0de4477b8e2f1d2c3b4a5968778695a4b3c2d1e0f9a8b";

const CARDS: ReviewCard[] = [
  { id: "r00000000000000a1", flow: "supply-consumption", name: "Supply consumption", release: RELEASE, state: "waits-for-approval", tier: "high", sentence: "This change newly exposes 2 values (PV1-3.1 S1, PV1-19.1 S3 pseudonymised) to ERP inventory.", summary: "Adds the ward and a pseudonymous visit to each posting", submitter: { person: "ana", name: "Ana Alves" }, at: now - 2 * HOUR, passed: 6, cases: 6, approvals: 1, needed: 2, open_comments: 1, mine: true },
  { id: "r00000000000000a2", flow: "bench-replenishment", name: "Replenishment", release: RELEASE.replace("9a4f", "17bd"), state: "waits-for-author", tier: "medium", sentence: "No change in exposure: nobody learns anything new.", summary: "Waits longer between attempts", submitter: { person: "ana", name: "Ana Alves" }, at: now - 26 * HOUR, passed: 3, cases: 4, approvals: 0, needed: 2, open_comments: 0, mine: false },
  { id: "r00000000000000a3", flow: "charge-capture", name: "Charges to cost centres", release: RELEASE.replace("9a4f", "c4e1"), state: "approved", tier: "low", sentence: "No change in exposure: nobody learns anything new.", summary: "Renames two steps", submitter: { person: "ana", name: "Ana Alves" }, at: now - 50 * HOUR, passed: 5, cases: 5, approvals: 2, needed: 2, open_comments: 0, mine: false },
];
const DONE: ReviewCard[] = [
  { ...CARDS[1]!, id: "r00000000000000b1", state: "live", approvals: 2, passed: 4, at: now - 90 * HOUR },
  { ...CARDS[0]!, id: "r00000000000000b2", state: "returned", approvals: 0, mine: false, at: now - 120 * HOUR },
];
const step = (id: string) => ({ id });
const comments: Review["comments"][number][] = [
  { number: 1, person: "omar", name: "Omar Haddad", at: now - HOUR, text: "Why does the inventory need the visit at all? A ward would do to find the shelf.", place: { step: "pseudonym", wire: null, field: null }, kind: "comment", resolved_by: null },
];

const review = (card: ReviewCard): Review => ({
  card, draft: "d1", draft_there: true, base: card.id === "r00000000000000a2" ? null : "4f2a9c1be07d55aa31c0de4477b8e2f1d2c3b4a5968778695a4b3c2d1e0f9a8b", base_is_live: true,
  behaviour: RELEASE, shown: RELEASE, expires: "2027-05-21T10:00:00Z", reason: "OR supply desk asked for it in ticket 4711: refills went to the wrong ward.",
  tier_why: ["PV1-19.1 S3 pseudonymised newly leaves: S3 or S4.", "2 changes in what is done."],
  answers: [
    { question: "What business purpose does it serve?", answer: "Supply consumption: supply consumption, high criticality. supply-chain answers for it; or-supply-desk resolves its cases.", filled: true },
    { question: "Who asked for it, and who built it?", answer: "OR supply desk asked for it in ticket 4711: refills went to the wrong ward. Ana Alves submitted it; Ana Alves built it.", filled: true },
    { question: "What data newly leaves, and to whom?", answer: card.sentence, filled: true },
    { question: "Which rules hold, fail, or were set aside?", answer: "14 of 14 rules that were asked hold, none is against it. None was set aside.", filled: true },
    { question: "What was tested?", answer: card.id === "r00000000000000a2" ? "" : "6 of 6 test cases pass on exactly these bytes. Every step is met by one.", filled: card.id !== "r00000000000000a2" },
    { question: "What would have happened to yesterday's traffic?", answer: "11,204 messages came in the last 24 hours. 2 changes in what is done would have met them; compare the runs of the test cases, and see the list of changes.", filled: true },
    { question: "How do we go back?", answer: "Activate the release before it again on the desk: the version that runs now stays approved, and it takes over within seconds.", filled: true },
  ],
  exposure: [
    { direction: "wider", sentence: "'erp' now gets PV1-19.1 (S3, pseudonymised) in 'encounter'.", pointer: "/lineage/erp/fields/encounter", step: "erp", sink: "erp", field: "encounter", before: null, after: { origin: "PV1-19.1", sensitivity: 3, protections: ["pseudonymised"] } },
    { direction: "wider", sentence: "'erp' now gets PV1-3.1 (S1) in 'ward'.", pointer: "/lineage/erp/fields/ward", step: "erp", sink: "erp", field: "ward", before: null, after: { origin: "PV1-3.1", sensitivity: 1, protections: [] } },
    { direction: "narrower", sentence: "'erp' no longer gets FT1-7.2 (S1) in 'description'.", pointer: "/lineage/erp/fields/description", step: "erp", sink: "erp", field: "description", before: { origin: "FT1-7.2", sensitivity: 1, protections: [] }, after: null },
  ],
  behaviour_changes: [
    { direction: "other", sentence: "Step 'map' maps two fields more.", pointer: "/flow/steps/map/config/fields", step: "map", sink: null, field: null, before: { itemCode: "FT1-7.1", quantity: "FT1-10" }, after: { itemCode: "FT1-7.1", quantity: "FT1-10", ward: "PV1-3.1", encounter: "PV1-19.1" } },
    { direction: "other", sentence: "Step 'pseudonym' is new.", pointer: "/flow/steps/pseudonym", step: "pseudonym", sink: null, field: null, before: null, after: null },
  ],
  configuration: [{ direction: "other", sentence: "At most 5 requests a second reach ERP inventory; it was 10.", pointer: "/environment/connections/erp/throttle", step: "erp", sink: null, field: null, before: 10, after: 5 }],
  graph: { added: ["pseudonym"], removed: [], changed: ["map"], wires_added: [["check.out", "pseudonym.in"], ["pseudonym.out", "map.in"]], wires_removed: [["check.out", "map.in"]], before: null, after: { steps: ["source", "check", "lines", "pseudonym", "map", "erp"].map(step) } },
  findings: [
    { rule: "LG-ADV-010", severity: "advisory", sentence: "The pseudonym of PV1-19.1 is the same in every flow of this domain: two flows can be joined by it.", why: "A pseudonym per flow keeps what one system knows apart from another.", address: { node: "pseudonym", port: null, field: "PV1-19.1", sink: "erp", path: [{ step: "source", field: "PV1-19.1" }, { step: "pseudonym", field: "PV1-19.1" }, { step: "map", field: "encounter" }, { step: "erp", field: "encounter" }] }, fixes: [] },
  ] as unknown as Review["findings"],
  rules: [
    ...(["LG-MIN-001 Only what the purpose needs reaches a sink", "LG-PHI-001 No patient identifier reaches an ERP", "LG-NET-001 Anything above S1 travels protected", "LG-OWN-001 Business, technical and case owner are named", "LG-ALR-001 Failures alert somebody", "LG-THR-001 Sinks are throttled", "LG-RET-001 Payloads are kept no longer than needed"].map((text) => ({ id: text.slice(0, 10), title: text.slice(11), severity: "hard" as const, effect: "forbid" as const, why: "What is not sent cannot be lost.", owner: "privacy-office", result: "holds" as const, asked: 4, findings: [] }))),
    { id: "LG-COD-001", title: "ERP items are mapped through the master", severity: "soft", effect: "forbid", why: "A code that the ERP does not know stops the posting.", owner: "supply-chain", result: "not-asked", asked: 0, findings: [] },
  ],
  tests: { cases: ["A charge for one implant", "Three lines, one of them unmapped", "An unknown ward", "A cancelled charge", "A visit without a number", "A quantity of zero"].map((title, index) => ({ id: `t${String(index)}`, title, passed: true, sentences: [] })), passed: 6, failed: 0, steps: ["source", "check", "lines", "pseudonym", "map", "erp"], missed: [] },
  people: {
    submitter: card.submitter, authors: [{ person: "ana", name: "Ana Alves" }], authored: [{ person: "ana", name: "Ana Alves", roles: ["analyst"], at: now - 2 * HOUR }],
    approvals: [{ person: "mei", name: "Mei Lin", roles: ["erp-owner"], at: now - HOUR / 2 }], missing: ["It waits for one approval by somebody with the role 'privacy'."], activator: null,
    acts: [{ act: "approve", may: true, why: "", link: `http://localhost:8090/release/${RELEASE}#act=approve` }, { act: "activate", may: false, why: "an approver does not activate; somebody with the role 'operator' does.", link: "" }],
  },
  comments, history: [{ at: now - 2 * HOUR, who: "ana", sentence: "Ana Alves submitted it." }, { at: now - 2 * HOUR, who: "ana", sentence: "Ana Alves signed as author." }, { at: now - HOUR / 2, who: "mei", sentence: "Mei Lin approved it." }],
  problems: [], covers: ["The flow: 6 steps with their settings and wires", "2 connections: who is called, where, how often", "3 masters with their contracts; their rows are signed by stewards and may change", "The code of 6 node kinds, by digest", "The rules that judged it, and what they said"],
  verify: `lockgate verify --store data/releases ${RELEASE}`,
});

export function reviewAnswers(method: string, url: URL, body: unknown): { status: number; json?: unknown; svg?: string } | null {
  const path = url.pathname;
  if (path === "/reviews") {
    const state = url.searchParams.get("state");
    return { status: 200, json: { reviews: state === "done" ? DONE : state === "mine" ? CARDS.filter((each) => each.mine) : CARDS, hidden: 0 } };
  }
  const found = /^\/reviews\/(r[0-9a-f]+)(?:\/(.*))?$/.exec(path);
  if (!found) return null;
  const card = [...CARDS, ...DONE].find((each) => each.id === found[1]);
  if (!card) return { status: 404, json: { error: "no-review", sentence: "There is no such review." } };
  if (!found[2]) return { status: 200, json: review(card) };
  if (found[2] === "picture.svg") return { status: 200, svg: PICTURE };
  if (method === "POST" && found[2] === "comments") comments.push({ number: comments.length + 1, person: "omar", name: "Omar Haddad", at: Date.now(), text: (body as { text: string }).text, place: { step: null, wire: null, field: null }, kind: "comment", resolved_by: null });
  if (found[2] === "return") card.state = "returned";
  return { status: 204 };
}

export const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1040 150" width="1040" height="150" font-family="sans-serif" font-size="13">${["source", "check", "lines", "map", "erp"].map((name, index) => `<rect x="${String(20 + index * 205)}" y="50" width="150" height="50" rx="8" fill="#fff" stroke="#888"/><text x="${String(34 + index * 205)}" y="80">${name}</text>${index ? `<path d="M${String(index * 205 - 35)} 75h55" stroke="#842d07" stroke-width="3.5"/>` : ""}`).join("")}</svg>`;
