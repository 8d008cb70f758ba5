/** The shapes that more than one part of the front end needs. */

export type Role = "analyst" | "privacy" | "erp-owner" | "steward" | "operator" | "administrator";

export interface Me {
  person: string;
  name: string;
  roles: Role[];
  environment: string;
  label: "synthetic" | "test" | "live";
  demo: boolean;
  rights: string[];
}

export interface Persona {
  person: string;
  name: string;
  roles: Role[];
  sentence: string;
}

export type Severity = "hard" | "soft" | "advisory";

export interface Hop {
  step: string;
  field: string;
}

export interface Address {
  pointer?: string | null;
  step?: string | null;
  port?: string | null;
  wire?: [string, string] | null;
  field?: string | null;
  sink?: string | null;
  path?: Hop[];
}

export type Edit =
  | { op: "add-step"; step: Record<string, unknown>; wire: [string, string] }
  | { op: "remove-step"; step: string }
  | { op: "set-config"; step: string; pointer: string; value: unknown }
  | { op: "remove-config"; step: string; pointer: string }
  | { op: "set-flow"; pointer: string; value: unknown }
  | { op: "remove-flow"; pointer: string }
  | { op: "add-wire"; wire: [string, string] }
  | { op: "remove-wire"; wire: [string, string] }
  | { op: "set-connection"; connection: string; pointer: string; value: unknown };

export interface Fix {
  title: string;
  edits: Edit[];
}

export interface Finding {
  rule: string;
  severity: Severity;
  sentence: string;
  address: Address;
  why: string;
  fixes: Fix[];
}

export interface Atom {
  origin: string;
  concept: string;
  sensitivity: number;
  classes: string[];
  protections: string[];
}

export interface WireLoad {
  from: string;
  to: string;
  sensitivity: number;
  fields: number;
  type: string | null;
}

export interface SinkMeter {
  step: string;
  reads: number;
  offered: number;
  excess_s3: number;
  fields: { path: string; atoms: Atom[] }[];
}

export interface StepReport {
  step: string;
  sentence: string;
  blocks: number;
  warns: number;
}

export interface Analysis {
  findings: Finding[];
  wires: WireLoad[];
  sinks: SinkMeter[];
  steps: StepReport[];
  blocks: number;
  ms: number;
}

export interface WireField {
  path: string;
  name: string;
  origin: string;
  concept: string;
  sensitivity: number;
  classes: string[];
  protections: string[];
  read_by: string[];
}

export type JsonSchema = {
  type?: string;
  title?: string;
  description?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  patternProperties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  required?: string[];
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
};

export interface NodeKind {
  kind: string;
  version: number;
  title: string;
  category: "source" | "transform" | "sink";
  doc: string;
  inputs: string[];
  outputs: string[];
  takes: string[];
  produces?: string | null;
  exclusive: boolean;
  schema: JsonSchema;
  example_config: Record<string, unknown>;
  effects_sentence: string;
}

export interface ConnectionSummary {
  name: string;
  domain: string;
  system: string;
  transport: string;
  label: string;
  operations: string[];
  kinds: string[];
}

export interface Catalogue {
  kinds: NodeKind[];
  purposes: string[];
  owners: string[];
  alert_routes: string[];
  connections: ConnectionSummary[];
  masters: string[];
  schemas: string[];
}

export interface FieldChoice {
  path: string;
  name: string;
  concept: string;
  sensitivity: number;
  classes: string[];
  ground: string;
  repeats: boolean;
}

export interface Pen {
  person: string;
  name: string;
  since: string;
}

/** The flow file as the server keeps it. The editor's own model of it is in `src/flow/document.ts`. */
export type FlowDocument = Record<string, unknown>;

export interface Draft {
  id: string;
  flow: string;
  revision: number;
  document: FlowDocument;
  environment: string;
  authors: string[];
  pen: Pen | null;
  mine: boolean;
  base: string | null;
  changed: boolean;
}

export type FlowState = "draft" | "in-review" | "approved" | "live" | "stopped";

export interface FlowSummary {
  id: string;
  name: string;
  purpose: string;
  criticality: "low" | "normal" | "high";
  owners: { business: string | null; technical: string | null; cases: string | null };
  state: FlowState;
  live: { release: string; sequence: number } | null;
  draft: string | null;
  review: string | null;
  highest_out: number | null;
  counters: Record<string, number> | null;
}
