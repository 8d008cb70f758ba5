/** What an empty canvas says. */
import { Button } from "@mantine/core";
import { useEditorState } from "@/features/editor/context";
import { show } from "@/features/editor/view";
import { EmptyState } from "@/ui/States";
import classes from "./CanvasEmpty.module.css";

export function CanvasEmpty() {
  const writable = useEditorState((state) => state.writable);
  return (
    <div className={classes.cover}>
      <EmptyState
        title="Nothing flows here yet"
        why="A flow begins with a source: where messages come from. Choose one, drag one from the palette, or paste steps from another flow."
        action={writable ? <Button onClick={() => { show({ picking: { kind: "add", after: null, at: null } }); }}>Choose a source</Button> : undefined}
      />
    </div>
  );
}
