/** Puts a remark on the canvas. */
import type { FlowCommand } from "../command";
import { freshId, idsOf, type Point } from "../document";

export function addNote(at: Point, text = ""): FlowCommand {
  return {
    title: "Added a note",
    run: (flow) => {
      const id = freshId(idsOf(flow), "note");
      flow.notes.push({ id, text, at });
      return [{ kind: "note", id }];
    },
  };
}
