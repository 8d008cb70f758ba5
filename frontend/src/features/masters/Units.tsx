/** The units of a row: in which it is kept, which one its code denotes, and how many base units another one is. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import type { RowForm, UnitLine, Wrongs } from "@/features/masters/row";
import classes from "@/features/masters/Masters.module.css";

const LONGEST = 20;

export function Units({ form, wrongs, onForm }: { form: RowForm; wrongs: Wrongs; onForm: (form: RowForm) => void }) {
  const write = (index: number, part: Partial<UnitLine>) => { onForm({ ...form, units: form.units.map((each, place) => (place === index ? { ...each, ...part } : each)) }); };
  return (
    <fieldset className={classes.group}>
      <legend>Units</legend>
      <div className={classes.form}>
        <TextInput label="Unit of stock" description="What the factors below count in." maxLength={LONGEST} value={form.base} onChange={(event) => { onForm({ ...form, base: event.currentTarget.value }); }} />
        <TextInput label="Unit of this code" description="Of a box or case. Empty: the unit of stock." maxLength={LONGEST} value={form.unit} error={wrongs["unit"]} onChange={(event) => { onForm({ ...form, unit: event.currentTarget.value }); }} />
      </div>
      {form.units.map((each, index) => (
        <div key={index} className={classes.unit} role="group" aria-label={`Unit ${String(index + 1)}`}>
          <TextInput label="Unit" required maxLength={LONGEST} value={each.unit} onChange={(event) => { write(index, { unit: event.currentTarget.value }); }} />
          <TextInput label={form.base ? `Is so many ${form.base}` : "Factor"} required inputMode="decimal" value={each.factor} onChange={(event) => { write(index, { factor: event.currentTarget.value }); }} />
          <TextInput type="date" label="Valid from" value={each.from} onChange={(event) => { write(index, { from: event.currentTarget.value }); }} />
          <TextInput type="date" label="Valid before" value={each.to} onChange={(event) => { write(index, { to: event.currentTarget.value }); }} />
          <ActionIcon aria-label={`Remove unit ${each.unit || String(index + 1)}`} onClick={() => { onForm({ ...form, units: form.units.filter((_, place) => place !== index) }); }}>
            <Trash2 size={15} aria-hidden="true" />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button size="xs" variant="default" leftSection={<Plus size={13} aria-hidden="true" />} onClick={() => { onForm({ ...form, units: [...form.units, { unit: form.units.some((each) => each.unit === form.unit) || form.unit === form.base ? "" : form.unit, factor: "", from: "", to: "" }] }); }}>
          Add a unit
        </Button>
      </div>
    </fieldset>
  );
}
