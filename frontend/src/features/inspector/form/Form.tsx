/** A form from a JSON Schema. Widgets are chosen by what the schema says, never by the kind of a node. */
import { useMemo } from "react";
import type { Finding, JsonSchema } from "@/lib/api/types";
import type { Config, Json } from "@/flow/document";
import { pointerOf } from "@/flow/pointers";
import { FormContext, type FormDesk } from "./context";
import { Field } from "./Field";
import { widgetFor } from "./registry";
import { isRequired, isShown, leftBehind, titleOf } from "./schema";
import classes from "./Form.module.css";

interface FormProps {
  schema: JsonSchema;
  value: Config;
  disabled: boolean;
  step: string | null;
  connection: string | null;
  findings: readonly Finding[];
  /** Where this form's value stands in the flow file. */
  base: string;
  onWrite: (pointer: string, value: Json) => void;
  onRemove: (pointer: string) => void;
}

export function Form({ schema, value, disabled, step, connection, findings, base, onWrite, onRemove }: FormProps) {
  const desk = useMemo<FormDesk>(
    () => ({
      root: schema, value, disabled, step, connection, remove: onRemove, findings: byPlace(findings, base), widgetFor,
      write: (pointer, next) => {
        onWrite(pointer, next);
        for (const place of leftBehind(schema, value, pointer, next)) onRemove(place);
      },
    }),
    [schema, value, disabled, step, connection, findings, base, onWrite, onRemove],
  );
  const names = Object.keys(schema.properties ?? {}).filter((name) => isShown(name, schema, value));
  return (
    <FormContext value={desk}>
      <div className={classes.form}>
        {names.map((name) => (
          <Field key={name} schema={schema.properties?.[name] ?? {}} value={value[name]} pointer={pointerOf([name])} label={titleOf(name, {})} required={isRequired(name, schema, value)} />
        ))}
        {names.length === 0 ? <p className="muted">This kind has nothing to set.</p> : null}
      </div>
    </FormContext>
  );
}

function byPlace(findings: readonly Finding[], base: string): ReadonlyMap<string, readonly Finding[]> {
  const places = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { pointer } = finding.address;
    if (!pointer?.startsWith(`${base}/`)) continue;
    const place = pointer.slice(base.length);
    places.set(place, [...(places.get(place) ?? []), finding]);
  }
  return places;
}
