/** Writes how long the texts that people send may be, from openapi.json: a form asks for what the server will take. `--check`: drift. */
import { readFileSync, writeFileSync } from "node:fs";

const here = (path) => new URL(`../${path}`, import.meta.url);
const { components } = JSON.parse(readFileSync(here("openapi.json"), "utf8"));
const FILE = here("src/lib/api/limits.ts");

/** The plain string among what a member may be; null may stand beside it. */
function text(schema) {
  return schema.type === "string" ? schema : (schema.anyOf ?? []).find((each) => each.type === "string");
}

/** What each entry of a list, or each value of a map, may be. */
function entry(schema) {
  return schema.items ?? schema.additionalProperties ?? {};
}

function* limits() {
  for (const [shape, { properties = {} }] of Object.entries(components.schemas)) {
    for (const [member, schema] of Object.entries(properties)) {
      for (const [name, found] of [[member, text(schema)], [`${member}.*`, text(entry(schema))]]) {
        if (found?.maxLength !== undefined) yield [`${shape}.${name}`, { min: found.minLength ?? 0, max: found.maxLength }];
      }
    }
  }
}

const lines = [...limits()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { min, max }]) => `  "${name}": { min: ${min}, max: ${max} },`);
const written = `/** Made from openapi.json by scripts/limits.mjs; not edited by hand. */\nexport const LIMITS = {\n${lines.join("\n")}\n} as const;\n`;
if (!process.argv.includes("--check")) writeFileSync(FILE, written);
else if (readFileSync(FILE, "utf8") !== written) {
  console.error("src/lib/api/limits.ts is not what openapi.json says: run 'npm run types'.");
  process.exit(1);
}
