/** Names for the server's shapes. All come from `schema.d.ts`, which is made from the server's code. */
import type { components } from "@/lib/api/schema";

type Shapes = components["schemas"];

export type Me = Shapes["Me"];
export type Persona = Shapes["Persona"];
export type Role = Shapes["Role"];
export type Installation = Shapes["Installation"];

export type Finding = Shapes["Finding"];
export type Fix = Shapes["Fix"];
export type Purpose = Shapes["Purpose"];
export type Edit = Fix["edits"][number];
export type Hop = Shapes["Hop"];
export type Address = Shapes["Address"];
export type Severity = Shapes["Severity"];

export type Analysis = Shapes["AnalysisBody"];
export type WireLoad = Shapes["WireBody"];
export type SinkMeter = Shapes["SinkBody"];
export type StepReport = Shapes["StepBody"];
export type Atom = Shapes["AtomBody"];
export type FieldTable = Shapes["FieldTable"];
export type FieldRow = Shapes["FieldRow"];

export type Catalogue = Shapes["Catalogue"];
export type NodeKind = Shapes["Kind"];
export type ConnectionCard = Shapes["ConnectionCard"];
export type FieldCard = Shapes["FieldCard"];

export type Draft = Shapes["Draft"];
export type DraftCard = Shapes["DraftCard"];
export type PenHolder = Shapes["PenHolder"];
export type Saved = Shapes["Saved"];
export type DraftHint = Shapes["DraftHint"];
export type PenAsked = Shapes["PenAsked"];
export type Presence = Shapes["Presence"];
export type Present = Shapes["Present"];

export type FlowCard = Shapes["FlowCard"];
export type FlowHint = Shapes["FlowHint"];
export type InboxHint = Shapes["InboxHint"];

/** The part of JSON Schema that configs are written in. */
export interface JsonSchema {
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
  examples?: unknown[];
  [extension: `x-${string}`]: unknown;
}

export type SampleRun = Shapes["SampleRun"];
export type SamplePassage = Shapes["SamplePassage"];
export type SampleRow = Shapes["SampleRow"];
export type SampleSide = Shapes["SampleSide"];
export type SampleFinding = Shapes["SampleFinding"];
export type Submitted = Shapes["Submitted"];
