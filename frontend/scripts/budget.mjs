// What a first visit loads, compressed: the entry, all it imports at once, their styles. Fails above the budget.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 300;
const web = process.env.LOCKGATE_WEB ?? join(import.meta.dirname, "../../designer/web");
const manifest = JSON.parse(readFileSync(join(web, ".vite/manifest.json"), "utf8"));
const size = (file) => gzipSync(readFileSync(join(web, file))).length;

function reach(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) reach(next, seen);
  return seen;
}
function files(...keys) {
  const found = new Set();
  for (const key of keys) {
    for (const chunk of reach(key)) {
      found.add(manifest[chunk].file);
      for (const css of manifest[chunk].css ?? []) found.add(css);
    }
  }
  return [...found];
}
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const kb = (names) => names.reduce((sum, name) => sum + size(name), 0) / 1024;
const first = kb(files(entry));
const pages = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry && key.startsWith("src/features/"));
const known = new Set(files(entry));
const rows = pages.map((key) => [key, kb(files(key).filter((name) => !known.has(name)))]).sort((a, b) => b[1] - a[1]);
const fonts = readdirSync(join(web, "assets")).filter((name) => /(inter-latin-wght-normal|jetbrains-mono-latin-400).*woff2$/.test(name));
const text = fonts.reduce((sum, name) => sum + readFileSync(join(web, "assets", name)).length, 0) / 1024;
console.log(`first load ${first.toFixed(1)} KB gzip of ${BUDGET_KB} (fonts beside it ${text.toFixed(1)} KB)`);
for (const [key, value] of rows) console.log(`  + ${value.toFixed(1).padStart(7)} KB  ${key.replace("src/features/", "")}`);
if (first > BUDGET_KB) {
  console.error(`The first load is ${(first - BUDGET_KB).toFixed(1)} KB over its budget.`);
  process.exit(1);
}
