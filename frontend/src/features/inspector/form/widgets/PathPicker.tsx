/** A path that is typed or chosen. What is being typed is no setting yet: a choice, Enter or leaving makes it one. */
import { useState } from "react";
import { Combobox, TextInput, useCombobox } from "@mantine/core";
import { ChevronRight } from "lucide-react";
import type { FieldRow } from "@/lib/api/types";
import { SensitivityTag } from "@/ui/Sensitivity";
import { isWhole, offered } from "../paths";
import classes from "../Form.module.css";

interface PathPickerProps {
  label: string;
  value: string;
  disabled: boolean;
  rows: readonly FieldRow[];
  /** What is typed, or null before anything is; asked as soon as the list is open. */
  onAsk: (typed: string | null) => void;
  onChange: (value: string) => void;
}

export function PathPicker({ label, value, disabled, rows, onAsk, onChange }: PathPickerProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const list = useCombobox({ onDropdownClose: () => { list.resetSelectedOption(); } });
  const choices = offered(rows, typed, value);
  const type = (text: string | null) => {
    setTyped(text);
    onAsk(text);
  };
  const take = (text: string) => {
    type(null);
    list.closeDropdown();
    if (text !== value) onChange(text);
  };
  const open = () => {
    onAsk(typed);
    list.openDropdown();
  };
  const submit = (path: string) => {
    if (!choices.find((each) => each.path === path)?.opens) {
      take(path);
      return;
    }
    type(`${path}.`);
    list.resetSelectedOption();
  };
  return (
    <Combobox
      store={list}
      width={400}
      position="bottom-start"
      onOptionSubmit={submit}
    >
      <Combobox.Target>
        <TextInput
          aria-label={label}
          placeholder="PID-3.1, or part of a name"
          value={typed ?? value}
          disabled={disabled}
          autoComplete="off"
          classNames={{ input: "mono" }}
          onFocus={open}
          onClick={open}
          onChange={(event) => {
            type(event.currentTarget.value);
            list.openDropdown();
            list.resetSelectedOption();
          }}
          onBlur={() => {
            list.closeDropdown();
            if (typed !== null && isWhole(typed)) take(typed.trim());
            else type(null);
          }}
          onKeyDownCapture={(event) => {
            if (event.key === "Escape" && (typed !== null || list.dropdownOpened)) {
              event.stopPropagation();
              type(null);
              list.closeDropdown();
            } else if (event.key === "Enter" && typed !== null && list.getSelectedOptionIndex() === -1) {
              event.preventDefault();
              const first = choices[0];
              if (isWhole(typed)) take(typed.trim());
              else if (first) submit(first.path);
            }
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={choices.length === 0}>
        <Combobox.Options mah={320} style={{ overflowY: "auto" }} aria-label="Fields that arrive here">
          {choices.map(({ row, path, part, opens, name }) => (
            <Combobox.Option key={path} value={path}>
              <span className={classes.option} data-part={part || undefined}>
                <code>{path}</code>
                <span className="muted clip">{name}</span>
                {opens ? (
                  <span className={classes.opens}>
                    {row.parts} parts <ChevronRight size={12} aria-hidden="true" />
                  </span>
                ) : null}
                <SensitivityTag level={row.sensitivity} />
              </span>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
