/** Who signs: a key that this browser holds, and what the trust root says of it. There is no session. */
import type { About, Root } from "./api";
import { type HeldKey, held } from "./keys";
import { wanted } from "./ways";
import { listed, plain, role } from "./words";

const CHOSEN = "lockgate-desk-key";

export type Act = "authorship" | "approval" | "activation" | "revocation" | "master-change";
/** One of these roles lets a person do it; the verifier has the same list and the last word. */
export const MAY: Record<Act, readonly string[]> = {
  authorship: ["analyst"],
  approval: ["privacy", "erp-owner"],
  activation: ["operator"],
  revocation: ["privacy", "erp-owner", "operator", "administrator"],
  "master-change": ["steward"],
};

export interface Context {
  about: About;
  keys: HeldKey[];
  /** The key that signs now; null while this browser holds none. */
  key: HeldKey | null;
  /** So many milliseconds the desk's clock is ahead of this one. */
  ahead: number;
}

/** Now by the desk's clock, as signed documents write it. */
export function instant(ctx: Context): string {
  return new Date(Date.now() + ctx.ahead).toISOString().replace(/\.\d{3}Z$/, "Z");
}

export async function context(about: About): Promise<Context> {
  const keys = await held();
  const chosen = localStorage.getItem(CHOSEN);
  const named = wanted();
  const usable = keys.filter((each) => isListed(each, about.root));
  const pool = usable.length > 0 ? usable : keys;
  const key = pool.find((each) => each.person === named) ?? keys.find((each) => each.keyid === chosen) ?? pool[0] ?? null;
  return { about, keys, key, ahead: Date.parse(about.at) - Date.now() };
}

export function choose(keyid: string): void {
  localStorage.setItem(CHOSEN, keyid);
}

export function isListed(key: HeldKey, root: Root): boolean {
  return root.keys[key.keyid]?.person === key.person;
}

export function nameOf(person: string, root: Root): string {
  return root.persons[person]?.name ?? person;
}

export function rolesOf(person: string, root: Root): string[] {
  return root.persons[person]?.roles ?? [];
}

/** Who signs, and in which capacity: `Omar, privacy approver`. */
export function capacity({ key, about }: Context): string {
  if (!key) return "nobody yet";
  return `${nameOf(key.person, about.root)}, ${listed(rolesOf(key.person, about.root).map(role), "without a role")}`;
}

/** Why nothing can be signed with the chosen key; null where something can. */
export function unheld({ key, about }: Context): string | null {
  if (!key) return "This browser holds no key of yours. Make one under “Your keys”, and have it enrolled.";
  if (!about.root.desk_origins?.includes(location.origin)) return `The trust root does not list ${location.origin} as an approval desk. An administrator adds it: lockgate trust desk.`;
  if (!isListed(key, about.root)) return "Your key waits for an administrator. Read the six words under “Your keys” to them; the page notices when it is done.";
  return null;
}

/** Why the person of the chosen key cannot do it at all; null where the roles allow it. */
export function barred(ctx: Context, act: Act): string | null {
  const { key, about } = ctx;
  const none = unheld(ctx);
  if (none || !key) return none;
  const roles = rolesOf(key.person, about.root);
  if (!roles.some((each) => MAY[act].includes(each))) {
    return `${nameOf(key.person, about.root)} is ${listed(roles.map(role), "without a role")}. ${capital(plain(act))} takes the role ${MAY[act].map(role).join(" or ")}.`;
  }
  return null;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
