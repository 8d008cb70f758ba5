/** Which of many texts a few typed letters mean: words that begin so first, then words that hold them, then initials. */

const INITIALS = 1;

/** `textOf` gives one text, or several of which the first counts most. */
export function rank<T>(items: readonly T[], typed: string, textOf: (item: T) => string | readonly string[]): T[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...items];
  return items
    .map((item, index) => ({ item, index, score: scoreOf(partsOf(textOf(item)), words) }))
    .filter((each) => each.score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map((each) => each.item);
}

function partsOf(text: string | readonly string[]): string[] {
  return (typeof text === "string" ? [text] : text).map((part) => part.toLowerCase());
}

function scoreOf(parts: readonly string[], words: readonly string[]): number {
  let total = 0;
  for (const word of words) {
    const score = Math.max(...parts.map((part, at) => wordScore(part, word) * (parts.length - at)), initials(parts[0] ?? "", word) ? INITIALS : 0);
    if (score === 0) return 0;
    total += score;
  }
  return total;
}

function wordScore(text: string, word: string): number {
  if (text.startsWith(word)) return 8;
  let inside = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (/[^\p{L}\p{N}]/u.test(text.charAt(at - 1))) return 6;
    inside = 4;
  }
  return inside;
}

/** `mf` for "Mask fields". Letters that are only strewn over a text mean nothing. */
function initials(text: string, word: string): boolean {
  return word.length > 1 && text.split(/[^\p{L}\p{N}]+/u).map((each) => each.charAt(0)).join("").startsWith(word);
}
