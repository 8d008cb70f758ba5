/** An act that cannot be done twice at once: a second Enter while the first is on its way does nothing. */
import { useCallback, useEffect, useRef, useState } from "react";

export interface Once<A extends unknown[]> {
  run: (...given: A) => Promise<void>;
  busy: boolean;
}

/** `act` handles its own failures. The guard is held by a reference: it counts before the page is drawn again. */
export function useOnce<A extends unknown[]>(act: (...given: A) => Promise<unknown>): Once<A> {
  const held = useRef(false);
  const there = useRef(true);
  const latest = useRef(act);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  const run = useCallback(async (...given: A) => {
    if (held.current) return;
    held.current = true;
    setBusy(true);
    try {
      await latest.current(...given);
    } finally {
      held.current = false;
      if (there.current) setBusy(false);
    }
  }, []);
  return { run, busy };
}
