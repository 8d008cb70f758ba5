/** An object with known names: its fields in a box. */
import { pointerOf } from "@/flow/pointers";
import { Button } from "@mantine/core";
import { Plus } from "lucide-react";
import { useForm, type FieldProps } from "../context";
import { Field } from "../Field";
import { emptyOf, isRequired, isShown, titleOf } from "../schema";
import classes from "../Form.module.css";

export function ObjectWidget({ schema, value, pointer, label }: FieldProps) {
  const form = useForm();
  const held = value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
  if (held === null && (schema.default === undefined || schema.default === null)) {
    return form.disabled ? (
      <p className={classes.empty}>Not used.</p>
    ) : (
      <Button className={classes.add ?? ""} size="xs" variant="subtle" leftSection={<Plus size={13} />} onClick={() => { form.write(pointer, emptyOf({ ...schema, default: undefined }, form.root)); }}>
        Use it
      </Button>
    );
  }
  const shown = held ?? ((schema.default ?? {}) as NonNullable<typeof held>);
  return (
    <div className={classes.box} role="group" aria-label={label}>
      {Object.entries(schema.properties ?? {}).filter(([name]) => isShown(name, schema, shown)).map(([name, part]) => (
        <Field key={name} schema={part} value={shown[name]} pointer={`${pointer}${pointerOf([name])}`} label={titleOf(name, {})} required={isRequired(name, schema, shown)} />
      ))}
    </div>
  );
}
