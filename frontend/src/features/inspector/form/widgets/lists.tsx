/** Lists of any length, and tuples whose every place has its own meaning. */
import { ActionIcon, Button, Pill, TagsInput } from "@mantine/core";
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import type { Json } from "@/flow/document";
import { count } from "@/lib/words";
import { useForm, type FieldProps } from "../context";
import { Field, Problems } from "../Field";
import { emptyOf, isField, optional } from "../schema";
import classes from "../Form.module.css";

export function ListWidget(props: FieldProps) {
  const { root } = useForm();
  const item = optional(props.schema.items ?? {}, root).schema;
  const plain = item.type === "string" && !item.format && !item.enum;
  return plain ? <Tags {...props} /> : <Rows {...props} />;
}

/** Plain texts side by side. */
function Tags({ value, pointer, label, schema }: FieldProps) {
  const form = useForm();
  const tags = Array.isArray(value) ? value.map(String) : [];
  const known = (optional(schema.items ?? {}, form.root).schema.examples ?? []).map(String);
  const wrong = tags.map((_, index) => form.findings.get(`${pointer}/${String(index)}`) ?? []);
  return (
    <>
    <TagsInput
      aria-label={label}
      value={tags}
      data={known}
      limit={40}
      maxDropdownHeight={280}
      renderPill={({ value: tag, onRemove, disabled }) => (
        <Pill withRemoveButton={!disabled} {...(onRemove ? { onRemove } : {})} {...(wrong[tags.indexOf(String(tag))]?.length ? { className: classes.badTag ?? "", "data-wrong": true } : {})}>
          {tag}
        </Pill>
      )}
      disabled={form.disabled}
      placeholder={Array.isArray(value) && value.length > 0 ? "" : "Type and press Enter"}
      {...(schema.maxItems === undefined ? {} : { maxTags: schema.maxItems })}
      onChange={(next) => { form.write(pointer, next); }}
    />
    <Problems findings={wrong.flat()} />
    </>
  );
}

/** One entry below the other, each with its own form. */
function Rows({ schema, value, pointer, label }: FieldProps) {
  const form = useForm();
  const list: Json[] = Array.isArray(value) ? value : [];
  const item = schema.items ?? {};
  const flat = isField(optional(item, form.root).schema);
  const swap = (a: number, b: number) => {
    const next = [...list];
    [next[a], next[b]] = [next[b] ?? null, next[a] ?? null];
    form.write(pointer, next);
  };
  return (
    <div className={classes.rows} role="group" aria-label={`${label}, ${count(list.length, "entry", "entries")}`}>
      {list.map((entry, index) => {
        const name = `${label} ${String(index + 1)}`;
        const field = <Field schema={item} value={entry} pointer={`${pointer}/${String(index)}`} label={name} bare />;
        const remove = form.disabled ? null : (
          <ActionIcon size={28} aria-label={`Remove ${name}`} onClick={() => { form.remove(`${pointer}/${String(index)}`); }}>
            <X size={14} />
          </ActionIcon>
        );
        return flat ? (
          <div key={index} className={classes.row}>
            {field}
            {remove}
          </div>
        ) : (
          <div key={index} className={classes.entry}>
            <div className={classes.entryHead}>
              <span>{name}</span>
              {list.length > 1 && !form.disabled ? (
                <>
                  <ActionIcon size={24} aria-label={`Move ${name} up`} disabled={index === 0} onClick={() => { swap(index, index - 1); }}>
                    <ArrowUp size={13} />
                  </ActionIcon>
                  <ActionIcon size={24} aria-label={`Move ${name} down`} disabled={index === list.length - 1} onClick={() => { swap(index, index + 1); }}>
                    <ArrowDown size={13} />
                  </ActionIcon>
                </>
              ) : null}
              {remove}
            </div>
            {field}
          </div>
        );
      })}
      {list.length === 0 ? <p className={classes.empty}>None.</p> : null}
      {form.disabled || list.length >= (schema.maxItems ?? Infinity) ? null : (
        <Button className={classes.add ?? ""} size="xs" variant="subtle" leftSection={<Plus size={13} />} onClick={() => { form.write(pointer, [...list, emptyOf(item, form.root)]); }}>
          Add
        </Button>
      )}
    </div>
  );
}

/** Places with a meaning each, such as the two sides of a comparison. */
export function TupleWidget({ schema, value, pointer, label }: FieldProps) {
  const list = Array.isArray(value) ? value : [];
  return (
    <div className={classes.rows}>
      {(schema.prefixItems ?? []).map((part, index) => (
        <Field key={index} schema={part} value={list[index]} pointer={`${pointer}/${String(index)}`} label={`${label}, part ${String(index + 1)}`} bare />
      ))}
    </div>
  );
}
