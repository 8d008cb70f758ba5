/** The mapper: every field of the record that is made, from where it comes, and what is known of that. */
import { ActionIcon, Button } from "@mantine/core";
import { Plus, X } from "lucide-react";
import type { JsonSchema } from "@/lib/api/types";
import type { Json } from "@/flow/document";
import { pointerOf } from "@/flow/pointers";
import { plain } from "@/lib/words";
import { useAnalysis, useDesk } from "@/features/editor/context";
import { SensitivityTag } from "@/ui/Sensitivity";
import { useForm, type FieldProps } from "../context";
import { Field } from "../Field";
import { MapWidget } from "./MapWidget";
import classes from "../Form.module.css";

export function RecordFieldsWidget(props: FieldProps) {
  const { schema, value, pointer, label } = props;
  const form = useForm();
  const { catalogue } = useDesk();
  const named = Object.values(form.value).find((each) => typeof each === "string" && catalogue.schemas.some((card) => card.id === each));
  const card = catalogue.schemas.find((each) => each.id === named);
  if (!card) return <MapWidget {...props} />;
  const held = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
  const part = Object.values(schema.patternProperties ?? {})[0] ?? {};
  const strange = Object.keys(held).filter((name) => !card.fields.some((field) => field.name === name));
  return (
    <div role="group" aria-label={label}>
      {card.fields.map((field) => (
        <Target key={field.name} name={field.name} title={field.title} concept={field.concept} required={field.required} value={held[field.name]} part={part} pointer={`${pointer}${pointerOf([field.name])}`} />
      ))}
      {strange.map((name) => (
        <Target key={name} name={name} title="not a field of this record" concept="" required={false} value={held[name]} part={part} pointer={`${pointer}${pointerOf([name])}`} />
      ))}
    </div>
  );
}

interface TargetProps {
  name: string;
  title: string;
  concept: string;
  required: boolean;
  value: Json | undefined;
  part: JsonSchema;
  pointer: string;
}

function Target({ name, title, concept, required, value, part, pointer }: TargetProps) {
  const form = useForm();
  const level = useLevel(name);
  return (
    <div className={classes.target}>
      <div className={classes.targetHead}>
        <code>{name}</code>
        <span className="muted clip">{title}</span>
        <span className="row" style={{ marginLeft: "auto" }}>
          {level === null || value === undefined ? null : <SensitivityTag level={level} />}
          {value === undefined || form.disabled ? null : (
            <ActionIcon size={24} aria-label={`Leave ${name} out`} onClick={() => { form.remove(pointer); }}>
              <X size={13} />
            </ActionIcon>
          )}
        </span>
      </div>
      {value === undefined ? (
        form.disabled ? (
          <p className={classes.empty}>Left out.</p>
        ) : (
          <Button className={classes.add ?? ""} size="xs" variant="subtle" leftSection={<Plus size={13} />} onClick={() => { form.write(pointer, ""); }}>
            {required ? "Fill it, required" : "Fill it"}
            {concept ? <span className="muted">, {plain(concept).toLowerCase()}</span> : null}
          </Button>
        )
      ) : (
        <Field schema={part} value={value} pointer={pointer} label={name} bare />
      )}
    </div>
  );
}

/** The sensitivity that this field has where it arrives. */
function useLevel(name: string): number | null {
  const analysis = useAnalysis();
  const levels = (analysis?.sinks ?? []).flatMap((sink) => sink.fields.filter((field) => field.path === name).map((field) => field.sensitivity));
  return levels.length > 0 ? Math.max(...levels) : null;
}
