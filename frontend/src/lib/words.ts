/** How numbers, times and the fixed vocabularies are said to people. */

export const SENSITIVITY = ["public", "internal", "confidential", "quasi-identifier", "direct identifier"] as const;

export function sensitivityWord(level: number): string {
  if (level < 0) return "none";
  return `S${String(level)} ${SENSITIVITY[level] ?? "unknown"}`;
}

const ROLES: Record<string, string> = {
  analyst: "Integration analyst", privacy: "Privacy approver", "erp-owner": "ERP owner", steward: "Master data steward",
  operator: "Operator", administrator: "Administrator",
};
export function roleWord(role: string): string {
  return ROLES[role] ?? role;
}

const CAPITALS = new Set(["csv", "erp", "fhir", "hl7", "it", "sftp", "soap"]);
/** `supply-consumption` as `Supply consumption`, `or-supply-desk` as `OR supply desk`. */
export function plain(id: string): string {
  const words = id.split(/[-_ ]/).map((word, place, all) => (CAPITALS.has(word) || (word === "or" && place === 0 && all.length > 1) ? word.toUpperCase() : word));
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${whole.format(n)} ${n === 1 ? one : many}`;
}

/** `once`, `14 times`. */
export function times(n: number): string {
  return n === 1 ? "once" : `${whole.format(n)} times`;
}

const whole = new Intl.NumberFormat("en");
export function number(n: number): string {
  return whole.format(n);
}

/** `350 ms`, `1.2 s`, `75 s`, `4 min`: as exact as somebody who looks needs it. */
export function lasting(ms: number): string {
  if (ms < 1_000) return `${whole.format(ms)} ms`;
  if (ms < 10_000) return `${(Math.trunc(ms / 100) / 10).toFixed(1)} s`;
  if (ms < 120_000) return `${whole.format(Math.trunc(ms / 1_000))} s`;
  return ms < 7_200_000 ? `${whole.format(Math.trunc(ms / 60_000))} min` : `${whole.format(Math.trunc(ms / 3_600_000))} h`;
}

/** Two lengths of time; a unit that both have is said once. */
export function lastings(one: number, other: number): string {
  const [first, second] = [lasting(one), lasting(other)];
  const [digits = "", unit = ""] = first.split(" ");
  return second.endsWith(` ${unit}`) ? `${digits} / ${second}` : `${first} / ${second}`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
export function timeOfDay(at: Date): string {
  return clock.format(at);
}
export function dayOf(at: Date): string {
  return day.format(at);
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const SPANS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
/** `3 min. ago`; seconds are not worth telling apart. */
export function ago(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  for (const [unit, size] of SPANS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return "just now";
}

const dayAndMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
/** The time of day today; with the day before it else, and with the year where it is another one. */
export function moment(at: Date, now: Date): string {
  if (at.toDateString() === now.toDateString()) return timeOfDay(at);
  return `${at.getFullYear() === now.getFullYear() ? dayAndMonth.format(at) : dayOf(at)} ${timeOfDay(at)}`;
}

/** A digest as people compare it: the first twelve signs. */
export function short(digest: string): string {
  return digest.slice(0, 12);
}

/** How bytes travel to a connection, as it follows its protocol: `MLLP over TLS`. */
export const TRANSPORTS = { mtls: "over mutual TLS", tls: "over TLS", ssh: "over SSH", loopback: "on this machine", plain: "unencrypted" } as const;
