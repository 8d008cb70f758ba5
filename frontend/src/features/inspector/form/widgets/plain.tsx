/** Texts, numbers, switches and choices. */
import { NumberInput, SegmentedControl, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useForm, type FieldProps } from "../context";

const LONG = 300;
const FEW = 3;

export function TextWidget({ schema, value, pointer, label }: FieldProps) {
  const form = useForm();
  const text = typeof value === "string" ? value : "";
  const common = {
    "aria-label": label,
    value: text,
    disabled: form.disabled,
    placeholder: typeof schema.default === "string" ? schema.default : "",
    maxLength: schema.maxLength ?? 4000,
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => { form.write(pointer, event.currentTarget.value); },
  };
  return (schema.maxLength ?? 0) > LONG ? <Textarea {...common} autosize={false} rows={2} /> : <TextInput {...common} />;
}

export function NumberWidget({ schema, value, pointer, label }: FieldProps) {
  const form = useForm();
  return (
    <NumberInput
      aria-label={label}
      value={typeof value === "number" ? value : ""}
      placeholder={typeof schema.default === "number" ? String(schema.default) : ""}
      disabled={form.disabled}
      allowDecimal={schema.type === "number"}
      {...(schema.minimum === undefined ? {} : { min: schema.minimum })}
      {...(schema.maximum === undefined ? {} : { max: schema.maximum })}
      onChange={(next) => {
        if (typeof next === "number") form.write(pointer, next);
      }}
    />
  );
}

export function BooleanWidget({ schema, value, pointer, label }: FieldProps) {
  const form = useForm();
  return (
    <Switch
      aria-label={label}
      label={(typeof value === "boolean" ? value : schema.default === true) ? "Yes" : "No"}
      checked={typeof value === "boolean" ? value : schema.default === true}
      disabled={form.disabled}
      onChange={(event) => { form.write(pointer, event.currentTarget.checked); }}
    />
  );
}

export function EnumWidget({ schema, value, pointer, label, required }: FieldProps) {
  const form = useForm();
  const values = (schema.enum ?? []).map(String);
  const chosen = typeof value === "string" ? value : typeof schema.default === "string" ? schema.default : null;
  const data = values.map((each) => ({ value: each, label: each }));
  const short = values.length <= FEW && values.join("").length <= 26;
  if (short && chosen !== null) {
    return <SegmentedControl aria-label={label} fullWidth data={data} value={chosen} disabled={form.disabled} onChange={(next) => { form.write(pointer, next); }} />;
  }
  return (
    <Select
      aria-label={label}
      data={data}
      value={chosen}
      disabled={form.disabled}
      searchable={values.length > 8}
      clearable={!required}
      placeholder="Choose"
      onChange={(next) => {
        if (next === null) form.remove(pointer);
        else form.write(pointer, next);
      }}
    />
  );
}
