/** JSON pointers (RFC 6901) into a config or a flow; `-` appends, objects on the way are made. As the server's edits do. */
import type { Json } from "./document";

type Holder = Record<string, Json> | Json[];

export function partsOf(pointer: string): string[] {
  return pointer.split("/").slice(1).map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"));
}

export function pointerOf(parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${String(part).replace(/~/g, "~0").replace(/\//g, "~1")}`).join("");
}

export function valueAt(document: unknown, pointer: string): Json | undefined {
  let here = document as Json | undefined;
  for (const part of partsOf(pointer)) {
    if (Array.isArray(here)) here = here[Number(part)];
    else if (here !== null && typeof here === "object") here = Object.hasOwn(here, part) ? here[part] : undefined;
    else return undefined;
  }
  return here;
}

export function setAt(document: unknown, pointer: string, value: Json): void {
  const found = holderOf(document, pointer, true);
  if (!found) return;
  const [holder, last] = found;
  if (Array.isArray(holder)) {
    if (last === "-") holder.push(value);
    else if (isPlace(holder, last)) holder[Number(last)] = value;
  } else if (safe(last)) holder[last] = value;
}

export function removeAt(document: unknown, pointer: string): void {
  const found = holderOf(document, pointer, false);
  if (!found) return;
  const [holder, last] = found;
  if (Array.isArray(holder)) {
    if (isPlace(holder, last)) holder.splice(Number(last), 1);
  } else Reflect.deleteProperty(holder, last);
}

function holderOf(document: unknown, pointer: string, make: boolean): [Holder, string] | null {
  const parts = partsOf(pointer);
  const last = parts.pop();
  if (last === undefined) return null;
  let here = document as Json;
  for (const part of parts) {
    if (Array.isArray(here)) {
      if (!isPlace(here, part)) return null;
      here = here[Number(part)] as Json;
    } else if (here !== null && typeof here === "object" && safe(part)) {
      if (here[part] === undefined || here[part] === null) {
        if (!make) return null;
        here[part] = {};
      }
      here = here[part];
    } else return null;
  }
  return here !== null && typeof here === "object" ? [here, last] : null;
}

function isPlace(holder: readonly Json[], part: string): boolean {
  return /^\d+$/.test(part) && Number(part) < holder.length;
}

/** A config comes from people: its names are only ever names. */
function safe(name: string): boolean {
  return name !== "__proto__" && name !== "constructor" && name !== "prototype";
}
