/** The flow as a list: an equal editor. A tree of steps in the order in which records pass them, each with its wires. */
import { useEffect, useMemo, useRef } from "react";
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { ArrowRight, Cable, Plus, Replace, Trash2, Unplug } from "lucide-react";
import { deleteAndHeal } from "@/flow/commands/delete-and-heal";
import { disconnect } from "@/flow/commands/disconnect";
import { endOf, stepOf, type Step, type Wire, wireKey, wiresOutOf } from "@/flow/document";
import { ordered } from "@/flow/graph";
import { kindOf, loadOf, meterOf, portsOf, reportOf, useAnalysis, useDesk, useEditorState, useFlow } from "@/features/editor/context";
import { openAdd } from "@/features/editor/commands";
import { show, useView } from "@/features/editor/view";
import { count } from "@/lib/words";
import { Mark } from "@/ui/Mark";
import { Meter } from "@/ui/Meter";
import { SensitivityTag } from "@/ui/Sensitivity";
import { EmptyState } from "@/ui/States";
import { toggled, useOutlineFocus, useTreeKeys } from "./tree";
import classes from "./Outline.module.css";

export function Outline() {
  const desk = useDesk();
  const own = useFlow();
  const trial = useView((view) => view.trial);
  const flow = trial?.document ?? own;
  const writable = useEditorState((state) => state.writable) && !trial;
  const frame = useRef<HTMLDivElement>(null);
  const order = useMemo(() => ordered(flow).flatMap((id) => stepOf(flow, id) ?? []), [flow]);
  const onKeyDown = useTreeKeys(frame);
  useOutlineFocus(frame);
  const changed = trial ? [...trial.changed][0] : undefined;
  useEffect(() => {
    if (changed !== undefined) frame.current?.querySelector(`[data-step="${CSS.escape(changed)}"]`)?.scrollIntoView({ block: "center" });
  }, [changed, trial]);
  return (
    <div className={classes.outline} data-outline ref={frame}>
      <header className={classes.head}>
        <h2>Flow as list</h2>
        <p className="muted">
          {count(flow.steps.length, "step")}, {count(flow.wires.length, "wire")}. Arrow keys walk, Enter opens the settings, the same keys edit as on the canvas.
        </p>
        {writable ? (
          <Button size="xs" variant="default" leftSection={<Plus size={13} />} onClick={() => { openAdd(desk, null); }}>
            Add a step
          </Button>
        ) : null}
      </header>
      {order.length === 0 ? (
        <EmptyState title="Nothing flows here yet" why="A flow begins with a source: where messages come from." action={writable ? <Button onClick={() => { openAdd(desk, null); }}>Choose a source</Button> : undefined} />
      ) : (
        // Keys of a tree are handled where it stands, for all of its items.
         
        <ul role="tree" aria-label="Steps of the flow" className={classes.tree} onKeyDown={onKeyDown}>
          {order.map((step, index) => (
            <StepItem key={step.id} step={step} index={index} total={order.length} writable={writable} ghost={trial !== null && stepOf(own, step.id) === undefined} />
          ))}
        </ul>
      )}
    </div>
  );
}

interface StepItemProps {
  step: Step;
  index: number;
  total: number;
  writable: boolean;
  ghost: boolean;
}

function StepItem({ step, index, total, writable, ghost }: StepItemProps) {
  const { editor, catalogue } = useDesk();
  const trial = useView((view) => view.trial);
  const own = useFlow();
  const flow = trial?.document ?? own;
  const now = useAnalysis();
  const analysis = trial?.analysis ?? now;
  const selected = useEditorState((state) => state.selected.has(step.id));
  const stop = useEditorState((state) => (state.active === null ? index === 0 : state.active.kind === "step" && state.active.id === step.id));
  const kind = kindOf(catalogue, step);
  const report = reportOf(analysis, step.id);
  const meter = meterOf(analysis, step.id);
  const pressed = useRef(false);
  const wires = wiresOutOf(flow, step.id);
  const said = (severity: "soft" | "advisory") => analysis?.findings.filter((each) => each.severity === severity && (each.address.step ?? each.address.sink) === step.id).length ?? 0;
  const [warnings, advice] = [said("soft"), said("advisory")];
  const changed = trial?.changed.has(step.id) ?? false;
  return (
    <li role="none" className={classes.step} data-ghost={ghost || changed || undefined}>
      {/* Keys of the whole tree are handled at its root. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events */}
      <div
        role="treeitem"
        aria-level={1}
        aria-posinset={index + 1}
        aria-setsize={total}
        aria-selected={selected}
        aria-expanded={wires.length > 0 ? true : undefined}
        tabIndex={stop ? 0 : -1}
        data-step={step.id}
        className={classes.line}
        onFocus={(event) => {
          if (event.target === event.currentTarget && !pressed.current) editor.stand({ kind: "step", id: step.id });
        }}
        onPointerDown={() => {
          pressed.current = true;
          setTimeout(() => (pressed.current = false));
        }}
        onClick={(event) => {
          if ((event.target as HTMLElement).closest("button")) return;
          const more = event.shiftKey || event.ctrlKey || event.metaKey;
          editor.select(more ? toggled(editor.getState().selected, step.id) : [step.id], { kind: "step", id: step.id });
        }}
      >
        <span className={classes.number}>{index + 1}</span>
        <span className={classes.words}>
          <span className={classes.title}>
            {step.title} {kind?.title === step.title ? null : <span className="muted">{kind?.title ?? step.kind}</span>}
          </span>
          <span className={classes.sentence}>
            {report?.sentence ?? kind?.effects_sentence ?? ""}
            {step.connection ? `, by ${step.connection}` : ""}
          </span>
          {meter ? <Meter reads={meter.reads} offered={meter.offered} excess={meter.excess_s3} /> : null}
        </span>
        {report && report.blocks > 0 ? <Mark tone="bad">{count(report.blocks, "blocker")}</Mark> : null}
        {warnings > 0 ? <Mark tone="warn">{count(warnings, "warning")}</Mark> : null}
        {advice > 0 ? <Mark tone="info">{`${String(advice)} for information`}</Mark> : null}
        {writable ? <StepActions step={step} outputs={portsOf(catalogue, step, report).outputs} /> : null}
      </div>
      {wires.length > 0 ? (
        <ul role="group" className={classes.wires}>
          {wires.map((wire) => (
            <WireItem key={wireKey(wire)} wire={wire} writable={writable} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

function StepActions({ step, outputs }: { step: Step; outputs: readonly string[] }) {
  const desk = useDesk();
  const port = outputs[0];
  const act = (label: string, Icon: typeof Plus, run: () => void) => (
    <Tooltip label={label}>
      <ActionIcon tabIndex={-1} aria-label={`${label}: ${step.title}`} onClick={run}>
        <Icon size={15} />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <span className={classes.actions}>
      {port ? act("Add after (A)", Plus, () => { openAdd(desk, `${step.id}.${port}`); }) : null}
      {port ? act("Connect to (C)", Cable, () => { show({ picking: { kind: "connect", from: step.id } }); }) : null}
      {act("Replace (R)", Replace, () => { show({ picking: { kind: "replace", step: step.id } }); })}
      {act("Delete and join (Shift+Del)", Trash2, () => { desk.editor.run(deleteAndHeal([step.id])); })}
    </span>
  );
}

function WireItem({ wire, writable }: { wire: Wire; writable: boolean }) {
  const { editor } = useDesk();
  const trial = useView((view) => view.trial);
  const own = useFlow();
  const now = useAnalysis();
  const flow = trial?.document ?? own;
  const load = loadOf(trial?.analysis ?? now, wire);
  const key = wireKey(wire);
  const selected = useEditorState((state) => state.wire === key);
  const stop = useEditorState((state) => state.active?.kind === "wire" && state.active.id === key);
  const to = stepOf(flow, endOf(wire.to).step)?.title ?? endOf(wire.to).step;
  const port = endOf(wire.from).port;
  return (
    // Keys of the whole tree are handled at its root.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <li
      role="treeitem"
      aria-level={2}
      aria-selected={selected}
      tabIndex={stop ? 0 : -1}
      data-wire-item={key}
      className={classes.wire}
      onFocus={() => { editor.stand({ kind: "wire", id: key }); }}
      onClick={(event) => {
        event.stopPropagation();
        if (!(event.target as HTMLElement).closest("button")) editor.selectWire(key);
      }}
    >
      <ArrowRight size={13} aria-hidden="true" />
      {port === "out" ? null : <code>{port}</code>}
      <span className="clip"><span className="quiet">to </span>{to}</span>
      {load ? <SensitivityTag level={load.bare} fields={load.fields} /> : null}
      {load && load.sensitivity > load.bare ? <span className={classes.shield}>protected S{load.sensitivity}</span> : null}
      {writable ? (
        <span className={classes.actions}>
          <Tooltip label="Insert a step here (I)">
            <ActionIcon tabIndex={-1} aria-label={`Insert a step before ${to}`} onClick={() => { show({ picking: { kind: "insert", wire } }); }}>
              <Plus size={14} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Remove the wire (Del)">
            <ActionIcon tabIndex={-1} aria-label={`Remove the wire to ${to}`} onClick={() => { editor.run(disconnect([wire])); }}>
              <Unplug size={14} />
            </ActionIcon>
          </Tooltip>
        </span>
      ) : null}
    </li>
  );
}
