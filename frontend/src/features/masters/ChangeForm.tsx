/** One row added, changed or retired. It is prepared here, and counts once stewards have signed it on the desk. */
import { useState } from "react";
import { Button, Modal, TextInput } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import { sentenceOf } from "@/lib/api/http";
import { useOnce } from "@/lib/once";
import { Digest } from "@/ui/Digest";
import { prepare, type MasterChange, type MasterPage, type MasterRow, type Prepared, type Unmapped } from "@/features/masters/api";
import classes from "@/features/masters/Masters.module.css";

export interface Begin {
  act: "add" | "change";
  row?: MasterRow;
  missing?: Unmapped;
}

/** Units are taken from the row that is nearest; what says which material it is, is not. */
function unitsOf(master: MasterPage, near: Readonly<Record<string, string>>): Record<string, string> {
  const units = master.columns.filter((column) => column.concept === "unit" && near[column.name]);
  return Object.fromEntries(units.map((column) => [column.name, near[column.name] ?? ""]));
}

export function ChangeForm({ master, begin, onClose }: { master: MasterPage; begin: Begin; onClose: () => void }) {
  const { row, missing } = begin;
  const near = missing?.suggestions[0];
  const [key, setKey] = useState<readonly string[]>(() => master.key.map((_, index) => row?.key[index] ?? missing?.key[index] ?? ""));
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() => row?.values ?? unitsOf(master, near?.values ?? {}));
  const [base, setBase] = useState(row?.base_unit ?? near?.values["base_unit"] ?? "");
  const [reason, setReason] = useState(missing ? `Traffic brought a key that is missing (${String(missing.cases)} cases)` : "");
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
  const whole = key.every(Boolean) && master.columns.every((column) => values[column.name]) && reason.trim().length >= 3;
  const units = row?.units.map((each) => ({ unit: each.unit, factor: each.factor, valid_from: null, valid_to: null })) ?? [];
  const given = { key: [...key], values: { ...values }, valid_from: row?.valid_from ?? null, valid_to: row?.valid_to ?? null, superseded_by: row?.superseded_by ?? null, unit: row?.unit ?? null, base_unit: base || null, units };
  const needs = begin.act === "add" ? master.add_needs : master.change_needs;
  if (done) {
    return (
      <Modal opened onClose={onClose} title="Prepared: now it is signed">
        <div className="stack">
          <p>{done.sentence}</p>
          <Digest value={done.step.digest} whole />
          <Button component="a" href={done.step.link} target="_blank" rel="noopener" rightSection={<ExternalLink size={14} aria-hidden="true" />}>
            Sign on the desk
          </Button>
        </div>
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title={begin.act === "add" ? `Add a row to ${master.title}` : `Change a row of ${master.title}`} size="lg">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (whole) void run(begin.act === "add" ? { add: [given], reason: reason.trim() } : { change: [given], reason: reason.trim() });
        }}
      >
        <p className="muted">
          {needs === 1 ? "One steward signs it" : `${String(needs)} stewards sign it`} on the desk; then the runtime takes it within seconds, and no release is voided.
        </p>
        <div className={classes.form}>
          {master.key.map((name, index) => (
            <TextInput key={name} label={name} required disabled={begin.act === "change"} value={key[index] ?? ""} onChange={(event) => { const { value } = event.currentTarget; setKey((before) => before.map((each, place) => (place === index ? value : each))); }} />
          ))}
          {master.columns.map((column, index) => (
            <TextInput
              key={column.name} label={column.title} required value={values[column.name] ?? ""} {...(column.pattern ? { description: `Like ${column.pattern}` } : {})} {...(near?.values[column.name] ? { placeholder: `near it: ${near.values[column.name] ?? ""}` } : {})}
              data-autofocus={index === 0 || undefined} onChange={(event) => { const { value } = event.currentTarget; setValues((before) => ({ ...before, [column.name]: value })); }}
            />
          ))}
          <TextInput label="Base unit" value={base} onChange={(event) => { setBase(event.currentTarget.value); }} />
          <TextInput data-wide label="Reason" required maxLength={500} value={reason} onChange={(event) => { setReason(event.currentTarget.value); }} />
        </div>
        {problem ? <p role="alert" className={classes.bad}>{problem}</p> : null}
        <div className="row">
          <Button type="submit" loading={busy} disabled={!whole}>
            Prepare
          </Button>
          {begin.act === "change" ? (
            <Button variant="default" color="red" loading={busy} disabled={!whole} onClick={() => void run({ retire: [{ key: [...key], day: new Date().toISOString().slice(0, 10) }], reason: reason.trim() })}>
              Retire it from today
            </Button>
          ) : null}
        </div>
      </form>
    </Modal>
  );
}
