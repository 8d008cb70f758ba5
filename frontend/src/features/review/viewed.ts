/** Which parts of a review this person has opened, by release: another version begins anew. */
import { useEffect, useState } from "react";

const KEY = "lockgate.viewed";

function stored(release: string): readonly string[] {
  try {
    const given = JSON.parse(localStorage.getItem(KEY) ?? "{}") as { release?: string; parts?: string[] };
    return given.release === release && Array.isArray(given.parts) ? given.parts : [];
  } catch {
    return [];
  }
}

export function useViewed(release: string, part: string): ReadonlySet<string> {
  const [parts, setParts] = useState<ReadonlySet<string>>(() => new Set(stored(release)));
  useEffect(() => {
    setParts((before) => {
      if (before.has(part)) return before;
      const now = new Set([...before, part]);
      localStorage.setItem(KEY, JSON.stringify({ release, parts: [...now] }));
      return now;
    });
  }, [release, part]);
  return parts;
}
