/** Where the parts of a master's key stand: one row for each part, called as the master's contract calls it. */
import { ActionIcon } from "@mantine/core";
import { X } from "lucide-react";
import type { Json } from "@/flow/document";
import { useDesk } from "@/features/editor/context";
import { useForm, type FieldProps } from "../context";
import { Field } from "../Field";
import { keyParts } from "../keys";
import { FieldPath } from "./FieldPath";
import classes from "../Form.module.css";

export function MasterKeyWidget({ schema, value, pointer, label }: FieldProps) {
  const form = useForm();
  const { catalogue } = useDesk();
  const names = keyParts(catalogue, form.value, pointer);
  const list: Json[] = Array.isArray(value) ? value : [];
  if (names.length === 0 && list.length === 0) return <p className={classes.empty}>Choose a master first: it says of which parts its key is made.</p>;
  const rows = Math.max(names.length, list.length);
  const write = (index: number, next: string) => {
    form.write(pointer, Array.from({ length: Math.max(names.length, list.length) }, (_, at) => (at === index ? next : (list[at] ?? ""))));
  };
  return (
    <div className={classes.rows} role="group" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => {
        const name = names[index];
        const said = name === undefined ? `${label} ${String(index + 1)}, which the master does not have` : `${label}, ${name}`;
        const text = list[index];
        return (
          <div key={index} className={classes.keyPart}>
            <code className="clip" title={said}>{name ?? "too many"}</code>
            {text === undefined ? (
              <FieldPath label={said} value="" step={form.step} disabled={form.disabled} onChange={(next) => { write(index, next); }} />
            ) : (
              <Field schema={schema.items ?? {}} value={text} pointer={`${pointer}/${String(index)}`} label={said} bare />
            )}
            {name !== undefined || form.disabled ? null : (
              <ActionIcon size={28} aria-label={`Remove ${said}`} onClick={() => { form.remove(`${pointer}/${String(index)}`); }}>
                <X size={14} />
              </ActionIcon>
            )}
          </div>
        );
      })}
    </div>
  );
}
