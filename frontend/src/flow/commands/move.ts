/** Moves steps and notes to new places. */
import type { FlowCommand } from "../command";
import type { Point } from "../document";

export function move(places: ReadonlyMap<string, Point>, merge?: string): FlowCommand {
  return {
    title: places.size === 1 ? "Moved a step" : `Moved ${String(places.size)} steps`,
    ...(merge ? { merge } : {}),
    run: (flow) => {
      for (const [id, [x, y]] of places) {
        const at: Point = [Math.round(x), Math.round(y)];
        const note = flow.notes.find((each) => each.id === id);
        const before = note ? note.at : flow.layout[id];
        if (before && before[0] === at[0] && before[1] === at[1]) continue;
        if (note) note.at = at;
        else flow.layout[id] = at;
      }
    },
  };
}
