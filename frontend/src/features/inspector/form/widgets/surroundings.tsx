/** Choices that the environment gives: masters, operations of a connection, record schemas, columns. */
import { useState } from "react";
import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { ArrowLeft, Plus, X } from "lucide-react";
import { pointerOf } from "@/flow/pointers";
import { useDesk } from "@/features/editor/context";
import { useForm, type FieldProps } from "../context";
import classes from "../Form.module.css";

interface ChoiceProps extends FieldProps {
  choices: readonly { id: string; title: string }[];
  none: string;
}

/** A name that is no longer there stays chosen and is said to be unknown; findings say the rest. */
function Choice({ value, pointer, label, choices, none }: ChoiceProps) {
  const form = useForm();
  const chosen = typeof value === "string" && value !== "" ? value : null;
  const data = choices.map(({ id, title }) => ({ value: id, label: title && title !== id ? `${id}, ${title}` : id }));
  if (chosen !== null && !choices.some((each) => each.id === chosen)) data.push({ value: chosen, label: `${chosen} (not known here)` });
  return (
    <Select aria-label={label} data={data} value={chosen} searchable={data.length > 8} disabled={form.disabled} placeholder={data.length > 0 ? "Choose" : none} nothingFoundMessage={none} onChange={(next) => { if (next !== null) form.write(pointer, next); }} />
  );
}

export function MasterWidget(props: FieldProps) {
  const { catalogue } = useDesk();
  return <Choice {...props} choices={catalogue.masters} none="This environment has no masters" />;
}

export function OperationWidget(props: FieldProps) {
  const { catalogue } = useDesk();
  const { connection } = useForm();
  const operations = catalogue.connections.find((each) => each.name === connection)?.operations ?? [];
  return <Choice {...props} choices={operations.map(({ id, method, path }) => ({ id, title: [method, path].filter(Boolean).join(" ") }))} none={connection ? "The contract of this connection names no operation" : "Choose a connection first"} />;
}

export function RecordSchemaWidget(props: FieldProps) {
  const { catalogue } = useDesk();
  return <Choice {...props} choices={catalogue.schemas} none="There are no record schemas" />;
}

/** Name in the record ← column of the master that is chosen beside. */
export function MasterColumnsWidget({ value, pointer, label }: FieldProps) {
  const form = useForm();
  const { catalogue } = useDesk();
  const [name, setName] = useState("");
  const master = catalogue.masters.find((each) => each.id === form.value["master"]);
  const held = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
  const columns = master?.values ?? [];
  const fits = /^[a-z][A-Za-z0-9_]{0,62}$/.test(name) && !Object.hasOwn(held, name);
  const add = () => {
    if (!fits) return;
    form.write(`${pointer}${pointerOf([name])}`, columns.find((column) => column === name) ?? columns[0] ?? "");
    setName("");
  };
  return (
    <div className={classes.rows} role="group" aria-label={label}>
      {Object.entries(held).map(([field, column]) => (
        <div key={field} className={classes.pair}>
          <code className="clip">{field}</code>
          <ArrowLeft size={13} className={classes.arrow} aria-label="from column" />
          <Select aria-label={`Column for ${field}`} data={[...new Set([...columns, ...(typeof column === "string" && column ? [column] : [])])]} value={typeof column === "string" ? column : null} disabled={form.disabled} onChange={(next) => { if (next !== null) form.write(`${pointer}${pointerOf([field])}`, next); }} />
          {form.disabled ? <span /> : (
            <ActionIcon size={28} aria-label={`Remove ${field}`} onClick={() => { form.remove(`${pointer}${pointerOf([field])}`); }}>
              <X size={14} />
            </ActionIcon>
          )}
        </div>
      ))}
      {form.disabled ? null : (
        <div className={classes.row}>
          <TextInput aria-label="New name in the record" placeholder="New name in the record" value={name} onChange={(event) => { setName(event.currentTarget.value); }} onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); add(); } }} />
          <Button size="xs" variant="subtle" leftSection={<Plus size={13} />} disabled={!fits} onClick={add}>
            Add
          </Button>
        </div>
      )}
    </div>
  );
}
