/** A field by its path, with names and sensitivity of what really arrives at the step. */
import { useState } from "react";
import { Autocomplete } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { stepFieldsQuery } from "@/features/editor/api";
import { useAnalysis, useDesk } from "@/features/editor/context";
import { SensitivityTag } from "@/ui/Sensitivity";
import { useForm, type FieldProps } from "../context";
import classes from "../Form.module.css";

export function FieldPathWidget({ value, pointer, label }: FieldProps) {
  const form = useForm();
  return (
    <FieldPath
      label={label}
      value={typeof value === "string" ? value : ""}
      step={form.step}
      disabled={form.disabled}
      onChange={(next) => { form.write(pointer, next, label.toLowerCase()); }}
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
  const [open, setOpen] = useState(false);
  const [q] = useDebouncedValue(value.replace(/\[[^\]]*\]/g, ""), 120);
  const { data } = useQuery({ ...stepFieldsQuery(draft, revision, step ?? "", q), enabled: open && step !== null });
  const rows = new Map((data?.rows ?? []).map((row) => [row.path, row]));
  return (
    <Autocomplete
      aria-label={label}
      placeholder="PID-3.1, or part of a name"
      value={value}
      disabled={disabled}
      data={[...rows.keys()]}
      filter={({ options }) => options}
      maxDropdownHeight={320}
      comboboxProps={{ width: 380, position: "bottom-start" }}
      onDropdownOpen={() => { setOpen(true); }}
      onFocus={() => { setOpen(true); }}
      onChange={onChange}
      classNames={{ input: "mono" }}
      renderOption={({ option }) => {
        const row = rows.get(option.value);
        return (
          <span className={classes.option}>
            <code>{option.value}</code>
            <span className="muted clip">{row?.name}</span>
            {row ? <SensitivityTag level={row.sensitivity} /> : null}
          </span>
        );
      }}
    />
  );
}
