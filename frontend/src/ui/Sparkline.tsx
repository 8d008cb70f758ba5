/** A line of a few dozen values; its meaning stands beside it in words. */
import classes from "@/ui/Sparkline.module.css";

interface SparklineProps {
  values: readonly number[];
  /** Says what is drawn, with the last value. */
  label: string;
  width?: number;
  height?: number;
  tone?: "accent" | "bad" | "ok";
}

export function Sparkline({ values, label, width = 96, height = 20, tone = "accent" }: SparklineProps) {
  if (values.length === 0) return <span className="muted">no data</span>;
  const top = Math.max(...values, 1);
  const step = values.length > 1 ? (width - 4) / (values.length - 1) : 0;
  const at = (value: number, index: number): [number, number] => [2 + index * step, height - 3 - (value / top) * (height - 6)];
  const points = values.map(at);
  const line = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const [endX, endY] = points.at(-1) ?? [0, 0];
  return (
    <svg className={classes.spark} data-tone={tone} width={width} height={height} role="img" aria-label={label}>
      <path className={classes.area} d={`${line}L${endX.toFixed(1)} ${String(height)}L2 ${String(height)}Z`} />
      <path className={classes.line} d={line} />
      <circle className={classes.end} cx={endX} cy={endY} r={1.8} />
    </svg>
  );
}
