/** Sentences of the server name steps by their ids, which programs need; people read titles. */

/** Quoted ids of steps as titles. What is quoted and no step, or is a field of that name, stays as it is. */
export function titled(sentence: string, titleOf: (step: string) => string): string {
  return sentence.replace(/(?<!\bfield )'([a-z][a-z0-9-]*)'/g, (quoted, id: string) => {
    const title = titleOf(id);
    return title === id ? quoted : `\u201c${title}\u201d`;
  });
}

/** A sentence without the steps that it lists, where the same way stands below it step by step. */
export function withoutWay(sentence: string, way: readonly string[]): string {
  return way.length > 1 ? sentence.replace(` by ${way.join(" \u2192 ")}`, "") : sentence;
}

export interface Placed {
  /** The step that a sentence begins with; null where it names none. */
  step: string | null;
  /** The place that it names, below the step's settings; null where it names none. */
  pointer: string | null;
  sentence: string;
}

const PLACED = /^(?:In step '([^']+)'|In this flow file), at (\/\S*): (\S.*)$/s;

/** A sentence that begins with its place, taken apart: `In step 'lines', at /config/each: this must be text.` */
export function placed(sentence: string): Placed {
  const found = PLACED.exec(sentence);
  if (!found) return { step: null, pointer: null, sentence };
  const [, step, pointer = "", said = ""] = found;
  const text = said.replace(/^'(\d+)': /, "");
  return { step: step ?? null, pointer: pointer.replace(/^\/steps\/\d+/, "").replace(/^\/config/, ""), sentence: text.charAt(0).toUpperCase() + text.slice(1) };
}
