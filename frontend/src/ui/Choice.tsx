/** One of a few views of a page; which one stands in the address. */
import { SegmentedControl } from "@mantine/core";

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}

export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <SegmentedControl
      aria-label={label}
      value={value}
      data={options.map(([id, title]) => ({ value: id, label: title }))}
      onChange={(chosen) => { onChange(chosen); }}
    />
  );
}

/** The value of a search parameter where it is one of a few; else the first. */
export function oneOf<T extends string>(given: unknown, options: readonly (readonly [T, string])[]): T {
  const found = options.find(([id]) => id === given) ?? options[0];
  if (!found) throw new Error("A choice needs options.");
  return found[0];
}
