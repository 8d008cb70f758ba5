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
