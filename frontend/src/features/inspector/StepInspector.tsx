/** A step: its settings, what comes in and goes out, what its kind is for, and its config as text. */
import { lazy, Suspense, useCallback, useMemo } from "react";
import { Button, Select, Tabs, TextInput } from "@mantine/core";
import { ArrowRight } from "lucide-react";
import type { JsonSchema, NodeKind } from "@/lib/api/types";
import { replaceConfig } from "@/flow/commands/replace-config";
import { removeConfig } from "@/flow/commands/remove-config";
import { renameStep } from "@/flow/commands/rename-step";
import { setConfig } from "@/flow/commands/set-config";
import { setConnection } from "@/flow/commands/set-connection";
import { type Config, endOf, type Json, type Step, stepOf, type Wire, wireKey, wiresInto, wiresOutOf } from "@/flow/document";
import { kindOf, loadOf, reportOf, useAnalysis, useDesk, useEditorState, useFlow, useStep } from "@/features/editor/context";
import { show, useView } from "@/features/editor/view";
import { Mark } from "@/ui/Mark";
import { SensitivityTag } from "@/ui/Sensitivity";
import { Loading } from "@/ui/States";
import { settingName } from "@/lib/naming";
import { TRANSPORTS } from "@/lib/words";
import { FieldList } from "./FieldList";
import { keyParts } from "./form/keys";
import { Form } from "./form/Form";
import { Prose } from "./form/Prose";
import classes from "./Inspector.module.css";

const ConfigText = lazy(() => import("./ConfigText").then((module) => ({ default: module.ConfigText })));

export function StepInspector({ id }: { id: string }) {
  const { editor, catalogue } = useDesk();
  const step = useStep(id);
  const writable = useEditorState((state) => state.writable);
  const report = reportOf(useAnalysis(), id);
  const tab = useView((view) => view.tab);
  if (!step) return null;
  const kind = kindOf(catalogue, step);
  return (
    <>
      <header className={classes.head}>
        <div className={classes.kind}>
          <h2>{kind?.title ?? `${step.kind}, version ${String(step.version)}`}</h2>
          <code>{step.id}</code>
          <span className="grow" />
          {report && report.blocks > 0 ? <Mark tone="bad">{report.blocks}</Mark> : null}
          {report && report.warns > 0 ? <Mark tone="warn">{report.warns}</Mark> : null}
        </div>
        <TextInput aria-label="Title of the step" value={step.title} maxLength={200} disabled={!writable} error={step.title.trim() === "" ? "A step needs a title." : null} onChange={(event) => { editor.run(renameStep(id, event.currentTarget.value)); }} />
        {report ? <p className={classes.sentence}>{report.sentence}</p> : null}
      </header>
      <Tabs value={tab} onChange={(next) => { show({ tab: next ?? "settings" }); }} keepMounted={false} className="row grow" style={{ flexDirection: "column", alignItems: "stretch", gap: 0, minHeight: 0 }}>
        <Tabs.List className={classes.tabs}>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
          <Tabs.Tab value="data">Data</Tabs.Tab>
          <Tabs.Tab value="about">About</Tabs.Tab>
          <Tabs.Tab value="text">Text</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="settings" className={classes.body}>
          {kind ? <Settings step={step} kind={kind} /> : <Unknown step={step} />}
        </Tabs.Panel>
        <Tabs.Panel value="data" className={classes.body}>
          <Wires step={step} />
          {kind?.inputs.length === 0 ? null : <FieldList step={id} />}
        </Tabs.Panel>
        <Tabs.Panel value="about" className={classes.body}>
          {kind ? <About kind={kind} step={id} /> : <Unknown step={step} />}
        </Tabs.Panel>
        <Tabs.Panel value="text" className={classes.body}>
          <Suspense fallback={<Loading />}>
            <ConfigText key={id} value={step.config} disabled={!writable} onChange={(config) => { editor.run(replaceConfig(id, config)); }} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Settings({ step, kind }: { step: Step; kind: NodeKind }) {
  const { editor } = useDesk();
  const writable = useEditorState((state) => state.writable);
  const place = useEditorState((state) => state.history.flow.steps.findIndex((each) => each.id === step.id));
  const analysis = useAnalysis();
  const { id } = step;
  const { catalogue } = useDesk();
  const { title, config } = step;
  const said = useCallback((pointer: string) => `${title}: ${settingName(pointer, keyParts(catalogue, config, pointer))}`, [title, config, catalogue]);
  const write = useCallback((pointer: string, value: Json) => void editor.run(setConfig(id, pointer, value, said(pointer))), [editor, id, said]);
  const remove = useCallback((pointer: string) => void editor.run(removeConfig(id, pointer, said(pointer))), [editor, id, said]);
  const findings = useMemo(() => analysis?.findings ?? [], [analysis]);
  return (
    <>
      {kind.connected ? <Connection step={step} kind={kind} /> : null}
      <Form schema={kind.schema as JsonSchema} value={step.config} disabled={!writable} step={kind.inputs.length > 0 ? id : null} connection={step.connection ?? null} findings={findings} base={`/steps/${String(place)}/config`} onWrite={write} onRemove={remove} />
    </>
  );
}

function Connection({ step, kind }: { step: Step; kind: NodeKind }) {
  const { editor, catalogue } = useDesk();
  const writable = useEditorState((state) => state.writable);
  const fits = catalogue.connections.filter((each) => each.kinds.includes(step.kind));
  const card = catalogue.connections.find((each) => each.name === step.connection);
  const data = fits.map((each) => ({ value: each.name, label: `${each.system} (${each.name}), ${each.protocol} ${TRANSPORTS[each.transport]}${each.used_by.length > 0 && kind.category === "source" ? `, used by ${each.used_by.join(", ")}` : ""}` }));
  if (step.connection && !data.some((each) => each.value === step.connection)) data.push({ value: step.connection, label: `${card ? `${card.system} (${card.name}), ${card.protocol}` : step.connection}: does not fit` });
  return (
    <div className="stack" style={{ gap: 4 }}>
      <Select label="Connection" data={data} value={step.connection ?? null} disabled={!writable} placeholder={data.length > 0 ? "Choose a connection" : "No connection fits this kind"} onChange={(next) => { editor.run(setConnection(step.id, next)); }} />
      {card ? (
        <p className={classes.sentence}>
          {kind.category === "source" ? "Listens at" : "Reaches"} <code>{card.address}</code> by {card.protocol} {TRANSPORTS[card.transport]}; {card.domain} side, {card.label} data.
        </p>
      ) : null}
    </div>
  );
}

/** Wires in and out, each a way to its fields. */
function Wires({ step }: { step: Step }) {
  const flow = useFlow();
  const groups: [string, Wire[], "from" | "to"][] = [["Comes in", wiresInto(flow, step.id), "from"], ["Goes out", wiresOutOf(flow, step.id), "to"]];
  return (
    <>
      {groups.map(([title, wires, end]) =>
        wires.length === 0 ? null : (
          <section key={title} aria-label={title}>
            <h3 className={classes.sentence}>{title}</h3>
            <ul className={classes.list}>
              {wires.map((wire) => (
                <li key={wireKey(wire)}>
                  <WireJump wire={wire} title={stepOf(flow, endOf(wire[end]).step)?.title ?? endOf(wire[end]).step} />
                </li>
              ))}
            </ul>
          </section>
        ),
      )}
    </>
  );
}

function WireJump({ wire, title }: { wire: Wire; title: string }) {
  const { editor } = useDesk();
  const load = loadOf(useAnalysis(), wire);
  return (
    <button type="button" className={classes.jump} onClick={() => { editor.selectWire(wireKey(wire)); }}>
      <span className="clip grow">{title}</span>
      {load ? <SensitivityTag level={load.bare} fields={load.fields} /> : null}
      <ArrowRight size={13} aria-hidden="true" />
    </button>
  );
}

function About({ kind, step }: { kind: NodeKind; step: string }) {
  const { editor } = useDesk();
  const writable = useEditorState((state) => state.writable);
  const types = [kind.takes.length > 0 && kind.inputs.length > 0 ? `Takes ${kind.takes.join(", ")}.` : "", kind.outputs.length > 0 ? (kind.produces === "as-it-came" ? "Lets out what came in." : `Lets out ${kind.produces}.`) : "Records end here.", kind.exclusive ? "A record leaves by one port at most." : ""];
  return (
    <div className={classes.panel}>
      <p className={classes.doc}>
        <Prose text={kind.doc} />
      </p>
      <p className={classes.sentence}>
        {types.filter(Boolean).join(" ")} Kind <code>{kind.kind}</code>, version {kind.version}.
      </p>
      {kind.examples.map((example) => (
        <section key={example.title} aria-label={example.title}>
          <h3 className={classes.sentence}>{example.title}</h3>
          <pre className={classes.example}>{JSON.stringify(example.config, null, 2)}</pre>
          {writable ? (
            <Button size="xs" variant="subtle" onClick={() => { editor.run(replaceConfig(step, example.config as Config)); }}>
              Use these settings
            </Button>
          ) : null}
        </section>
      ))}
    </div>
  );
}

function Unknown({ step }: { step: Step }) {
  return (
    <p className={classes.doc}>
      The kind <code>{step.kind}</code>, version {step.version}, is not installed here. Its settings are kept as they are, and nothing that passes it counts as protected.
    </p>
  );
}
