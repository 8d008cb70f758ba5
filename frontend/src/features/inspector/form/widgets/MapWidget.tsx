/** Names that people choose, each with a value. */
import { useState } from "react";
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import type { Json } from "@/flow/document";
import type { JsonSchema } from "@/lib/api/types";
import { pointerOf } from "@/flow/pointers";
import { useForm, type FieldProps } from "../context";
import { Field } from "../Field";
import { emptyOf } from "../schema";
import classes from "../Form.module.css";

export function MapWidget({ schema, value, pointer, label }: FieldProps) {
  const form = useForm();
  const held = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
  const [pattern, part] = valueSchema(schema);
  return (
    <div className={classes.rows} role="group" aria-label={label}>
      {Object.entries(held).map(([name, each]) => (
        <Entry key={name} name={name} value={each} part={part} pointer={pointer} />
      ))}
      {form.disabled ? null : <NewName label={label} pattern={pattern} taken={held} onAdd={(name) => { form.write(`${pointer}${pointerOf([name])}`, emptyOf(part, form.root)); }} />}
    </div>
  );
}

function Entry({ name, value, part, pointer }: { name: string; value: Json; part: JsonSchema; pointer: string }) {
  const form = useForm();
  const place = `${pointer}${pointerOf([name])}`;
  return (
    <div className={classes.target}>
      <div className={classes.targetHead}>
        <code>{name}</code>
        {form.disabled ? null : (
          <ActionIcon size={24} style={{ marginLeft: "auto" }} aria-label={`Remove ${name}`} onClick={() => { form.remove(place); }}>
            <X size={13} />
          </ActionIcon>
        )}
      </div>
      <Field schema={part} value={value} pointer={place} label={name} bare />
    </div>
  );
}

function NewName({ label, pattern, taken, onAdd }: { label: string; pattern: RegExp | null; taken: Record<string, Json>; onAdd: (name: string) => void }) {
  const [name, setName] = useState("");
  const wrong = name !== "" && pattern !== null && !pattern.test(name) ? "This name does not fit." : Object.hasOwn(taken, name) ? "This name is taken." : null;
  const add = () => {
    if (name === "" || wrong) return;
    onAdd(name);
    setName("");
  };
  return (
    <div className={classes.row}>
      <TextInput
        aria-label={`New name in ${label}`}
        placeholder="New name"
        value={name}
        error={wrong}
        onChange={(event) => { setName(event.currentTarget.value); }}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            add();
          }
        }}
      />
      <Button size="xs" variant="subtle" leftSection={<Plus size={13} />} disabled={name === "" || wrong !== null} onClick={add}>
        Add
      </Button>
    </div>
  );
}

function valueSchema(schema: JsonSchema): [RegExp | null, JsonSchema] {
  const [entry] = Object.entries(schema.patternProperties ?? {});
  if (entry) return [safePattern(entry[0]), entry[1]];
  return [null, typeof schema.additionalProperties === "object" ? schema.additionalProperties : {}];
}

/** The server's pattern, where this browser reads it the same way; else the server alone says what fits. */
export function safePattern(text: string): RegExp | null {
  try {
    return new RegExp(text, "u");
  } catch {
    return null;
  }
}
