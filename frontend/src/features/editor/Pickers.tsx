/** The lists that keys and drops open: add, insert on a wire, replace, connect, find. */
import { useMemo, useState } from "react";
import type { Analysis, Catalogue, NodeKind } from "@/lib/api/types";
import type { Target } from "@/flow/command";
import { connect } from "@/flow/commands/connect";
import { replaceStep } from "@/flow/commands/replace-step";
import { mayConnect, takes } from "@/flow/connections";
import { endOf, endText, type Flow, type Point, stepOf, type Wire } from "@/flow/document";
import type { Editor } from "@/flow/editor";
import { plain } from "@/lib/words";
import { add, firstPlace, fitsAfter, insertKind, notTaken, useMiddle } from "./adding";
import { aroundOf, kindOf, loadOf, portsOf, reportOf, useAnalysis, useDesk, useFlow } from "./context";
import { sentenceOf, wordsOf } from "./kinds";
import { newStep } from "./new-step";
import { Picker, type Pick } from "./Picker";
import { type Picking, show, useView } from "./view";

interface Around {
  editor: Editor;
  catalogue: Catalogue;
  analysis: Analysis | undefined;
  flow: Flow;
  /** Where a first step goes. */
  middle: () => Point | null;
}

export function Pickers() {
  const picking = useView((view) => view.picking);
  return picking ? <Open key={JSON.stringify(picking)} picking={picking} /> : null;
}

function Open({ picking }: { picking: Picking }) {
  const { editor, catalogue } = useDesk();
  const flow = useFlow();
  const analysis = useAnalysis();
  const middle = useMiddle();
  const around = useMemo(() => ({ editor, catalogue, analysis, flow, middle }), [editor, catalogue, analysis, flow, middle]);
  const lists = useMemo(() => listsOf(picking, around), [picking, around]);
  const [way, choose] = useState(0);
  const list = lists[way] ?? lists[0];
  const close = () => {
    show({ picking: null });
    const { active } = editor.getState();
    if (active) editor.focus(active);
  };
  if (!list) return null;
  return (
    <Picker
      title={list.title}
      placeholder={list.placeholder}
      items={list.items}
      ways={lists.length > 1 ? { titles: lists.map((each) => each.way ?? ""), at: way, choose } : undefined}
      onClose={close}
      onPick={(id) => {
        show({ picking: null });
        list.act(id);
      }}
    />
  );
}

interface List {
  title: string;
  placeholder: string;
  items: Pick[];
  act: (id: string) => void;
  /** Where there are several ways to do it: this one in words. */
  way?: string;
}

/** One list for each way to do it; the first is what is meant most often. */
function listsOf(picking: Picking, around: Around): List[] {
  switch (picking.kind) {
    case "add":
      return [...between(picking, around), adding(picking, around)];
    case "insert":
      return [inserting(picking.wire, around)];
    case "replace":
      return [replacing(picking.step, around)];
    case "connect":
      return [connecting(picking.from, around)];
    case "find":
      return [finding(around)];
  }
}

const nameOf = (kind: NodeKind): string => `${kind.kind}@${String(kind.version)}`;
const byName = (catalogue: Catalogue, id: string): NodeKind | undefined => catalogue.kinds.find((kind) => nameOf(kind) === id);

function adding({ after, at }: Extract<Picking, { kind: "add" }>, { editor, catalogue, analysis, flow, middle }: Around): List {
  const from = after ? endText(after) : null;
  const title = after ? `Add after ${stepOf(flow, after.step)?.title ?? after.step}` : flow.steps.length === 0 ? "Choose a source" : "Add a step";
  const branches = after !== null && at === null && flow.wires.some((wire) => wire.from === from);
  const items = catalogue.kinds.map((kind): Pick => {
    const refused = from ? fitsAfter(flow, catalogue, analysis, from, kind).reason : flow.steps.length === 0 && kind.category !== "source" ? "a flow begins with a source" : null;
    return { id: nameOf(kind), title: kind.title, note: sentenceOf(kind), words: wordsOf(kind), refused };
  });
  return {
    ...(branches ? { way: `As a branch: what leaves ${stepOf(flow, after.step)?.title ?? after.step} goes on as now, and to the new step too` } : {}),
    title, items, placeholder: "Type to filter kinds",
    act: (id) => {
      const kind = byName(catalogue, id);
      if (kind) add(editor, catalogue, kind, from, at ?? firstPlace(editor, middle));
    },
  };
}

/** After a step that has a way out already, a new one goes between; a wire that was drawn into free space is a branch. */
function between({ after, at }: Extract<Picking, { kind: "add" }>, around: Around): List[] {
  if (after === null || at !== null) return [];
  const { editor, catalogue, analysis, flow } = around;
  const from = endText(after);
  const titleOf = (id: string) => stepOf(flow, id)?.title ?? id;
  return flow.wires.filter((wire) => wire.from === from).map((wire): List => ({
    way: `Between ${titleOf(after.step)} and ${titleOf(endOf(wire.to).step)}`,
    title: `Add after ${titleOf(after.step)}`, placeholder: "Type to filter kinds",
    items: catalogue.kinds.map((kind): Pick => {
      const ends = kind.outputs.length === 0;
      return { id: nameOf(kind), title: kind.title, note: `${ends ? "As a branch, because it ends there: " : ""}${sentenceOf(kind)}`, words: wordsOf(kind), refused: fitsAfter(flow, catalogue, analysis, from, kind).reason };
    }),
    act: (id) => {
      const kind = byName(catalogue, id);
      if (!kind) return;
      if (!insertKind(editor, catalogue, kind, wire)) add(editor, catalogue, kind, from, null);
    },
  }));
}

/** What the findings of the server want on this wire stands first. */
function inserting(wire: Wire, { editor, catalogue, analysis, flow }: Around): List {
  const type = loadOf(analysis, wire)?.type ?? null;
  const titles = [endOf(wire.from), endOf(wire.to)].map(({ step }) => stepOf(flow, step)?.title ?? step);
  const wanted = new Map<string, string>();
  for (const finding of analysis?.findings ?? []) {
    for (const fix of finding.fixes) {
      for (const edit of fix.edits) {
        if (edit.op === "add-step" && edit.wire[0] === wire.from && edit.wire[1] === wire.to && typeof edit.step["kind"] === "string") wanted.set(edit.step["kind"], finding.rule);
      }
    }
  }
  const items = catalogue.kinds
    .filter((kind) => kind.inputs.length > 0 && kind.outputs.length > 0)
    .map((kind): Pick => {
      const rule = wanted.get(kind.kind);
      return { id: nameOf(kind), title: kind.title, note: sentenceOf(kind), words: wordsOf(kind), praise: rule ? `helps with ${rule}` : undefined, refused: type && !takes(kind.takes, type) ? notTaken(catalogue, kind, type) : null };
    })
    .sort((a, b) => Number(Boolean(b.praise)) - Number(Boolean(a.praise)));
  return {
    title: `Insert between ${titles.join(" and ")}`, items, placeholder: "Type to filter kinds",
    act: (id) => {
      const kind = byName(catalogue, id);
      if (kind) insertKind(editor, catalogue, kind, wire);
    },
  };
}

function replacing(id: string, { editor, catalogue, flow }: Around): List {
  const step = stepOf(flow, id);
  const category = step ? kindOf(catalogue, step)?.category : undefined;
  const items = catalogue.kinds
    .filter((kind) => (category === undefined || kind.category === category) && nameOf(kind) !== `${step?.kind ?? ""}@${String(step?.version ?? 0)}`)
    .map((kind): Pick => ({ id: nameOf(kind), title: kind.title, note: sentenceOf(kind), words: wordsOf(kind) }));
  return {
    title: `Replace ${step?.title ?? id}`, items, placeholder: "Type to filter kinds",
    act: (name) => {
      const kind = byName(catalogue, name);
      if (!kind || !step) return;
      const properties = (kind.schema as { properties?: Record<string, unknown> }).properties ?? {};
      const fresh = newStep(catalogue, flow, kind);
      const kept = kind.connected && step.connection && catalogue.connections.some((each) => each.name === step.connection && each.kinds.includes(kind.kind));
      editor.run(replaceStep(id, kept ? { ...fresh, connection: step.connection ?? null } : fresh, kind, Object.keys(properties)));
    },
  };
}

function connecting(id: string, { editor, catalogue, analysis, flow }: Around): List {
  const here = stepOf(flow, id);
  const own = portsOf(catalogue, here, reportOf(analysis, id));
  const rules = aroundOf(flow, catalogue, analysis);
  const items = own.outputs.flatMap((port) =>
    flow.steps.filter((step) => step.id !== id).flatMap((step) =>
      portsOf(catalogue, step, reportOf(analysis, step.id)).inputs.map((input): Pick => {
        const wire = { from: `${id}.${port}`, to: `${step.id}.${input}` };
        const verdict = mayConnect(flow, rules, wire);
        return { id: `${wire.from}>${wire.to}`, title: step.title, note: own.outputs.length > 1 ? `from port ${port}` : undefined, refused: verdict.ok ? null : verdict.sentence };
      }),
    ),
  );
  return {
    title: `Connect ${here?.title ?? id} to`, placeholder: "Type to filter steps", items,
    act: (key) => {
      const [from = "", to = ""] = key.split(">");
      if (editor.run(connect({ from, to }))) editor.focus({ kind: "step", id });
    },
  };
}

/** Steps, fields in settings, notes, findings: wherever a text stands. */
function finding({ editor, analysis, flow }: Around): List {
  const items: Pick[] = [];
  for (const step of flow.steps) {
    items.push({ id: `step ${step.id}`, title: step.title, note: plain(step.kind) });
    for (const text of textsOf(step.config)) items.push({ id: `step ${step.id} ${text}`, title: text, note: `in ${step.title}` });
  }
  for (const note of flow.notes) items.push({ id: `note ${note.id}`, title: note.text.slice(0, 120) || "Empty note", note: "note" });
  (analysis?.findings ?? []).forEach((each, index) => items.push({ id: `finding ${String(index)}`, title: each.sentence, note: each.rule }));
  return {
    title: "Find in this flow", placeholder: "A step, a field such as PID-19, a note", items,
    act: (id) => {
      const [kind, name = ""] = id.split(" ");
      if (kind === "finding") show({ drawer: "problems", finding: Number(name) });
      else {
        const target: Target = kind === "note" ? { kind: "note", id: name } : { kind: "step", id: name };
        editor.select([name], target);
        editor.focus(target);
      }
    },
  };
}

function textsOf(value: unknown): Set<string> {
  const found = new Set<string>();
  const walk = (part: unknown): void => {
    if (typeof part === "string" && part) found.add(part);
    else if (Array.isArray(part)) part.forEach(walk);
    else if (part && typeof part === "object") Object.values(part).forEach(walk);
  };
  walk(value);
  return found;
}

