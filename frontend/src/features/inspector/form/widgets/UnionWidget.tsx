/** One of several shapes, such as a condition or an expression: first which, then its parts. */
import { Select, TextInput } from "@mantine/core";
import type { Json } from "@/flow/document";
import { pointerOf } from "@/flow/pointers";
import { useForm, type FieldProps } from "../context";
import { Field } from "../Field";
import { emptyOf, titleOf, type Variant, variantOf, variantsOf } from "../schema";
import { FieldPath } from "./FieldPath";
import classes from "../Form.module.css";

export function UnionWidget({ schema, value, pointer, label }: FieldProps) {
  const form = useForm();
  const variants = variantsOf(schema, form.root);
  const chosen = variantOf(value, variants);
  return (
    <div className={chosen && FLAT.has(chosen.mark) ? classes.unionFlat : classes.union} role="group" aria-label={label}>
      <Select
        aria-label={`${label}: which`}
        data={variants.map((each) => ({ value: each.mark, label: each.title }))}
        value={chosen?.mark ?? null}
        placeholder="Choose"
        disabled={form.disabled}
        onChange={(mark) => {
          const next = variants.find((each) => each.mark === mark);
          if (next) form.write(pointer, begun(next, value, form.root));
        }}
      />
      {chosen ? <Body variant={chosen} value={value ?? null} pointer={pointer} label={label} /> : null}
    </div>
  );
}

/** Shapes of one short part stand beside their choice. */
const FLAT = new Set(["field", "text", "number", "present"]);

/** A single part needs no name of its own; several are told apart by theirs. */
function Body({ variant, value, pointer, label }: { variant: Variant; value: Json; pointer: string; label: string }) {
  const form = useForm();
  if (typeof value === "string") {
    return (
      <div className={classes.unionBody}>
        <FieldPath label={label} value={value} step={form.step} disabled={form.disabled} onChange={(next) => { form.write(pointer, next); }} />
      </div>
    );
  }
  const held = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
  const parts = Object.entries(variant.schema.properties ?? {});
  return (
    <div className={classes.unionBody}>
      {parts.map(([name, part]) => (
        <Field key={name} schema={{ ...part, description: undefined }} value={held[name]} pointer={`${pointer}${pointerOf([name])}`} label={parts.length === 1 ? `${label}, ${variant.title.toLowerCase()}` : titleOf(name, {})} bare={parts.length === 1} />
      ))}
      {parts.length === 0 ? <TextInput disabled value="" aria-label={label} /> : null}
    </div>
  );
}

/** Another shape keeps what it can: a condition goes into "not", "all of" and "any of"; a field stays a field. */
function begun(next: Variant, before: Json | undefined, root: Parameters<typeof emptyOf>[1]): Json {
  const fresh = emptyOf(next.schema, root) as Record<string, Json>;
  const held = before !== null && typeof before === "object" && !Array.isArray(before) ? before : null;
  if (held === null) return fresh;
  if (next.mark === "not") return { not: held };
  if (next.mark === "all" || next.mark === "any") return { [next.mark]: Array.isArray(held["all"]) ? held["all"] : Array.isArray(held["any"]) ? held["any"] : [held] };
  return fresh;
}
