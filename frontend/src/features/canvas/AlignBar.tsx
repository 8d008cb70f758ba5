/** What can be done with several steps at once. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { Panel } from "@xyflow/react";
import { AlignHorizontalSpaceBetween, AlignStartHorizontal, AlignStartVertical, AlignVerticalSpaceBetween, Copy, Trash2 } from "lucide-react";
import { clipOf } from "@/flow/clipboard";
import { align, type Alignment } from "@/flow/commands/align";
import { deleteParts } from "@/flow/commands/delete";
import { paste } from "@/flow/commands/paste";
import { stepOf } from "@/flow/document";
import { cardHeight, type Ports } from "@/flow/geometry";
import { useDesk, useEditorState } from "@/features/editor/context";
import classes from "./CanvasTools.module.css";

const WAYS: { how: Alignment; label: string; icon: typeof Copy }[] = [
  { how: "left", label: "Align left", icon: AlignStartVertical },
  { how: "top", label: "Align at the top", icon: AlignStartHorizontal },
  { how: "columns", label: "Spread evenly across", icon: AlignHorizontalSpaceBetween },
  { how: "rows", label: "Spread evenly down", icon: AlignVerticalSpaceBetween },
];

export function AlignBar({ sizeOf }: { sizeOf: (id: string) => Ports }) {
  const { editor } = useDesk();
  const selected = useEditorState((state) => state.selected);
  const writable = useEditorState((state) => state.writable);
  if (selected.size < 2 || !writable) return null;
  const flow = editor.flow();
  const steps = [...selected].filter((id) => stepOf(flow, id));
  const notes = [...selected].filter((id) => !stepOf(flow, id));
  return (
    <Panel position="top-center" className={classes.tools ?? ""}>
      {WAYS.map(({ how, label, icon: Icon }) => (
        <Tooltip key={how} label={label}>
          <ActionIcon aria-label={label} onClick={() => { editor.run(align(steps, how, (id) => cardHeight(sizeOf(id)))); }}>
            <Icon size={16} />
          </ActionIcon>
        </Tooltip>
      ))}
      <span className={classes.gap} />
      <Tooltip label="Duplicate (Ctrl+D)">
        <ActionIcon aria-label="Duplicate" onClick={() => { editor.run(paste(clipOf(flow, selected), [40, 40], "Duplicated")); }}>
          <Copy size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Delete (Del)">
        <ActionIcon aria-label="Delete" onClick={() => { editor.run(deleteParts(steps, notes)); }}>
          <Trash2 size={16} />
        </ActionIcon>
      </Tooltip>
    </Panel>
  );
}
