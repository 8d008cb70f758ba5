import { expect, test } from "vitest";
import { runsAlike } from "./alike";
import { renameStep } from "./commands/rename-step";
import { deleteParts } from "./commands/delete";
import { move } from "./commands/move";
import type { FlowCommand } from "./command";
import { begin, perform, undo } from "./history";
import { supply } from "./testing";

const after = (...commands: FlowCommand[]) => commands.reduce((history, command, at) => perform(history, command, at * 9_999).history, begin(supply()));

test("what was tried holds for a flow whose steps were moved or renamed", () => {
  expect(runsAlike(supply(), after(move(new Map([["check", [5, 5]]])), renameStep("check", "Checked")).flow)).toBe(true);
});

test("what was tried does not hold once a step is gone, and holds again once that is undone", () => {
  const history = after(deleteParts(["tokenise"]));
  expect(runsAlike(supply(), history.flow)).toBe(false);
  expect(runsAlike(supply(), undo(history)?.history.flow ?? history.flow)).toBe(true);
});
