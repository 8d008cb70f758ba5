/** How numbers, times and the fixed vocabularies are said to people. */

export const SENSITIVITY = ["public", "internal", "confidential", "quasi-identifier", "direct identifier"] as const;

export function sensitivityWord(level: number): string {
  return `S${String(level)} ${SENSITIVITY[level] ?? "unknown"}`;
}

const ROLES: Record<string, string> = {
  analyst: "Integration analyst", privacy: "Privacy approver", "erp-owner": "ERP owner", steward: "Master data steward",
  operator: "Operator", administrator: "Administrator",
};
export function roleWord(role: string): string {
  return ROLES[role] ?? role;
}

/** `supply-consumption` as `Supply consumption`. */
export function plain(id: string): string {
  const text = id.replace(/[-_]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${whole.format(n)} ${n === 1 ? one : many}`;
}

const whole = new Intl.NumberFormat("en");
export function number(n: number): string {
  return whole.format(n);
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
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return "just now";
}

/** A digest as people compare it: the first twelve signs. */
export function short(digest: string): string {
  return digest.slice(0, 12);
}
