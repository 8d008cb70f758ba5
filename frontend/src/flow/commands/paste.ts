/** Puts copied steps, wires and notes on the canvas, all with ids of their own. */
import type { FlowCommand, Target } from "../command";
import { freshId, idsOf, type Point } from "../document";
import type { Clip } from "../clipboard";

export function paste(clip: Clip, offset: Point, title = "Pasted"): FlowCommand {
  const parts = clip.steps.length + clip.notes.length;
  return {
    title: `${title} ${String(parts)} ${parts === 1 ? "part" : "parts"}`,
    run: (flow) => {
      const taken = idsOf(flow);
      const names = new Map<string, string>();
      const targets: Target[] = [];
      for (const step of clip.steps) {
        const id = freshId(taken, step.kind);
        taken.add(id);
        names.set(step.id, id);
        flow.steps.push({ ...step, id });
        const at = clip.layout[step.id];
        if (at) flow.layout[id] = [at[0] + offset[0], at[1] + offset[1]];
        targets.push({ kind: "step", id });
      }
      for (const { from, to } of clip.wires) {
        const [begin, end] = [renamed(from, names), renamed(to, names)];
        if (begin && end) flow.wires.push({ from: begin, to: end });
      }
      for (const note of clip.notes) {
        const id = freshId(taken, "note");
        taken.add(id);
        flow.notes.push({ ...note, id, at: [note.at[0] + offset[0], note.at[1] + offset[1]] });
        targets.push({ kind: "note", id });
      }
      return targets;
    },
  };
}

function renamed(end: string, names: ReadonlyMap<string, string>): string | null {
  const [step = "", port = ""] = end.split(".");
  const name = names.get(step);
  return name ? `${name}.${port}` : null;
}
