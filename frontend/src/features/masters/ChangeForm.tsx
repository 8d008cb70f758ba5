/** One row added, changed or retired. It is prepared here, and counts once stewards have signed it on the desk. */
import { useState } from "react";
import { Anchor, Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { sentenceOf } from "@/lib/api/http";
import { fits, longest } from "@/lib/limits";
import { useOnce } from "@/lib/once";
import { count, plain } from "@/lib/words";
import { Digest } from "@/ui/Digest";
import { Words } from "@/ui/Words";
import { prepare, rowsQuery, type MasterChange, type MasterPage, type MasterRow, type Prepared, type Unmapped } from "@/features/masters/api";
import { backwards, blank, formOf, rowOf, spelt, unusual, validity, wrongIn, wrongsIn, type RowForm, type Wrongs } from "@/features/masters/row";
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

interface ChangeFormProps {
  master: MasterPage;
  begin: Begin;
  onClose: () => void;
  /** Goes on with another row instead. */
  onBegin?: (begin: Begin) => void;
}

export function ChangeForm({ master, begin, onClose, onBegin }: ChangeFormProps) {
  const { row, missing } = begin;
  const [first] = useState<RowForm>(() => begun(master, begin));
  const [form, setForm] = useState<RowForm>(first);
  const [settled] = useDebouncedValue(form, 500); // half a word is no unit
  const [said] = useState(missing ? `Traffic brought ${missing.unit ? "a unit" : "a key"} that is missing (${count(missing.cases, "case")})` : "");
  const [reason, setReason] = useState(said);
  const [problem, setProblem] = useState<string | null>(null);
  const [leaving, setLeaving] = useState(false);
  const [done, setDone] = useState<Prepared | null>(null);
  const { run, busy } = useOnce(async (change: MasterChange) => {
    setProblem(null);
    try {
      setDone(await prepare(master.id, change));
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  if (done) return <Done prepared={done} onClose={onClose} />;
  const wrong = wrongIn(form, master);
  const wrongs = wrongsIn(form, master);
  const enough = fits("MasterChange.reason", reason);
  const needs = begin.act === "add" ? master.add_needs : master.change_needs;
  const back = wrongs["to"] ? null : backwards(form, begin.act === "change" ? row : undefined, new Date().toISOString().slice(0, 10));
  const typed = reason !== said || JSON.stringify(form) !== JSON.stringify(first);
  const write = (to: RowForm) => { setForm(to); setProblem(null); setLeaving(false); };
  return (
    <Modal opened onClose={() => { if (typed && !leaving) setLeaving(true); else if (!typed) onClose(); }} title={begin.act === "add" ? `Add a row to ${master.title}` : `Change a row of ${master.title}`} size="lg">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong && enough) void run(begin.act === "add" ? { add: [rowOf(form)], reason: reason.trim() } : { change: [rowOf(form)], reason: reason.trim() });
        }}
      >
        <p className="muted">
          {needs === 1 ? "One steward signs it" : `${String(needs)} stewards sign it`} on the desk; then the runtime takes it within seconds, and no release is voided.
          {master.pending ? ` It joins step ${String(master.pending.sequence)}, which waits.` : ""}
        </p>
        <Values master={master} begin={begin} form={form} wrongs={wrongs} onForm={write} />
        {begin.act === "add" && onBegin && form.key.every(Boolean) ? <Existing master={master} row={form.key} onBegin={onBegin} /> : null}
        <Times begin={begin} form={form} wrongs={wrongs} onForm={write} />
        {back ? <p className={classes.back} role="status">Takes effect backwards from {back}: lines of that time are looked up anew only when replayed.</p> : null}
        <Units form={form} wrongs={wrongs} onForm={write} />
        {unusual(settled, row, master).map((each) => <p key={each} className={classes.back} role="status">{each}</p>)}
        <Successor master={master} form={form} onForm={write} />
        <Words wide limit="MasterChange.reason" label="Reason" value={reason} first={firstEmpty(form, master) === null} onChange={(text) => { setReason(text); setProblem(null); setLeaving(false); }} />
        <div className={classes.foot}>
          {problem ? <p role="alert" className={classes.bad}>{problem}</p> : null}
          {leaving ? (
            <div className="row" role="alertdialog" aria-label="Throw away what you typed?">
              <span>Throw away what you typed?</span>
              <Button size="xs" color="red" onClick={onClose}>Throw it away</Button>
              <Button size="xs" variant="default" autoFocus onClick={() => { setLeaving(false); }}>Go on with it</Button>
            </div>
          ) : (
            <div className="row">
              <Button type="submit" loading={busy} disabled={Boolean(wrong) || !enough}>Prepare</Button>
              <span className="muted">{Object.values(wrongs).includes(wrong) ? "A field above is not right yet." : wrong ? `${wrong}${Object.keys(wrongs).length > 0 ? " Another field above is not right yet." : ""}` : (enough ? "" : "Say why, for those who sign it.")}</span>
            </div>
          )}
        </div>
      </form>
    </Modal>
  );
}

/** Where the writing begins: the first field that needs something; null where only the reason does. */
function firstEmpty(form: RowForm, master: MasterPage): string | null {
  const part = form.key.findIndex((each) => !each);
  if (part >= 0) return String(part);
  return master.columns.find((column) => !form.values[column.name])?.name ?? null;
}

/** Rows that the key has already: a second one is added beside them, or one of them is changed. */
function Existing({ master, row, onBegin }: { master: MasterPage; row: readonly string[]; onBegin: (begin: Begin) => void }) {
  const found = useQuery(rowsQuery(master.id, row.at(-1) ?? "", 0)).data?.rows.filter((each) => each.key.join("\u001f") === row.join("\u001f")) ?? [];
  if (found.length === 0) return null;
  return (
    <p className={classes.back} role="status">
      This key has {count(found.length, "row")} already.{" "}
      {found.map((each) => (
        <span key={each.valid_from ?? ""}><Anchor component="button" type="button" inherit onClick={() => { onBegin({ act: "change", row: each }); }}>Change the row that is {each.valid_from || each.valid_to ? validity(each.valid_from, each.valid_to) : "always valid"}</Anchor>. </span>
      ))}
    </p>
  );
}

function Done({ prepared, onClose }: { prepared: Prepared; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Prepared: it waits for a signature">
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

interface CheckedProps extends PartProps {
  wrongs: Wrongs;
}

function Values({ master, begin, form, wrongs, onForm }: CheckedProps & { master: MasterPage; begin: Begin }) {
  const near = begin.missing && !begin.row ? begin.missing.suggestions[0] : undefined;
  const [first] = useState(() => firstEmpty(form, master));
  const write = (name: string, unit: boolean, value: string) => {
    const together = unit && form.base === (form.values[name] ?? "");
    onForm({ ...form, values: { ...form.values, [name]: value }, ...(together ? { base: value } : {}) });
  };
  return (
    <div className={classes.form}>
      {master.key.map((name, index) => (
        <TextInput key={name} label={plain(name)} required maxLength={longest("RowGiven.key.*")} disabled={begin.act === "change"} value={form.key[index] ?? ""} data-autofocus={first === String(index) || undefined} onChange={(event) => { onForm({ ...form, key: replaced(form.key, index, event.currentTarget.value) }); }} />
      ))}
      {master.columns.map((column) => (
        <TextInput
          key={column.name} label={column.title} required={column.pattern !== null} maxLength={longest("RowGiven.values.*")} value={form.values[column.name] ?? ""} error={wrongs[column.name]} {...(column.pattern ? { description: sentenced(spelt(column.pattern)) } : {})} {...(near?.values[column.name] ? { placeholder: `near it: ${near.values[column.name] ?? ""}` } : {})}
          data-autofocus={first === column.name || undefined} onChange={(event) => { write(column.name, column.concept === "unit", event.currentTarget.value); }}
        />
      ))}
    </div>
  );
}

/** A row is named by its key and its first day, so that a change keeps both. */
function Times({ begin, form, wrongs, onForm }: CheckedProps & { begin: Begin }) {
  const change = begin.act === "change";
  return (
    <div className={classes.form}>
      <TextInput type="date" label="Valid from" description={change ? "Names the row, together with its key." : "Empty: from ever."} disabled={change} value={form.from} onChange={(event) => { onForm({ ...form, from: event.currentTarget.value }); }} />
      <TextInput type="date" label="Valid before" description="Ends the row. Empty: it goes on." error={wrongs["to"]} value={form.to} onChange={(event) => { onForm({ ...form, to: event.currentTarget.value }); }} />
      {begin.row?.status === "retired" ? <Checkbox data-wide label="Retired: lookups pass it over, whatever the day" checked={form.retired} onChange={(event) => { onForm({ ...form, retired: event.currentTarget.checked }); }} /> : null}
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
          <TextInput key={index} label={`New ${(master.key[index] ?? "part").replaceAll("_", " ")}`} maxLength={longest("RowGiven.key.*")} value={part} onChange={(event) => { onForm({ ...form, successor: replaced(form.successor, index, event.currentTarget.value) }); }} />
        ))}
      </div>
    </fieldset>
  );
}

function replaced(parts: readonly string[], index: number, value: string): readonly string[] {
  return parts.map((each, place) => (place === index ? value : each));
}

function sentenced(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
