/** A field by its path, with names and sensitivity of what really arrives at the step. */
import { useState } from "react";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { stepFieldsQuery } from "@/features/editor/api";
import { useAnalysis, useDesk } from "@/features/editor/context";
import { useForm, type FieldProps } from "../context";
import { askedFor } from "../paths";
import { PathPicker } from "./PathPicker";

export function FieldPathWidget({ value, pointer, label }: FieldProps) {
  const form = useForm();
  return (
    <FieldPath
      label={label}
      value={typeof value === "string" ? value : ""}
      step={form.step}
      disabled={form.disabled}
      onChange={(next) => { form.write(pointer, next); }}
    />
  );
}

interface FieldPathInputProps {
  label: string;
  value: string;
  step: string | null;
  disabled: boolean;
  onChange: (value: string) => void;
}

export function FieldPath({ label, value, step, disabled, onChange }: FieldPathInputProps) {
  const { draft } = useDesk();
  const revision = useAnalysis()?.revision ?? 0;
  const [asked, ask] = useState<string | null | undefined>(undefined);
  const [q] = useDebouncedValue(askedFor(asked ?? null, value), 120);
  const { data } = useQuery({ ...stepFieldsQuery(draft, revision, step ?? "", q), enabled: asked !== undefined && step !== null });
  return <PathPicker label={label} value={value} disabled={disabled} rows={data?.rows ?? []} onAsk={ask} onChange={onChange} />;
}
