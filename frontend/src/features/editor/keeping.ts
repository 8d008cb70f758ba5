/** What outlives a reload in this browser: edits that the server has not got, and the history of undo. */
import type { Entry } from "@/flow/history";
import type { Kept } from "@/flow/saving";

export interface KeptHistory {
  revision: number;
  past: readonly Entry[];
  future: readonly Entry[];
}

const NAME = "lockgate";
type Shelf = "unsaved" | "history";

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("unsaved");
      asked.result.createObjectStore("history");
    };
    asked.onsuccess = () => {
      resolve(asked.result);
    };
    asked.onerror = () => {
      reject(asked.error ?? new Error("no storage"));
    };
  });
}

async function act<T>(shelf: Shelf, mode: IDBTransactionMode, doing: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  try {
    return await new Promise<T>((resolve, reject) => {
      const asked = doing(database.transaction(shelf, mode).objectStore(shelf));
      asked.onsuccess = () => {
        resolve(asked.result);
      };
      asked.onerror = () => {
        reject(asked.error ?? new Error("no storage"));
      };
    });
  } finally {
    database.close();
  }
}

/** Storage may be forbidden or full: then work is kept by the open page alone. */
async function tried<T>(doing: Promise<T>): Promise<T | null> {
  try {
    return await doing;
  } catch {
    return null;
  }
}

/** Each key is the draft's and the person's: what one left here is not the next one's. */
export function keyOf(person: string, draft: string): string {
  return `${person}/${draft}`;
}

/** One after the other: what was kept last is what lies there, and who reads sees it. */
let line: Promise<unknown> = Promise.resolve();

function inLine<T>(doing: () => Promise<T>): Promise<T> {
  const next = line.then(doing);
  line = next.catch(() => {});
  return next;
}

export async function keepUnsaved(key: string, kept: Kept | null): Promise<void> {
  await inLine(() => tried(act("unsaved", "readwrite", (store) => (kept === null ? store.delete(key) : store.put(kept, key)) as IDBRequest<unknown>)));
}

export function readUnsaved(key: string): Promise<Kept | null> {
  return inLine(() => tried(act("unsaved", "readonly", (store) => store.get(key) as IDBRequest<Kept | null>))).then((kept) => kept ?? null);
}

export async function keepHistory(key: string, history: KeptHistory): Promise<void> {
  const trimmed = { ...history, past: history.past.slice(-200), future: history.future.slice(-200) };
  await tried(act("history", "readwrite", (store) => store.put(trimmed, key)));
}

export function readHistory(key: string): Promise<KeptHistory | null> {
  return tried(act("history", "readonly", (store) => store.get(key) as IDBRequest<KeptHistory | null>)).then((kept) => kept ?? null);
}
