/** A remark on the canvas. */
import { memo } from "react";
import type { NodeProps } from "@xyflow/react";
import type { NoteNode } from "./model";
import classes from "./NoteCard.module.css";

export const NoteCard = memo(function NoteCard({ data, selected }: NodeProps<NoteNode>) {
  return (
    <div className={classes.note} data-selected={selected || undefined} data-dim={data.dim || undefined}>
      {data.text || "Empty note"}
    </div>
  );
});
