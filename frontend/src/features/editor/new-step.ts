/** A step of a kind as it is placed: only what must be there is filled in, a connection where just one fits. */
import type { Catalogue, JsonSchema, NodeKind } from "@/lib/api/types";
import type { NewStep } from "@/flow/commands/add-step";
import type { Config, Flow, Json } from "@/flow/document";
import { resolve } from "@/features/inspector/form/schema";

export function newStep(catalogue: Catalogue, flow: Flow, kind: NodeKind): NewStep {
  const schema = kind.schema as JsonSchema;
  const step: NewStep = { kind: kind.kind, version: kind.version, title: kind.title, config: emptyConfig(schema, kind.example_config as Config) };
  if (!kind.connected) return step;
  const fits = catalogue.connections.filter((each) => each.kinds.includes(kind.kind));
  const free = fits.filter((each) => !flow.steps.some((other) => other.connection === each.name));
  const only = free.length === 1 ? free[0] : fits.length === 1 ? fits[0] : undefined;
  return only ? { ...step, connection: only.name } : step;
}

function emptyConfig(schema: JsonSchema, example: Config): Config {
  const config: Config = {};
  for (const name of schema.required ?? []) {
    const part = resolve(schema.properties?.[name] ?? {}, schema);
    config[name] = emptyValue(part, example[name]);
  }
  return config;
}

/** Nothing where nothing is allowed; else what the kind's own example has. */
function emptyValue(schema: JsonSchema, example: Json | undefined): Json {
  if (schema.format === "master-key") return []; // the fields of the example are not those of this message
  if (schema.type === "array") return (schema.minItems ?? 0) === 0 ? [] : (example ?? []);
  if (schema.type === "object") return schema.patternProperties ? {} : (example ?? {});
  if (schema.enum) return (example ?? schema.enum[0]) as Json;
  if (schema.type === "string") return "";
  return example ?? null;
}
