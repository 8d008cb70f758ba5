/** What can be done with the flow by key or by name, on the canvas and in the outline alike. */
import { useMemo } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type Command, isTyping, useCommands } from "@/lib/commands";
import { useMay } from "@/lib/session";
import { count } from "@/lib/words";
import { clipOf } from "@/flow/clipboard";
import { deleteAndHeal } from "@/flow/commands/delete-and-heal";
import { deleteParts } from "@/flow/commands/delete";
import { disconnect } from "@/flow/commands/disconnect";
import { paste } from "@/flow/commands/paste";
import { type Flow, stepOf, type Wire, wireKey } from "@/flow/document";
import type { Editor } from "@/flow/editor";
import { downstream, upstream } from "@/flow/graph";
import { announce } from "@/ui/toasts";
import { lastSelected } from "./adding";
import { analysisQuery } from "./api";
import { type Desk, useDesk } from "./context";
import { useShow, useTry } from "./fixing";
import { sortedFindings } from "./ProblemsPanel";
import { narrow, show, useView } from "./view";

export function inEditor(): boolean {
  const here = document.activeElement;
  if (isTyping(here)) return false;
  return here === null || here === document.body || here.id === "main" || here.closest("[data-canvas],[data-outline]") !== null;
}

const GROUP = "Flow";

export function useFlowCommands(submit: () => void): void {
  const desk = useDesk();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const reveal = useShow();
  const attempt = useTry();
  const submits = useMay("review.submit");
  const commands = useMemo<Command[]>(() => {
    const { editor, draft } = desk;
    const analysis = () => cache.getQueryData(analysisQuery(draft).queryKey);
    const findings = () => sortedFindings(analysis()?.findings ?? []);
    const writable = () => editor.getState().writable && useView.getState().trial === null;
    const step = () => chosenStep(editor);
    const wire = () => chosenWire(editor);
    const own = (command: Omit<Command, "group">): Command => ({ group: GROUP, within: inEditor, ...command });
    const next = (by: 1 | -1) => () => {
      const all = findings();
      if (all.length === 0) {
        announce("Nothing is wrong with this draft.");
        return;
      }
      const at = (useView.getState().finding + by + all.length) % all.length;
      const finding = all[at];
      if (finding) reveal(finding, at);
    };
    return [
      own({ id: "flow.undo", title: "Undo", keys: ["Ctrl+Z"], enabled: writable, run: () => void editor.undo() }),
      own({ id: "flow.redo", title: "Do again", keys: ["Ctrl+Shift+Z", "Ctrl+Y"], enabled: writable, run: () => void editor.redo() }),
      own({ id: "flow.add", title: "Add a step after this one", keys: ["a"], enabled: writable, run: () => { openAdd(desk, lastSelected(editor, desk.catalogue, analysis())); } }),
      own({ id: "flow.insert", title: "Insert a step on this wire", keys: ["i"], enabled: () => writable() && wire() !== null, run: () => { const on = wire(); if (on) show({ picking: { kind: "insert", wire: on } }); } }),
      own({ id: "flow.connect", title: "Connect this step to another", keys: ["c"], enabled: () => writable() && step() !== null, run: () => { const from = step(); if (from) show({ picking: { kind: "connect", from } }); } }),
      own({ id: "flow.replace", title: "Replace this step, keep its wires", keys: ["r"], enabled: () => writable() && step() !== null, run: () => { const id = step(); if (id) show({ picking: { kind: "replace", step: id } }); } }),
      own({ id: "flow.delete", title: "Delete", keys: ["Delete", "Backspace"], enabled: writable, run: () => { remove(editor, false); } }),
      own({ id: "flow.heal", title: "Delete and join the neighbours", keys: ["Shift+Delete", "Shift+Backspace"], enabled: writable, run: () => { remove(editor, true); } }),
      own({ id: "flow.duplicate", title: "Duplicate", keys: ["Ctrl+D"], enabled: () => writable() && chosen(editor).size > 0, run: () => void editor.run(paste(clipOf(editor.flow(), chosen(editor)), [40, 40], "Duplicated")) }),
      own({ id: "flow.all", title: "Select everything", keys: ["Ctrl+A"], run: () => { editor.select([...editor.flow().steps, ...editor.flow().notes].map((each) => each.id)); announce(`${count(editor.flow().steps.length, "step")} selected`); } }),
      own({ id: "flow.upstream", title: "Select everything upstream", keys: ["Shift+U"], enabled: () => step() !== null, run: () => { const id = step(); if (id) editor.select([...upstream(editor.flow(), id), id]); } }),
      own({ id: "flow.downstream", title: "Select everything downstream", keys: ["Shift+D"], enabled: () => step() !== null, run: () => { const id = step(); if (id) editor.select([...downstream(editor.flow(), id), id]); } }),
      own({ id: "flow.inspect", title: "Settings of what is selected", keys: ["Enter"], enabled: () => useView.getState().trial === null, run: () => { inspect(editor); } }),
      own({ id: "flow.leave", title: "Back", keys: ["Escape"], run: () => { leave(editor); } }),
      own({ id: "flow.next", title: "Next problem", keys: ["F8"], within: undefined, whileTyping: true, run: next(1) }),
      own({ id: "flow.previous", title: "Previous problem", keys: ["Shift+F8"], within: undefined, whileTyping: true, run: next(-1) }),
      own({
        id: "flow.fix", title: "Try the first fix of this problem", keys: ["."], enabled: writable,
        run: () => {
          const all = findings();
          const finding = all[useView.getState().finding] ?? all.find((each) => each.fixes.length > 0);
          const fix = finding?.fixes.find((each) => !each.costs);
          if (finding && fix) void attempt(finding, fix);
          else announce(finding?.fixes.length ? "Every fix of this problem loses something: choose one yourself." : "There is no fix for this problem.");
        },
      }),
      own({ id: "flow.find", title: "Find in this flow", keys: ["Ctrl+F"], run: () => { show({ picking: { kind: "find" } }); } }),
      own({ id: "flow.test", title: "Test bench", keys: ["t"], run: () => void navigate({ to: "/drafts/$draft/test", params: { draft } }) }),
      own({ id: "flow.heat", title: "Sensitivity on wires, on or off", keys: ["h"], run: () => { show({ heat: !useView.getState().heat }); } }),
      own({ id: "flow.problems", title: "Problems, shown or hidden", keys: ["p"], run: () => { show({ drawer: useView.getState().drawer === "problems" ? null : "problems" }); } }),
      own({ id: "flow.submit", title: "Submit for review", keys: ["Ctrl+Enter"], within: undefined, enabled: () => submits, run: submit }),
    ];
  }, [desk, cache, navigate, reveal, attempt, submit, submits]);
  useCommands(commands);
}

export function chosenStep(editor: Editor): string | null {
  const { selected, active } = editor.getState();
  const flow = editor.flow();
  const id = active?.kind === "step" ? active.id : [...selected].find((each) => stepOf(flow, each));
  return id !== undefined && stepOf(flow, id) ? id : null;
}

export function chosenWire(editor: Editor): Wire | null {
  const { wire, active } = editor.getState();
  const key = active?.kind === "wire" ? active.id : wire;
  return editor.flow().wires.find((each) => wireKey(each) === key) ?? null;
}

/** What is selected, or else what has the focus. */
export function chosen(editor: Editor): ReadonlySet<string> {
  const { selected, active } = editor.getState();
  if (selected.size > 0) return selected;
  return new Set(active && active.kind !== "wire" ? [active.id] : []);
}

export function openAdd({ editor, catalogue }: Desk, after: string | null): void {
  const [step, port] = (after ?? "").split(".");
  const known = step ? stepOf(editor.flow(), step) : undefined;
  const fits = known && port && catalogue.kinds.length > 0;
  show({ picking: { kind: "add", after: fits ? { step: known.id, port } : null, at: null } });
}

function remove(editor: Editor, heal: boolean): void {
  const wire = chosenWire(editor);
  const { active, selected } = editor.getState();
  if (wire && (active?.kind === "wire" || selected.size === 0)) {
    editor.run(disconnect([wire]));
    return;
  }
  const [steps, notes] = parted(editor.flow(), chosen(editor));
  if (steps.length + notes.length === 0) return;
  if (heal && steps.length > 0) editor.run(deleteAndHeal(steps));
  else editor.run(deleteParts(steps, notes));
}

export function parted(flow: Flow, ids: ReadonlySet<string>): [string[], string[]] {
  return [flow.steps.filter((each) => ids.has(each.id)).map((each) => each.id), flow.notes.filter((each) => ids.has(each.id)).map((each) => each.id)];
}

function inspect(editor: Editor): void {
  const { active } = editor.getState();
  if (active?.kind === "wire") editor.selectWire(active.id);
  else if (active) editor.select([active.id], active);
  show({ inspector: true, ...(active?.kind === "step" ? { tab: "settings" } : {}) });
  requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-inspector] input, [data-inspector] textarea, [data-inspector] [role=tab]")?.focus());
}

/** Escape undoes one state at a time: moving, a lit path, a selection. */
function leave(editor: Editor): void {
  const view = useView.getState();
  if (view.moving) show({ moving: false });
  else if (view.lit) show({ lit: null });
  else if (view.inspector && narrow()) show({ inspector: false });
  else {
    const { active } = editor.getState();
    editor.select([], active);
    editor.selectWire(null);
  }
}
