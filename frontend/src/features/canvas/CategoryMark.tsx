/** What a step is, drawn with one path: a card is drawn hundreds of times. */
import type { Category } from "./icons";

const ADJUST = "M2 4.5h6m4 0h2M8 2.5v4M2 11.5h2m4 0h6M8 9.5v4";
const SHAPES: Record<Category, string> = {
  source: "M3 2.5v11M6 8h8M10.5 4.5 14 8l-3.5 3.5",
  transform: ADJUST,
  sink: "M13 2.5v11M2 8h8M6.5 4.5 10 8l-3.5 3.5",
  unknown: ADJUST,
};

export function CategoryMark({ category }: { category: Category }) {
  return (
    <svg width={12} height={12} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth={1.6} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={SHAPES[category]} />
    </svg>
  );
}
