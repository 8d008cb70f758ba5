/** How digests, times and the fixed vocabularies are said to people. */

export const SENSITIVITY = ["public", "internal", "confidential", "quasi-identifier", "direct identifier"] as const;

/** A digest in groups of eight, as people compare two of them. */
export function groups(digest: string): string[] {
  return digest.match(/.{1,8}/g) ?? [];
}

const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";

/** The first 96 bits of a digest as six words, to be read out and compared (proquints). */
export function phrase(digest: string): string {
  return Array.from({ length: 6 }, (_, at) => word(parseInt(digest.slice(4 * at, 4 * at + 4), 16))).join(" ");
}

function word(bits: number): string {
  const letters: [number, string, number][] = [[12, CONSONANTS, 15], [10, VOWELS, 3], [6, CONSONANTS, 15], [4, VOWELS, 3], [0, CONSONANTS, 15]];
  return letters.map(([shift, alphabet, mask]) => alphabet[(bits >> shift) & mask] ?? "").join("");
}

const ROLES: Record<string, string> = {
  analyst: "integration analyst", privacy: "privacy approver", "erp-owner": "ERP owner", steward: "master data steward",
  operator: "operator", administrator: "administrator",
};
export function role(id: string): string {
  return ROLES[id] ?? id;
}

const TRANSPORT: Record<string, string> = {
  mtls: "TLS, both sides by certificate", tls: "TLS", ssh: "SSH", loopback: "inside this machine", plain: "NOT ENCRYPTED",
};
export function transport(id: string): string {
  return TRANSPORT[id] ?? id;
}

const SHORT: Record<string, string> = { erp: "ERP", hr: "HR", part2: "42 CFR Part 2" };
/** `supply-consumption` as `supply consumption`, `or-supply-desk` as `OR supply desk`. */
export function plain(id: string): string {
  return SHORT[id] ?? id.replace(/^or-/, "OR-").replace(/[-_]/g, " ");
}

const PROTECTIONS: Readonly<Record<string, string>> = {
  pseudonymised: "replaced by a pseudonym that only the holder of the key can make again",
  redacted: "taken out",
  generalised: "made coarser",
  shifted: "moved in time by a secret number of days",
  mapped: "it chose the value that is sent, from a table or a master, and is not sent itself",
};
/** What the protections among these mean. */
export function protections(held: readonly string[]): string {
  return Object.keys(PROTECTIONS).filter((each) => held.includes(each)).map((each) => `${each}: ${PROTECTIONS[each] ?? ""}`).join("; ");
}

export function several(n: number, one: string, many = `${one}s`): string {
  return `${String(n)} ${n === 1 ? one : many}`;
}

/** `Omar`, `Omar and Mei`, `Ana, Omar and Mei`. */
export function listed(names: readonly string[], none = "nobody"): string {
  if (names.length < 2) return names[0] ?? none;
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

const moments = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
export function moment(at: string): string {
  const when = new Date(at);
  return Number.isNaN(when.getTime()) ? at : moments.format(when);
}
export function day(at: string): string {
  const when = new Date(at);
  return Number.isNaN(when.getTime()) ? at : days.format(when);
}

export function size(bytes: number): string {
  return bytes < 1024 ? `${String(bytes)} bytes` : `${(bytes / 1024).toFixed(1)} KB`;
}
