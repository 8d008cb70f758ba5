/** A stretch of time cut into equal parts, with what was counted in each. */

interface Counted {
  at_ms: number;
  counts: { delivered: number };
}

interface Window {
  now: number;
  /** How long a part is. */
  width: number;
  /** From when on everything was counted. */
  since: number;
}

/** What was delivered in each of the newest parts, the oldest first: 0 where nothing was, null before it was counted. The last part is the one that runs. */
export function delivered(points: readonly Counted[], { now, width, since }: Window, parts: number): readonly (number | null)[] {
  const last = Math.floor(now / width);
  const found = new Map(points.map((point) => [Math.floor(point.at_ms / width), point.counts.delivered]));
  return Array.from({ length: parts }, (_, index) => {
    const part = last - parts + 1 + index;
    return found.get(part) ?? ((part + 1) * width > since ? 0 : null);
  });
}
