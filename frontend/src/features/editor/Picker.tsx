/** A list to choose from by typing: what may be added, connected, replaced, found. Keys alone suffice. */
import { useMemo, useState } from "react";
import { Modal, Radio, TextInput } from "@mantine/core";
import { rank } from "@/lib/rank";
import classes from "./Picker.module.css";

export interface Pick {
  id: string;
  title: string;
  note?: string | undefined;
  /** What it is found by, where that is more than what stands there; the first counts most. */
  words?: readonly string[];
  /** Stands before the others: why it is offered first. */
  praise?: string | undefined;
  /** It cannot be chosen, and this says why. */
  refused?: string | null;
}

interface PickerProps {
  title: string;
  placeholder: string;
  items: readonly Pick[];
  onPick: (id: string) => void;
  onClose: () => void;
  /** Several ways to do it, the first of them unless somebody chooses another. */
  ways?: { titles: readonly string[]; at: number; choose: (at: number) => void } | undefined;
  /** Said when nothing matches. */
  none?: string;
}

export function Picker({ title, placeholder, items, onPick, onClose, ways, none = "Nothing matches." }: PickerProps) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(() => {
    const matching = rank(items, text, (item) => item.words ?? [item.title, item.note ?? ""]);
    return [...matching.filter((item) => !item.refused), ...matching.filter((item) => item.refused)].slice(0, 200);
  }, [items, text]);
  const chosen = Math.max(0, Math.min(at, found.length - 1));
  const pick = (item: Pick | undefined) => {
    if (item && !item.refused) onPick(item.id);
  };
  return (
    <Modal opened onClose={onClose} title={title} size={520} yOffset="14vh" centered={false} returnFocus={false} padding={0} transitionProps={{ duration: 0 }}>
      <div className={classes.picker}>
        {ways ? (
          <Radio.Group aria-label="Where it goes" value={String(ways.at)} onChange={(value) => { ways.choose(Number(value)); }}>
            <div className={classes.ways}>
              {ways.titles.map((each, index) => <Radio key={each} size="xs" value={String(index)} label={each} />)}
            </div>
          </Radio.Group>
        ) : null}
        <TextInput
          data-autofocus
          aria-label={placeholder}
          placeholder={placeholder}
          value={text}
          role="combobox"
          aria-expanded="true"
          aria-controls="picker-list"
          aria-activedescendant={found[chosen] ? `pick-${String(chosen)}` : undefined}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, found.length - 1));
            else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
            else if (event.key === "Enter") pick(found[chosen]);
            else return;
            event.preventDefault();
          }}
        />
        <ul className={classes.list} id="picker-list" role="listbox" aria-label={title}>
          {found.map((item, index) => (
            // The field keeps the focus; keys are handled there.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <li
              key={item.id}
              id={`pick-${String(index)}`}
              role="option"
              aria-selected={index === chosen}
              aria-disabled={Boolean(item.refused)}
              className={classes.option}
              ref={index === chosen ? (element) => element?.scrollIntoView({ block: "nearest" }) : undefined}
              onClick={() => { pick(item); }}
              onMouseMove={() => { setAt(index); }}
            >
              <span className={classes.title}>{item.title}</span>
              {item.praise ? <span className={classes.praise}>{item.praise}</span> : null}
              {item.refused ? <span className={classes.note}>{item.refused}</span> : item.note ? <span className={classes.note}>{item.note}</span> : null}
            </li>
          ))}
        </ul>
        {found.length === 0 ? <p className={classes.none}>{none}</p> : null}
      </div>
    </Modal>
  );
}
