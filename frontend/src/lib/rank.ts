/** Which of many texts a few typed letters mean: words that begin so first, then words that hold them, then letters in order. */

export function rank<T>(items: readonly T[], typed: string, textOf: (item: T) => string): T[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...items];
  return items
    .map((item, index) => ({ item, index, score: scoreOf(textOf(item).toLowerCase(), words) }))
    .filter((each) => each.score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map((each) => each.item);
}

function scoreOf(text: string, words: readonly string[]): number {
  let total = 0;
  for (const word of words) {
    const score = wordScore(text, word);
    if (score === 0) return 0;
    total += score;
  }
  return total;
}

function wordScore(text: string, word: string): number {
  if (text.startsWith(word)) return 8;
  const at = text.indexOf(word);
  if (at > 0 && /[^a-z0-9]/.test(text.charAt(at - 1))) return 6;
  if (at >= 0) return 4;
  return inOrder(text, word) ? 1 : 0;
}

function inOrder(text: string, word: string): boolean {
  let from = 0;
  for (const sign of word) {
    const at = text.indexOf(sign, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}
