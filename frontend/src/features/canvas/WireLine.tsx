/** A wire: its colour, width and dash say how harmful the gravest unprotected field is. Its chip says it in words. */
import { memo } from "react";
import type { EdgeProps } from "@xyflow/react";
import { DASHES, sensitivityColour, WIDTHS } from "@/ui/Sensitivity";
import type { WireEdge } from "./model";
import classes from "./WireLine.module.css";

export const WireLine = memo(function WireLine({ id, data, selected }: EdgeProps<WireEdge>) {
  if (!data) return null;
  const level = data.load?.bare ?? 0;
  return (
    <>
      <path d={data.path} className={classes.hit} fill="none" />
      <path d={data.path} className={classes.halo} fill="none" style={{ strokeWidth: (WIDTHS[level] ?? 2) + 5 }} />
      <path
        d={data.path}
        id={id}
        fill="none"
        className={`${classes.line ?? ""} react-flow__edge-path`}
        data-s={data.load ? level : "none"}
        data-selected={selected || undefined}
        data-dim={data.dim || undefined}
        data-ghost={data.ghost || undefined}
        data-blocked={data.blocked || undefined}
        style={{ stroke: data.load ? sensitivityColour(level) : "var(--faint)", strokeWidth: WIDTHS[level] ?? 2, strokeDasharray: data.ghost ? "6 5" : (DASHES[level] ?? "none") }}
      />
    </>
  );
});
