/** Which tab of this browser writes in a draft: a lock of the browser's own, which ends with the tab, whatever the network does. */
import { useEffect } from "react";
import type { PenHolder } from "@/lib/api/types";

const nameOf = (key: string): string => `lockgate.pen.${key}`;

/** Holds the lock while this tab has the pen, and notes which pen it is. */
export function useHeld(key: string, pen: PenHolder | null, mine: boolean): void {
  const since = mine ? (pen?.since ?? null) : null;
  useEffect(() => {
    if (since === null || !("locks" in navigator)) return;
    noted(key, since);
    const waiting = new AbortController();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    navigator.locks.request(nameOf(key), { signal: waiting.signal }, () => held).catch(() => {}); // left before it was free
    return () => {
      waiting.abort();
      release();
    };
  }, [key, since]);
}

function noted(key: string, since: number): void {
  try {
    localStorage.setItem(nameOf(key), String(since));
  } catch {
    // Storage may be forbidden: then a tab that is gone is known by its lease alone.
  }
}

/** Whether a tab of this browser took this pen, and is gone or has left the draft. Of other browsers nobody here can tell. */
export async function isGone(key: string, pen: PenHolder): Promise<boolean> {
  try {
    if (!("locks" in navigator) || localStorage.getItem(nameOf(key)) !== String(pen.since)) return false;
    const { held = [], pending = [] } = await navigator.locks.query();
    return ![...held, ...pending].some((lock) => lock.name === nameOf(key));
  } catch {
    return false;
  }
}
