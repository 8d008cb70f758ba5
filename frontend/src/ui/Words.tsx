/** Text that the server limits: the form asks for as much as is taken, and says what is missing. */
import { Textarea, TextInput } from "@mantine/core";
import { lacking, longest, type Limited } from "@/lib/limits";

interface WordsProps {
  limit: Limited;
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Several lines. */
  rows?: number;
  required?: boolean;
  first?: boolean;
  wide?: boolean;
  id?: string;
  description?: string;
  error?: React.ReactNode;
}

export function Words({ limit, label, value, onChange, rows, required = true, first = false, wide = false, id, description, error }: WordsProps) {
  const said = [description, lacking(limit, value)].filter(Boolean).join(" ");
  const given = {
    label, value, required, maxLength: longest(limit), ...(id ? { id } : {}), ...(said ? { description: said } : {}), ...(error ? { error } : {}), ...(first ? { "data-autofocus": true } : {}), ...(wide ? { "data-wide": true } : {}),
    inputWrapperOrder: ["label", "input", "description", "error"] as ("label" | "input" | "description" | "error")[],
  };
  if (rows) return <Textarea {...given} rows={rows} onChange={(event) => { onChange(event.currentTarget.value); }} />;
  return <TextInput {...given} onChange={(event) => { onChange(event.currentTarget.value); }} />;
}
