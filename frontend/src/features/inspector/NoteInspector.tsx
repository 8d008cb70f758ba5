/** A note: its text. */
import { Button, Textarea } from "@mantine/core";
import { deleteParts } from "@/flow/commands/delete";
import { editNote } from "@/flow/commands/edit-note";
import { useDesk, useEditorState } from "@/features/editor/context";
import classes from "./Inspector.module.css";

export function NoteInspector({ id }: { id: string }) {
  const { editor } = useDesk();
  const note = useEditorState((state) => state.history.flow.notes.find((each) => each.id === id));
  const writable = useEditorState((state) => state.writable);
  if (!note) return null;
  return (
    <>
      <header className={classes.head}>
        <div className={classes.kind}>
          <h2>Note</h2>
        </div>
        <p className={classes.sentence}>Notes are read by reviewers and are no part of what the flow does.</p>
      </header>
      <div className={classes.body}>
        <Textarea label="Text" rows={8} maxLength={4000} value={note.text} disabled={!writable} onChange={(event) => { editor.run(editNote(id, event.currentTarget.value)); }} />
        {writable ? (
          <Button variant="default" onClick={() => { editor.run(deleteParts([], [id])); }}>
            Delete the note
          </Button>
        ) : null}
      </div>
    </>
  );
}
