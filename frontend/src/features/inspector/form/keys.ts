/** The parts of a master's key, by the master that is chosen beside the place. */
import type { Catalogue } from "@/lib/api/types";
import type { Config } from "@/flow/document";
import { partsOf, pointerOf, valueAt } from "@/flow/pointers";

/** The names of the parts where `pointer` is a key or an entry of one; none elsewhere. */
export function keyParts(catalogue: Pick<Catalogue, "masters">, config: Config, pointer: string): readonly string[] {
  const parts = partsOf(pointer);
  const at = parts.lastIndexOf("key");
  if (at < 0 || at < parts.length - 2) return [];
  const chosen = valueAt(config, pointerOf([...parts.slice(0, at), "master"]));
  return catalogue.masters.find((each) => each.id === chosen)?.key ?? [];
}
