/** One row added, changed or retired. It is prepared here, and counts once stewards have signed it on the desk. */
import { useState } from "react";
import { Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import { sentenceOf } from "@/lib/api/http";
import { fits } from "@/lib/limits";
import { useOnce } from "@/lib/once";
import { count, plain } from "@/lib/words";
import { Digest } from "@/ui/Digest";
import { Words } from "@/ui/Words";
import { prepare, type MasterChange, type MasterPage, type MasterRow, type Prepared, type Unmapped } from "@/features/masters/api";
import { blank, formOf, rowOf, wrongIn, type RowForm } from "@/features/masters/row";
import { Units } from "@/features/masters/Units";
import classes from "@/features/masters/Masters.module.css";

export interface Begin {
  act: "add" | "change";
  row?: MasterRow;
  missing?: Unmapped;
}

function begun(master: MasterPage, { row, missing }: Begin): RowForm {
  if (!row) return blank(master, missing);
  const form = formOf(row);
  return missing?.unit ? { ...form, units: [...form.units, { unit: missing.unit, factor: "", from: "", to: "" }] } : form;
}

export function ChangeForm({ master, begin, onClose }: { master: MasterPage; begin: Begin; onClose: () => void }) {
  const { row, missing } = begin;
  const [form, setForm] = useState<RowForm>(() => begun(master, begin));
  const [reason, setReason] = useState(missing ? `Traffic brought ${missing.unit ? "a unit" : "a key"} that is missing (${count(missing.cases, "case")})` : "");
  const [problem, setProblem] = useState<string | null>(null);
  const [done, setDone] = useState<Prepared | null>(null);
  const { run, busy } = useOnce(async (change: MasterChange) => {
    setProblem(null);
    try {
      setDone(await prepare(master.id, change));
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  const told = { reason: reason.trim() };
  const wrong = wrongIn(form, master);
  const said = fits("MasterChange.reason", reason);
  const needs = begin.act === "add" ? master.add_needs : master.change_needs;
  if (done) return <Done prepared={done} onClose={onClose} />;
  return (
    <Modal opened onClose={onClose} title={begin.act === "add" ? `Add a row to ${master.title}` : `Change a row of ${master.title}`} size="lg">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong && said) void run(begin.act === "add" ? { add: [rowOf(form)], ...told } : { change: [rowOf(form)], ...told });
        }}
      >
        <p className="muted">
          {needs === 1 ? "One steward signs it" : `${String(needs)} stewards sign it`} on the desk; then the runtime takes it within seconds, and no release is voided.
        </p>
        <Values master={master} begin={begin} form={form} onForm={setForm} />
        <Times begin={begin} form={form} onForm={setForm} />
        <Units form={form} onForm={setForm} />
        <Successor master={master} form={form} onForm={setForm} />
        <Words wide limit="MasterChange.reason" label="Reason" value={reason} onChange={setReason} />
        {wrong ? <p className="muted">{wrong}</p> : null}
        {problem ? <p role="alert" className={classes.bad}>{problem}</p> : null}
        <div className="row">
          <Button type="submit" loading={busy} disabled={Boolean(wrong) || !said}>
            Prepare
          </Button>
          {row?.holds && row.valid_to === null ? (
            <Button variant="default" color="red" loading={busy} disabled={!said} onClick={() => void run({ retire: [{ key: [...row.key], day: new Date().toISOString().slice(0, 10) }], ...told })}>
              Retire it from today
            </Button>
          ) : null}
        </div>
      </form>
    </Modal>
  );
}

function Done({ prepared, onClose }: { prepared: Prepared; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Prepared: now it is signed">
      <div className="stack">
        <p>{prepared.sentence}</p>
        <Digest value={prepared.step.digest} whole />
        <Button component="a" href={prepared.step.link} target="_blank" rel="noopener" rightSection={<ExternalLink size={14} aria-hidden="true" />}>
          Sign on the desk
        </Button>
      </div>
    </Modal>
  );
}

interface PartProps {
  form: RowForm;
  onForm: (form: RowForm) => void;
}

function Values({ master, begin, form, onForm }: PartProps & { master: MasterPage; begin: Begin }) {
  const near = begin.missing && !begin.row ? begin.missing.suggestions[0] : undefined;
  return (
    <div className={classes.form}>
      {master.key.map((name, index) => (
        <TextInput key={name} label={plain(name)} required disabled={begin.act === "change"} value={form.key[index] ?? ""} onChange={(event) => { onForm({ ...form, key: replaced(form.key, index, event.currentTarget.value) }); }} />
      ))}
      {master.columns.map((column, index) => (
        <TextInput
          key={column.name} label={column.title} required={column.pattern !== null} value={form.values[column.name] ?? ""} {...(column.pattern ? { description: `Like ${column.pattern}` } : {})} {...(near?.values[column.name] ? { placeholder: `near it: ${near.values[column.name] ?? ""}` } : {})}
          data-autofocus={index === 0 || undefined} onChange={(event) => { onForm({ ...form, values: { ...form.values, [column.name]: event.currentTarget.value } }); }}
        />
      ))}
    </div>
  );
}

/** A row is named by its key and its first day, so that a change keeps both. */
function Times({ begin, form, onForm }: PartProps & { begin: Begin }) {
  const change = begin.act === "change";
  return (
    <div className={classes.form}>
      <TextInput type="date" label="Holds from" description={change ? "Names the row together with its key. Another beginning is another row." : "Empty: from ever."} disabled={change} value={form.from} onChange={(event) => { onForm({ ...form, from: event.currentTarget.value }); }} />
      <TextInput type="date" label="Ends on" description="The first day on which it no longer holds. Empty: it goes on." value={form.to} onChange={(event) => { onForm({ ...form, to: event.currentTarget.value }); }} />
      {change ? <Checkbox data-wide label="Retired: lookups pass it over, whatever the day" checked={form.retired} onChange={(event) => { onForm({ ...form, retired: event.currentTarget.checked }); }} /> : null}
    </div>
  );
}

function Successor({ master, form, onForm }: PartProps & { master: MasterPage }) {
  return (
    <fieldset className={classes.group}>
      <legend>Code that takes its place</legend>
      <p className="muted">Empty while it is in use. Afterwards lookups of this code go on to that one.</p>
      <div className={classes.form}>
        {form.successor.map((part, index) => (
          <TextInput key={index} label={`New ${(master.key[index] ?? "part").replaceAll("_", " ")}`} value={part} onChange={(event) => { onForm({ ...form, successor: replaced(form.successor, index, event.currentTarget.value) }); }} />
        ))}
      </div>
    </fieldset>
  );
}

function replaced(parts: readonly string[], index: number, value: string): readonly string[] {
  return parts.map((each, place) => (place === index ? value : each));
}
