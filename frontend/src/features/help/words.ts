/** The words of the product, as GLOSSARY.md has them, for people who use it. */
import type { Role } from "@/lib/api/types";

export interface Word {
  word: string;
  says: string;
}

export const GLOSSARY: readonly Word[] = [
  { word: "Flow", says: "What takes messages from one clinical system and posts what another needs of them: a source, steps, and sinks." },
  { word: "Step", says: "One node of a flow. It declares what it reads, drops, protects and adds; that is how it is known what reaches a sink." },
  { word: "Draft", says: "A flow being edited. One person holds the pen; the others follow. Everybody whose edit is in it is an author." },
  { word: "Release", says: "A draft whose bytes were fixed when it was handed in, with one digest: the flow, its connections, the code of its steps, the rules and what they said. The signature of an author seals it; approvals are over the same digest." },
  { word: "Exposure", says: "Which value, from which field, under which protection, reaches which sink. A change is told first by what it newly exposes." },
  { word: "Sensitivity", says: "How harmful a value is in wrong hands, from S0 (public) to S4 (direct identifier or special category)." },
  { word: "Finding", says: "What a rule has against a draft: a sentence, the way the field takes, and what would mend it. Hard ones block; soft ones need a waiver." },
  { word: "Approval desk", says: "Another site, where people sign with their own keys. It shows the fixed bytes again and trusts nothing of this one." },
  { word: "Activation", says: "An operator's signed order that a release runs. The runtime checks every signature itself before it lets it in." },
  { word: "Posting", says: "One request to an ERP, with a key that makes sure that it is posted once." },
  { word: "Case", says: "A failure that waits for a person. Cases of one cause stand together: mended once, replayed together." },
  { word: "Replay", says: "Held lines are run again from the stored message with the masters as they stand now. Each is posted once, however often it is asked for." },
  { word: "Master", says: "Reference data, such as items and cost centres. Its rows travel as stewards' signed steps and void no release." },
  { word: "Reveal", says: "One masked value is shown to one person for a minute, for a reason that the audit keeps." },
  { word: "Audit chain", says: "Records of what happened, each hashed with the one before: a change of any of them is seen." },
];

export const WAYS: readonly { role: Role; says: string }[] = [
  { role: "analyst", says: "Draw a flow, mend what the rules find, try it with samples, save test cases, submit it. You cannot approve what you edited." },
  { role: "privacy", says: "Read the seven answers, the exposure and the findings of a change; ask for changes, or approve it on the desk." },
  { role: "erp-owner", says: "See what newly reaches your system and how often; ask for changes, or approve it on the desk." },
  { role: "steward", says: "Add what traffic brought and a master lacks, sign it on the desk, and replay the cases that waited for it." },
  { role: "operator", says: "Activate approved releases on the desk, watch the flows, and resolve what is held." },
  { role: "administrator", says: "Keep accounts, read the audit and verify it. You neither draw nor approve." },
];

export const TABLE: readonly { keys: string; title: string; where: string }[] = [
  { keys: "j", title: "Next row", where: "Tables" },
  { keys: "k", title: "Row before", where: "Tables" },
  { keys: "Enter", title: "Open the row", where: "Tables" },
  { keys: "a", title: "Take a cause on", where: "Exceptions" },
  { keys: "r", title: "See what a replay would do; then replay", where: "Exceptions" },
  { keys: "u", title: "Missing keys of the master", where: "Masters" },
  { keys: "e", title: "Open the draft", where: "Flows" },
  { keys: "]", title: "Next part of the review", where: "Reviews" },
  { keys: "c", title: "Comment on the review", where: "Reviews" },
  { keys: "Escape", title: "Back to the list", where: "Pages of one thing" },
];

export const CANVAS: readonly { keys: string; title: string; where: string }[] = [
  { keys: "A", title: "Add a step after this one", where: "Canvas" },
  { keys: "I", title: "Insert a step on the wire", where: "Canvas" },
  { keys: "C", title: "Connect to another step", where: "Canvas" },
  { keys: "R", title: "Replace the step", where: "Canvas" },
  { keys: "H", title: "Data on wires, or plain", where: "Canvas" },
  { keys: "O", title: "Outline", where: "Canvas" },
  { keys: "F8", title: "Next problem", where: "Canvas" },
  { keys: "Ctrl+Z", title: "Undo", where: "Canvas" },
  { keys: "Shift+L", title: "Lay out", where: "Canvas" },
];
