/** This tab's own word. The server tells two tabs of one person apart by it; it outlives a reload, not a copy of the tab. */

const KEY = "lockgate.tab";

function fresh(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 20);
}

async function settle(): Promise<string> {
  const old = sessionStorage.getItem(KEY);
  const word = old !== null && (await claim(old)) ? old : fresh();
  if (word !== old) void claim(word);
  sessionStorage.setItem(KEY, word);
  return word;
}

/** Holds a lock of the word's name until the tab closes. A copied tab finds it held and takes another word. */
function claim(word: string): Promise<boolean> {
  if (!("locks" in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`lockgate.tab.${word}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<void>(() => {});
    });
  });
}

let settled: Promise<string> | null = null;

export function tabWord(): Promise<string> {
  settled ??= settle().catch(fresh);
  return settled;
}
