/** Key notation: `Ctrl+Shift+Z`, `F8`, `g h`. */

export interface Key {
  key: string;
  ctrl: boolean;
  shift: boolean;
  alt: boolean;
}

const cache = new Map<string, Key[]>();

export function parseKeys(text: string): Key[] {
  let keys = cache.get(text);
  if (!keys) {
    keys = text.split(" ").map(parseKey);
    cache.set(text, keys);
  }
  return keys;
}

function parseKey(text: string): Key {
  const parts = text.length > 1 ? text.split(/\+(?=.)/) : [text];
  const key = parts.at(-1) ?? "";
  const named = parts.slice(0, -1);
  return {
    key: key === "Space" ? " " : key.toLowerCase(),
    ctrl: named.includes("Ctrl"),
    shift: named.includes("Shift"),
    alt: named.includes("Alt"),
  };
}

/** Signs such as `?` need Shift on many keyboards: there only the sign counts. */
export function matches(key: Key, event: KeyboardEvent): boolean {
  if (event.key.toLowerCase() !== key.key) return false;
  if ((event.ctrlKey || event.metaKey) !== key.ctrl || event.altKey !== key.alt) return false;
  const sign = key.key.length === 1 && !/[a-z]/.test(key.key);
  return sign || event.shiftKey === key.shift;
}

const SIGNS: Record<string, string> = {
  ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", Delete: "Del", Escape: "Esc",
};

/** The caps to draw: a list of keys pressed together, in a list of those pressed one after another. */
export function caps(text: string): string[][] {
  return text.split(" ").map((part) =>
    (part.length > 1 ? part.split(/\+(?=.)/) : [part]).map((cap) => SIGNS[cap] ?? (cap.length === 1 ? cap.toUpperCase() : cap)),
  );
}
