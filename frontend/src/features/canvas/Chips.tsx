/** What each wire carries, in words on a chip that lies over it: all chips in one layer, so that a canvas of many wires is drawn once. */
import { memo } from "react";
import { EdgeLabelRenderer } from "@xyflow/react";
import { ShieldCheck } from "lucide-react";
import { sensitivityColour } from "@/ui/Sensitivity";
import { useDesk, useEditorState } from "@/features/editor/context";
import { narrow, show } from "@/features/editor/view";
import { compact, levelWord, type WireData, type WireEdge } from "./model";
import classes from "./Chips.module.css";

export const Chips = memo(function Chips({ edges }: { edges: readonly WireEdge[] }) {
  return (
    <EdgeLabelRenderer>
      {edges.map(({ id, data, selected }) => (data ? <Chip key={id} id={id} data={data} selected={selected ?? false} /> : null))}
    </EdgeLabelRenderer>
  );
});

const Chip = memo(function Chip({ id, data, selected }: { id: string; data: WireData; selected: boolean }) {
  const { editor } = useDesk();
  const active = useEditorState((state) => state.active?.kind === "wire" && state.active.id === id);
  const level = data.load?.bare ?? 0;
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
          if (narrow()) show({ inspector: true });
        }}
      >
        <Load data={data} level={level} />
      </button>
    </div>
  );
});

function Load({ data: { load }, level }: { data: WireData; level: number }) {
  if (!load) return <span className={classes.count}>…</span>;
  if (load.sensitivity < 0) return <span className={classes.count}>nothing</span>;
  return (
    <>
      <span className={classes.swatch} style={{ background: sensitivityColour(level) }} />
      <span>{levelWord(level)}</span>
      <span className={classes.count}>· {compact(load.fields)}</span>
      {load.sensitivity > load.bare ? (
        <span className={classes.shield}>
          <ShieldCheck size={11} aria-hidden="true" />
          {` S${String(load.sensitivity)}`}
        </span>
      ) : null}
    </>
  );
}
