/** Puts steps where a layout wants them: one step of undo. */
import type { FlowCommand } from "../command";
import type { Point } from "../document";
import { move } from "./move";

export function arrange(places: ReadonlyMap<string, Point>): FlowCommand {
  return { ...move(places), title: "Arranged the flow" };
}
