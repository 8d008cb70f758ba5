/** A sealed release as its own bytes tell it. Everything that the page shows of it comes from here. */
import { content, release as viewOf, type ReleaseView, type Root } from "./api";
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
export interface Sealed {
  digest: string;
  manifest: Manifest;
  bytes: number;
  files: { path: string; digest: string; bytes: Bytes }[];
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
  return {
    digest,
    manifest,
    bytes: data.length,
    files: Object.entries(manifest.files).map(([path, name]) => ({ path, digest: name, bytes: contents.get(name) as Bytes })),
    before: manifest.previous ? await content(manifest.previous).then(parsed).catch(() => null) : null,
    signed: said.flat().filter((each) => each.subject === digest),
    view,
  };
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
