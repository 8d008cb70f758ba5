/** A sealed release as its own bytes tell it. Everything that the page shows of it comes from here. */
import { content, Refused, release as viewOf, type ReleaseView, type Root } from "./api";
import { type Bytes, type Json, text } from "./bytes";
import { type Signed, signed } from "./verify";

export interface Atom {
  origin: string;
  concept: string;
  sensitivity: number;
  classes: string[];
  protections: string[];
}
export interface SinkReport {
  connection: string | null;
  operation: string | null;
  purpose: string;
  fields: Record<string, Atom[]>;
  control: Atom[];
}
export interface Connection {
  domain: string;
  system: string;
  transport: string;
  host: string;
  port: number;
  base_path?: string;
  pins?: string[];
  throttle?: { per_second: number; burst: number; in_flight: number } | null;
  secret?: string | null;
  highest?: Record<string, number>;
}
export interface Step {
  id: string;
  kind: string;
  version: number;
  title: string;
  connection?: string;
  config: Json;
}
export interface Manifest {
  format: string;
  flow: { id: string; name: string; purpose: string; criticality: string; owners: Record<string, string>; alerts: string[]; steps: Step[]; retention?: Record<string, number>; wires: { from: string; to: string }[] };
  environment: { name: string; label: string; connections: Record<string, Connection> };
  authors: string[];
  made: string;
  expires: string;
  epoch: number;
  previous: string | null;
  waivers: { rule: string; step: string | null; owner: string; reason: string; control: string; expires: string }[];
  evidence: { cases: number; passed: number; suite: string } | null;
  policies: string;
  verdict: { policies: string; allowed: boolean; results: Result[] };
  lineage: Record<string, SinkReport>;
  fields: Record<string, string[]>;
  files: Record<string, string>;
  nodes: Record<string, string>;
  behaviour: string;
  shown: string;
}
export interface Result {
  action: string;
  step: string;
  about: string;
  allowed: boolean;
  permits: string[];
  forbids: string[];
  waived: string[];
}
/** The release that this one is held against: the one that runs in its place, or else the one that it names. */
export interface Base {
  release: string;
  how: "runs" | "named";
  /** Why its bytes cannot be read; empty where they are. */
  trouble: string;
}
export interface Sealed {
  digest: string;
  manifest: Manifest;
  bytes: number;
  files: { path: string; digest: string; bytes: Bytes }[];
  base: Base | null;
  /** The sealed bytes of the base; null where there is none, or where they cannot be read. */
  before: Manifest | null;
  signed: Signed[];
  view: ReleaseView;
}

/** Fetches a release and everything that it names; every byte is hashed here. An error where one does not fit. */
export async function sealed(digest: string, root: Root): Promise<Sealed> {
  const [data, view] = await Promise.all([content(digest), viewOf(digest)]);
  const manifest = parsed(data);
  const names = [...new Set(Object.values(manifest.files))];
  const contents = new Map(await Promise.all(names.map(async (name) => [name, await content(name)] as const)));
  const envelopes = [...view.envelopes, ...(view.active?.this ? [view.active.envelope] : [])];
  const said = await Promise.all(envelopes.map(async (name) => signed(await content(name), root)));
  const named = await baseOf(digest, manifest, view, root);
  const [before, trouble] = named ? await beside(named.release, manifest) : [null, ""];
  return {
    digest,
    manifest,
    bytes: data.length,
    files: Object.entries(manifest.files).map(([path, name]) => ({ path, digest: name, bytes: contents.get(name) as Bytes })),
    base: named ? { ...named, trouble } : null,
    before,
    signed: said.flat().filter((each) => each.subject === digest),
    view,
  };
}

/** What runs is read from the activation, a signed statement, and not from what the desk says of it. */
async function baseOf(digest: string, manifest: Manifest, view: ReleaseView, root: Root): Promise<Omit<Base, "trouble"> | null> {
  if (view.active && !view.active.this) {
    const { flow, environment } = manifest;
    const said = (await signed(await content(view.active.envelope), root)).find((each) => each.act === "activation" && each.holds !== false);
    if (!said || said.predicate["flow"] !== flow.id || said.predicate["environment"] !== environment.name) {
      throw new Error("The activation that the desk names for what runs does not hold, or is of another flow. Sign nothing, and tell an administrator.");
    }
    return { release: said.subject, how: "runs" };
  }
  return manifest.previous && manifest.previous !== digest ? { release: manifest.previous, how: "named" } : null;
}

/** The release before, or the sentence that says why it cannot be read. */
async function beside(release: string, manifest: Manifest): Promise<[Manifest | null, string]> {
  try {
    const before = parsed(await content(release));
    return before.flow.id === manifest.flow.id ? [before, ""] : [null, "it is a release of another flow."];
  } catch (error) {
    return [null, error instanceof Refused ? error.message : "it is no release of a form that this desk knows."];
  }
}

function parsed(data: Bytes): Manifest {
  const manifest = JSON.parse(text(data)) as Manifest;
  if (manifest.format !== "lockgate/manifest/1") throw new Error("This is no release of a form that this desk knows. Sign nothing.");
  return manifest;
}

/** The persons whose statement of that kind holds, as far as this browser can check it. */
export function who(release: Sealed, act: string): string[] {
  return [...new Set(release.signed.filter((each) => each.act === act && each.holds !== false).map((each) => each.person))].sort();
}

/** The fields of a sink that the release before did not send with such a content. */
export function isNew(release: Sealed, sink: string, field: string, atom: Atom): boolean {
  if (!release.before) return false;
  const old = release.before.lineage[sink]?.fields[field] ?? [];
  return !old.some((each) => JSON.stringify(each) === JSON.stringify(atom));
}

/** The fields that the release before sent to a sink and this one does not. */
export function gone(release: Sealed, sink: string): string[] {
  const now = Object.keys(release.manifest.lineage[sink]?.fields ?? {});
  return Object.keys(release.before?.lineage[sink]?.fields ?? {}).filter((field) => !now.includes(field));
}
