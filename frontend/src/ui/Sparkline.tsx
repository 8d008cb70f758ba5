/** A line over time: as long as the time, zero where nothing came, nothing where nobody counted. */
import { number } from "@/lib/words";
import classes from "@/ui/Sparkline.module.css";

interface SparklineProps {
  /** One value a stretch, the oldest first; null before anybody counted. */
  values: readonly (number | null)[];
  /** What is drawn, and over which time: `Delivered in the last hour`. */
  label: string;
  /** How long a stretch is: `minute`. */
  each: string;
  width?: number;
  height?: number;
  tone?: "accent" | "bad" | "ok";
}

export function Sparkline({ values, label, each, width = 96, height = 20, tone = "accent" }: SparklineProps) {
  const known = values.flatMap((value, index) => (value === null ? [] : [[value, index] as const]));
  const last = known.at(-1);
  const first = known[0];
  if (!first || !last) return <span className="muted">no data</span>;
  const most = Math.max(...known.map(([value]) => value));
  const step = values.length > 1 ? (width - 4) / (values.length - 1) : 0;
  const across = (index: number) => (2 + index * step).toFixed(1);
  const up = (value: number) => (height - 3 - (value / Math.max(most, 1)) * (height - 6)).toFixed(1);
  const line = known.map(([value, index], place) => `${place === 0 ? "M" : "L"}${across(index)} ${up(value)}`).join("");
  const said = `${label}: at most ${number(most)} a ${each}, now ${number(last[0])}`;
  return (
    <svg className={classes.spark} data-tone={tone} width={width} height={height} role="img" aria-label={said}>
      <title>{said}</title>
      <path className={classes.area} d={`${line}L${across(last[1])} ${String(height)}L${across(first[1])} ${String(height)}Z`} />
      <path className={classes.line} d={line} />
      <circle className={classes.end} cx={across(last[1])} cy={up(last[0])} r={1.8} />
    </svg>
  );
}
