/** A function that stays the same while what it does follows the latest drawing. */
import { useCallback, useInsertionEffect, useRef } from "react";

/** For what hundreds of cards and wires are given: were it new each time, all of them would be drawn again. Not to be called while drawing. */
export function useSteady<A extends unknown[], R>(act: (...given: A) => R): (...given: A) => R {
  const latest = useRef(act);
  useInsertionEffect(() => {
    latest.current = act;
  });
  return useCallback((...given: A) => latest.current(...given), []);
}
