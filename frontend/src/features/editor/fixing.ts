/** Fixes: tried on the server first, shown as a ghost, then one edit like any other. And ways to a finding. */
import { useCallback } from "react";
import { useQueryClient } from "@tanstack/react-query";
import type { Finding, Fix } from "@/lib/api/types";
import type { Target } from "@/flow/command";
import { applyFix } from "@/flow/commands/apply-fix";
import { endOf, stepOf, wireKey } from "@/flow/document";
import { begin, perform } from "@/flow/history";
import { titled } from "@/lib/titled";
import { count } from "@/lib/words";
import { announce, failed, toast } from "@/ui/toasts";
import { analysisQuery, previewEdits } from "./api";
import { useDesk } from "./context";
import { focusSetting, hasPlace, settingOf } from "./settings";
import { show, useView, type Lit } from "./view";

/** Shows what a fix would do. Nothing is changed until it is applied. */
export function useTry(): (finding: Finding, fix: Fix) => Promise<void> {
  const { editor, draft } = useDesk();
  return useCallback(
    async (finding, fix) => {
      if (fix.edits.every((edit) => edit.op === "set-connection")) {
        toast("This changes the connection itself. Its owner carries it out in the environment.");
        return;
      }
      try {
        const flow = editor.flow();
        const { analysis } = await previewEdits(draft, flow, fix.edits);
        const { history, targets } = perform(begin(flow), applyFix(fix.title, fix.edits), 0);
        show({ trial: { fix, finding, document: history.flow, analysis, changed: changedBy(fix, targets) }, lit: null });
        announce(`Preview of ${fix.title}. ${count(analysis.blocks, "blocker")} would be left. Enter applies it, Escape leaves all as it is.`);
      } catch (error) {
        failed(error);
      }
    },
    [editor, draft],
  );
}

export function useApply(): () => void {
  const { editor, draft } = useDesk();
  const cache = useQueryClient();
  return useCallback(() => {
    const { trial } = useView.getState();
    if (!trial) return;
    // What the trial found holds until the save brings the same again.
    cache.setQueryData(analysisQuery(draft).queryKey, trial.analysis);
    show({ trial: null, lit: null });
    const { document, fix } = trial;
    const title = titled(fix.title, (id) => stepOf(document, id)?.title ?? stepOf(editor.flow(), id)?.title ?? id);
    if (editor.run(applyFix(title, fix.edits))) announce(`${title}: done. ${count(trial.analysis.blocks, "blocker")} left.`);
  }, [editor, draft, cache]);
}

/** The steps that a fix makes or changes, those that are looked at first. */
function changedBy({ edits }: Fix, targets: readonly Target[]): ReadonlySet<string> {
  const steps = edits.flatMap((edit): string[] => {
    if (edit.op === "add-wire" || edit.op === "remove-wire") return edit.wire.map((end) => endOf(end).step);
    return "step" in edit && typeof edit.step === "string" ? [edit.step] : [];
  });
  return new Set([...targets.flatMap((each) => (each.kind === "step" ? [each.id] : [])), ...steps]);
}

/** The path of a finding on the canvas, or the setting of the flow that it is about. */
export function useShow(): (finding: Finding, index: number) => void {
  const { editor } = useDesk();
  return useCallback(
    (finding, index) => {
      const flow = editor.flow();
      const { path, step, sink, wire } = finding.address;
      const line = [...new Set(path.map((hop) => hop.step))];
      const steps = new Set([...line, ...[step, sink].filter((id): id is string => id !== null)].filter((id) => stepOf(flow, id)));
      if (wire) for (const end of wire) steps.add(endOf(end).step);
      const wires = new Set(flow.wires.filter((each) => along(line, endOf(each.from).step, endOf(each.to).step) || (wire && wireKey(each) === `${wire[0]}>${wire[1]}`)).map(wireKey));
      const lit: Lit = { steps, wires, words: finding.sentence };
      show({ finding: index, drawer: "problems", lit: steps.size > 0 ? lit : null, trial: null });
      const goal = step ?? sink ?? (wire ? endOf(wire[0]).step : undefined) ?? line.at(-1);
      const setting = hasPlace(finding) ? null : settingOf(finding);
      if (setting) {
        editor.select([], null);
        show({ inspector: true });
        focusSetting(setting);
      }
      if (goal && stepOf(flow, goal)) {
        editor.select([goal]);
        editor.focus({ kind: "step", id: goal });
      }
    },
    [editor],
  );
}

function along(line: readonly string[], from: string, to: string): boolean {
  const at = line.indexOf(from);
  return at >= 0 && line[at + 1] === to;
}
