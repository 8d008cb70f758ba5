/** A group of segments or a type of resources: those of the message that comes in are offered, and any may be written. */
import { useState } from "react";
import { Autocomplete } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { stepFieldsQuery } from "@/features/editor/api";
import { useAnalysis, useDesk } from "@/features/editor/context";
import { useForm, type FieldProps } from "../context";

export function GroupWidget({ value, pointer, label }: FieldProps) {
  const form = useForm();
  const { draft } = useDesk();
  const revision = useAnalysis()?.revision ?? 0;
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const held = typeof value === "string" ? value : "";
  const take = (next: string) => {
    setTyped(null);
    if (next !== held) form.write(pointer, next);
  };
  const { data } = useQuery({ ...stepFieldsQuery(draft, revision, form.step ?? "", ""), enabled: open && form.step !== null });
  return (
    <Autocomplete
      aria-label={label}
      placeholder="Choose what comes several times"
      value={typed ?? held}
      disabled={form.disabled}
      data={[...(data?.groups ?? [])]}
      filter={({ options, search }) => (data?.groups.includes(search) ? options : options.filter((each) => "value" in each && each.value.toLowerCase().includes(search.toLowerCase())))}
      maxDropdownHeight={320}
      onFocus={() => { setOpen(true); }}
      onChange={setTyped}
      onOptionSubmit={take}
      onBlur={() => { if (typed !== null) take(typed.trim()); }}
      onKeyDownCapture={(event) => {
        if (event.key === "Escape" && typed !== null) {
          event.stopPropagation();
          setTyped(null);
        } else if (event.key === "Enter" && typed !== null && !event.currentTarget.getAttribute("aria-activedescendant")) take(typed.trim());
      }}
      classNames={{ input: "mono" }}
    />
  );
}
