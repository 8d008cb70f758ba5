/** A wire: its colour, width and dash say how harmful the gravest unprotected field is; the chip says it in words. */
import { memo } from "react";
import { EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { ShieldCheck } from "lucide-react";
import { DASHES, sensitivityColour, WIDTHS } from "@/ui/Sensitivity";
import { useDesk, useEditorState } from "@/features/editor/context";
import { compact, levelWord, type WireEdge } from "./model";
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
      <EdgeLabelRenderer>
        <Chip id={id} data={data} selected={selected ?? false} level={level} />
      </EdgeLabelRenderer>
    </>
  );
});

function Chip({ id, data, selected, level }: { id: string; data: NonNullable<WireEdge["data"]>; selected: boolean; level: number }) {
  const { editor } = useDesk();
  const active = useEditorState((state) => state.active?.kind === "wire" && state.active.id === id);
  return (
    <div className={classes.place} style={{ transform: `translate(-50%, -50%) translate(${String(data.label.x)}px, ${String(data.label.y)}px)` }}>
      <button
        type="button"
        className={`nodrag nopan ${classes.chip ?? ""}`}
        data-wire={id}
        data-s={level}
        data-selected={selected || undefined}
        data-dim={data.dim || undefined}
        data-ghost={data.ghost || undefined}
        data-blocked={data.blocked || undefined}
        tabIndex={active ? 0 : -1}
        aria-label={data.words}
        aria-pressed={selected}
        onClick={() => {
          editor.selectWire(id);
        }}
      >
        {data.load && data.load.sensitivity < 0 ? (
          <span className={classes.count}>nothing</span>
        ) : data.load ? (
          <>
            <span className={classes.swatch} style={{ background: sensitivityColour(level) }} />
            <span>{levelWord(level)}</span>
            <span className={classes.count}>· {compact(data.load.fields)}</span>
            {data.load.sensitivity > data.load.bare ? (
              <span className={classes.shield}>
                <ShieldCheck size={11} aria-hidden="true" />
                {` S${String(data.load.sensitivity)}`}
              </span>
            ) : null}
          </>
        ) : (
          <span className={classes.count}>…</span>
        )}
      </button>
    </div>
  );
}
