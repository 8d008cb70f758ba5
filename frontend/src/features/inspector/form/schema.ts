/** Reading JSON Schema: references, optional parts, variants, and what an empty value looks like. */
import type { JsonSchema } from "@/lib/api/types";
import type { Json } from "@/flow/document";
import { partsOf, pointerOf, valueAt } from "@/flow/pointers";
import { spaced, wordOf } from "@/lib/naming";

export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let here = schema;
  for (let depth = 0; here.$ref && depth < 20; depth++) {
    const name = here.$ref.split("/").at(-1) ?? "";
    here = { ...(root.$defs?.[name] ?? {}), ...without(here, "$ref") };
  }
  return here;
}

function without(schema: JsonSchema, name: "$ref" | "anyOf"): JsonSchema {
  const rest = { ...schema };
  Reflect.deleteProperty(rest, name);
  return rest;
}

/** `anyOf: [X, null]` is X that may be left out. */
export function optional(schema: JsonSchema, root: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  const here = resolve(schema, root);
  const parts = here.anyOf;
  if (!parts?.some((part) => part.type === "null")) return { schema: here, nullable: false };
  const rest = parts.filter((part) => part.type !== "null");
  const beside = without(here, "anyOf");
  const inner = rest.length === 1 ? resolve(rest[0] ?? {}, root) : { anyOf: rest };
  return { schema: { ...inner, ...beside }, nullable: true };
}

export interface Variant {
  /** The one name that tells it from the others. */
  mark: string;
  title: string;
  description: string;
  schema: JsonSchema;
}

/** The variants of a union of objects, each told by its first required name. */
export function variantsOf(schema: JsonSchema, root: JsonSchema): Variant[] {
  return (schema.oneOf ?? schema.anyOf ?? []).flatMap((part) => {
    const here = resolve(part, root);
    const mark = here.required?.[0];
    return mark ? [{ mark, title: wordOf(mark), description: here.description ?? "", schema: here }] : [];
  });
}

export function variantOf(value: Json | undefined, variants: readonly Variant[]): Variant | undefined {
  if (typeof value === "string") return variants.find((each) => each.mark === "field");
  if (value === null || value === undefined || typeof value !== "object" || Array.isArray(value)) return undefined;
  return variants.find((each) => each.mark in value);
}

/** `fallback_charset` as `Fallback charset`. */
export function titleOf(name: string, schema: JsonSchema): string {
  return spaced(schema.title && !/[_-]/.test(schema.title) ? schema.title : name);
}

/** What a new entry of a list, or a part that was left out, begins as. */
export function emptyOf(given: JsonSchema, root: JsonSchema, depth = 0): Json {
  const { schema, nullable } = optional(given, root);
  if (schema.default !== undefined) return schema.default as Json;
  if (nullable || depth > 4) return null;
  if (schema.const !== undefined) return schema.const as Json;
  if (schema.enum) return schema.enum[0] as Json;
  const first = variantsOf(schema, root)[0];
  if (first) return emptyOf(first.schema, root, depth + 1);
  if (schema.type === "array") return schema.prefixItems ? schema.prefixItems.map((part) => emptyOf(part, root, depth + 1)) : [];
  if (schema.type === "object" || schema.properties) {
    return Object.fromEntries((schema.required ?? []).map((name) => [name, emptyOf(schema.properties?.[name] ?? {}, root, depth + 1)]));
  }
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 0;
  if (schema.type === "boolean") return false;
  return "";
}

/** Whether nothing stands here yet. */
export function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

export function isField(schema: JsonSchema): boolean {
  return schema.format === "field-path";
}

type Choices = Record<string, string>;

/** Of a setting that belongs to one choice of another beside it: which choices. */
function choicesOf(schema: JsonSchema): Choices | null {
  return (schema["x-only-with"] as Choices | undefined) ?? null;
}

/** Whether a setting is of use beside what is chosen; what stands there anyway is shown, so that it can be taken out. */
export function isShown(name: string, holder: JsonSchema, held: Readonly<Record<string, Json>>): boolean {
  const only = choicesOf(holder.properties?.[name] ?? {});
  return only === null || !isEmpty(held[name]) || isChosen(only, holder, held);
}

/** Whether a setting must be there: always, or because of what is chosen beside it. */
export function isRequired(name: string, holder: JsonSchema, held: Readonly<Record<string, Json>>): boolean {
  const only = choicesOf(holder.properties?.[name] ?? {});
  return (holder.required?.includes(name) ?? false) || (only !== null && isChosen(only, holder, held));
}

function isChosen(only: Choices, holder: JsonSchema, held: Readonly<Record<string, Json>>): boolean {
  return Object.entries(only).every(([choice, value]) => (held[choice] ?? holder.properties?.[choice]?.default) === value);
}

/** The settings beside a place that go when `next` is chosen there, since they belong to another choice. */
export function leftBehind(root: JsonSchema, value: Json, pointer: string, next: Json): string[] {
  const parts = partsOf(pointer);
  const name = parts.pop() ?? "";
  const holder = schemaAt(root, parts);
  return Object.entries(holder?.properties ?? {}).flatMap(([other, part]) => {
    const wanted = choicesOf(part)?.[name];
    const place = pointerOf([...parts, other]);
    return wanted !== undefined && wanted !== next && !isEmpty(valueAt(value, place)) ? [place] : [];
  });
}

/** What a schema says of a place, where no choice between shapes lies before it. */
function schemaAt(root: JsonSchema, parts: readonly string[]): JsonSchema | undefined {
  let here: JsonSchema | undefined = root;
  for (const part of parts) {
    here = optional(here, root).schema;
    here = here.properties?.[part] ?? (/^\d+$/.test(part) ? here.items : undefined) ?? Object.values(here.patternProperties ?? {})[0];
    if (!here) return undefined;
  }
  return optional(here, root).schema;
}
