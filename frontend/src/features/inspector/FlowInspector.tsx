/** The flow itself: what it is for, who answers for it, in which order and how long. */
import { useState } from "react";
import { Button, MultiSelect, NumberInput, Select, Tabs, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { setFlow } from "@/flow/commands/set-flow";
import { restore } from "@/flow/commands/restore";
import { type Json, readFlow } from "@/flow/document";
import { valueAt } from "@/flow/pointers";
import { readRevision, revisionsQuery } from "@/features/editor/api";
import { useAnalysis, useDesk, useEditorState, useFlow } from "@/features/editor/context";
import { count } from "@/lib/words";
import { Meter } from "@/ui/Meter";
import { SensitivityLegend } from "@/ui/Sensitivity";
import { Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { failed } from "@/ui/toasts";
import { BusinessKeys } from "./BusinessKeys";
import { FieldPath } from "./form/widgets/FieldPath";
import classes from "./Inspector.module.css";

export function FlowInspector() {
  const flow = useFlow();
  return (
    <Tabs defaultValue="flow" keepMounted={false} className="row grow" style={{ flexDirection: "column", alignItems: "stretch", gap: 0, minHeight: 0 }}>
      <header className={classes.head}>
        <div className={classes.kind}>
          <h2>Flow</h2>
          <code>{flow.id}</code>
        </div>
        <p className={classes.sentence}>Select a step or a wire to see what it does.</p>
      </header>
      <Tabs.List className={classes.tabs}>
        <Tabs.Tab value="flow">Settings</Tabs.Tab>
        <Tabs.Tab value="exposure">Exposure</Tabs.Tab>
        <Tabs.Tab value="history">History</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="flow" className={classes.body}>
        <Settings />
      </Tabs.Panel>
      <Tabs.Panel value="exposure" className={classes.body}>
        <Exposure />
      </Tabs.Panel>
      <Tabs.Panel value="history" className={classes.body}>
        <Revisions />
      </Tabs.Panel>
    </Tabs>
  );
}

function Settings() {
  const { editor, catalogue } = useDesk();
  const flow = useFlow();
  const disabled = !useEditorState((state) => state.writable);
  const text = (pointer: string): string => {
    const value = valueAt(flow, pointer);
    return typeof value === "string" ? value : "";
  };
  const list = (pointer: string): string[] => {
    const value = valueAt(flow, pointer);
    return Array.isArray(value) ? value.map(String) : [];
  };
  const write = (pointer: string, value: Json | undefined, label: string) => void editor.run(setFlow(pointer, value, label));
  const source = flow.steps.find((step) => !flow.wires.some((wire) => wire.to.startsWith(`${step.id}.`)));
  const next = flow.wires.find((wire) => source && wire.from.startsWith(`${source.id}.`))?.to.split(".")[0] ?? null;
  const owner = (key: string, label: string, description: string) => (
    <Select label={label} description={description} data={catalogue.owners} value={text(`/owners/${key}`) || null} disabled={disabled} clearable placeholder="Nobody yet" onChange={(value) => { write(`/owners/${key}`, value ?? undefined, "an owner"); }} />
  );
  const days = valueAt(flow, "/retention/payload_days");
  return (
    <>
      <TextInput label="Name" value={flow.name} maxLength={200} disabled={disabled} onChange={(event) => { write("/name", event.currentTarget.value, "the name"); }} />
      <Select label="Purpose" description="What the flow is for decides which fields its sinks may receive." data={catalogue.purposes.map(({ id, title }) => ({ value: id, label: title }))} value={flow.purpose || null} disabled={disabled} onChange={(value) => { if (value) write("/purpose", value, "the purpose"); }} />
      <Select label="Criticality" data={["low", "normal", "high"]} value={text("/criticality") || "normal"} disabled={disabled} onChange={(value) => { if (value) write("/criticality", value, "the criticality"); }} />
      {owner("business", "Business owner", "Answers for why it flows.")}
      {owner("technical", "Technical owner", "Answers for how it flows.")}
      {owner("cases", "Owner of cases", "Resolves what failed.")}
      <MultiSelect label="Alerts go to" data={catalogue.alert_routes} value={list("/alerts")} disabled={disabled} onChange={(value) => { write("/alerts", value, "alerts"); }} />
      <div className="stack" style={{ gap: 4 }}>
        <span className={classes.doc} style={{ fontWeight: 600 }}>Kept in order by</span>
        <FieldPath label="Kept in order by" value={text("/ordering/key")} step={next} disabled={disabled} onChange={(value) => { write("/ordering/key", value === "" ? undefined : value, "the order"); }} />
      </div>
      <Select label="When a posting is parked" data={[{ value: "pass", label: "Later ones pass" }, { value: "hold-key", label: "Later ones of its key wait" }]} value={text("/ordering/on_park") || "pass"} disabled={disabled} onChange={(value) => { if (value) write("/ordering/on_park", value, "the order"); }} />
      <BusinessKeys paths={list("/business_keys")} step={next} disabled={disabled} onChange={(value) => { write("/business_keys", value, "business keys"); }} />
      <NumberInput label="Payloads are kept for" suffix=" days" min={0} max={3650} allowDecimal={false} value={typeof days === "number" ? days : ""} disabled={disabled} placeholder="Not set" onChange={(value) => { if (typeof value === "number") write("/retention/payload_days", value, "retention"); }} />
    </>
  );
}

/** What each sink reads of what it is offered. */
function Exposure() {
  const { editor } = useDesk();
  const flow = useFlow();
  const analysis = useAnalysis();
  if (!analysis) return <p className="muted">The draft is being checked.</p>;
  return (
    <>
      {analysis.sinks.length === 0 ? <p className="muted">Nothing leaves this flow yet.</p> : null}
      {analysis.sinks.map((sink) => (
        <section key={sink.step} className={classes.panel} aria-label={sink.step} style={{ gap: 6 }}>
          <button type="button" className={classes.jump} onClick={() => { editor.select([sink.step]); }}>
            {flow.steps.find((step) => step.id === sink.step)?.title ?? sink.step}
            {sink.operation ? <code style={{ marginLeft: "auto" }}>{sink.operation}</code> : null}
          </button>
          <Meter reads={sink.reads} offered={sink.offered} excess={sink.excess_s3} />
          <p className={classes.sentence}>
            {count(sink.fields.length, "field")}: {sink.fields.slice(0, 12).map((field) => `${field.path} S${String(field.sensitivity)}`).join(", ")}
            {sink.fields.length > 12 ? " and more" : ""}
          </p>
        </section>
      ))}
      <SensitivityLegend />
    </>
  );
}

function Revisions() {
  const { draft, editor } = useDesk();
  const writable = useEditorState((state) => state.writable);
  const query = useQuery(revisionsQuery(draft));
  const [busy, setBusy] = useState<number | null>(null);
  const bring = async (number: number) => {
    setBusy(number);
    try {
      const { document } = await readRevision(draft, number);
      editor.run(restore(number, readFlow(document as Record<string, unknown>)));
    } catch (error) {
      failed(error);
    } finally {
      setBusy(null);
    }
  };
  return (
    <Loaded query={query} what="The history">
      {({ revisions }) => (
        <ol className={classes.list}>
          {revisions.map((each) => (
            <li key={each.number} className="row" style={{ alignItems: "flex-start" }}>
              <span className="grow">
                <strong>{each.number}</strong> {each.summary || "Saved"}
                <span className={classes.under}>
                  {each.name}, <Time at={each.at} />
                </span>
              </span>
              {writable ? (
                <Button size="xs" variant="subtle" loading={busy === each.number} onClick={() => void bring(each.number)}>
                  Restore
                </Button>
              ) : null}
            </li>
          ))}
        </ol>
      )}
    </Loaded>
  );
}
