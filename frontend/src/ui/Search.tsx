/** A filter field; `/` moves the focus here. */
import { useMemo, useRef } from "react";
import { CloseButton, TextInput } from "@mantine/core";
import { Search as Glass } from "lucide-react";
import { useCommands, type Command } from "@/lib/commands";

interface SearchProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  width?: number;
  onKeyDown?: (event: React.KeyboardEvent<HTMLInputElement>) => void;
}

export function Search({ label, value, onChange, placeholder, width = 260, onKeyDown }: SearchProps) {
  const input = useRef<HTMLInputElement>(null);
  const commands = useMemo<Command[]>(
    () => [{ id: "search.focus", title: label, group: "This page", keys: ["/"], run: () => input.current?.focus() }],
    [label],
  );
  useCommands(commands);
  return (
    <TextInput
      ref={input}
      aria-label={label}
      placeholder={placeholder ?? label}
      value={value}
      w={width}
      maw="100%"
      leftSection={<Glass size={14} aria-hidden="true" />}
      rightSection={value ? <CloseButton size="xs" aria-label="Clear" onClick={() => { onChange(""); }} /> : null}
      onChange={(event) => { onChange(event.currentTarget.value); }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && value) {
          event.stopPropagation();
          onChange("");
        }
        onKeyDown?.(event);
      }}
    />
  );
}
