/** This tab's own word. The server tells two tabs of one person apart by it; it outlives a reload, not a copy of the tab. */

const KEY = "lockgate.tab";
/** Set while this tab is between two pages: a copy of a tab is made of one that is open, and has no such mark. */
const LEFT = "lockgate.tab.left";

function fresh(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 20);
}

async function settle(): Promise<string> {
  const old = sessionStorage.getItem(KEY);
  const back = sessionStorage.getItem(LEFT) === old;
  sessionStorage.removeItem(LEFT);
  const own = old !== null && (back || (await claim(old)));
  const word = own ? old : fresh();
  if (!own || back) void claim(word, back);
  addEventListener("pagehide", () => {
    sessionStorage.setItem(LEFT, word);
  });
  sessionStorage.setItem(KEY, word);
  return word;
}

/** Holds a lock of the word's name until the tab closes. A copied tab finds it held and takes another word. */
function claim(word: string, wait = false): Promise<boolean> {
  if (!("locks" in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`lockgate.tab.${word}`, { ifAvailable: !wait }, (lock) => {
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
