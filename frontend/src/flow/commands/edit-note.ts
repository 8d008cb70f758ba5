/** Writes a note. */
import type { FlowCommand } from "../command";

export function editNote(id: string, text: string): FlowCommand {
  return {
    title: "Wrote a note",
    merge: `note ${id}`,
    run: (flow) => {
      const note = flow.notes.find((each) => each.id === id);
      if (note && note.text !== text) note.text = text;
    },
  };
}
