/** Reading JSON Schema: references, optional parts, variants, and what an empty value looks like. */
import type { JsonSchema } from "@/lib/api/types";
import type { Json } from "@/flow/document";

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

const WORDS: Record<string, string> = {
  field: "Field", text: "Fixed text", number: "Fixed number", fn: "Function", if: "If, then, else", test: "Condition",
  all: "All of", any: "Any of", not: "Not", equal: "Equal", in: "Is one of", present: "Has a value", compare: "Compare numbers", "starts-with": "Starts with",
};

function wordOf(mark: string): string {
  return WORDS[mark] ?? titleOf(mark, {});
}

/** `fallback_charset` as `Fallback charset`. */
export function titleOf(name: string, schema: JsonSchema): string {
  const text = (schema.title && !/[_-]/.test(schema.title) ? schema.title : name).replace(/[_-]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
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
