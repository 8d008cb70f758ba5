/** `?`: every key that does something here, searchable. */
import { useState } from "react";
import { Modal, Switch, TextInput } from "@mantine/core";
import { create } from "zustand";
import { useAllCommands, useCommands, type Command } from "@/lib/commands";
import { rank } from "@/lib/rank";
import { change, useSettings } from "@/lib/settings";
import { Keys } from "@/ui/Keys";
import classes from "@/app/shell/ShortcutSheet.module.css";

const useSheet = create<{ open: boolean }>(() => ({ open: false }));

export function openShortcuts(): void {
  useSheet.setState({ open: true });
}

const OWN: Command[] = [{ id: "shortcuts", title: "Keyboard shortcuts", group: "General", keys: ["?"], run: openShortcuts }];

export function ShortcutSheet() {
  useCommands(OWN);
  const open = useSheet((state) => state.open);
  if (!open) return null;
  return (
    <Modal opened onClose={() => { useSheet.setState({ open: false }); }} title="Keyboard shortcuts" size={720}>
      <Sheet />
    </Modal>
  );
}

function Sheet() {
  const [text, setText] = useState("");
  const single = useSettings((settings) => settings.singleKeys);
  const commands = useAllCommands();
  const seen = new Map<string, Command>(commands.filter((each) => each.keys?.length && each.hidden !== "everywhere").map((each) => [each.id, each]));
  const found = rank([...seen.values()], text, (each) => `${each.title} ${each.group}`);
  const groups = [...new Set(found.map((each) => each.group))];
  return (
    <div className="stack">
      <div className={classes.head}>
        <TextInput data-autofocus aria-label="Search shortcuts" placeholder="Search shortcuts" value={text} onChange={(event) => { setText(event.currentTarget.value); }} />
        <Switch label="Single-key shortcuts" checked={single} onChange={(event) => { change({ singleKeys: event.currentTarget.checked }); }} />
      </div>
      <div className={classes.groups}>
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h3 className={classes.title}>{group}</h3>
            <ul className={classes.list}>
              {found.filter((each) => each.group === group).map((each) => (
                <li key={each.id}>
                  <span>{each.title}</span>
                  <span className={classes.keys}>{each.keys?.map((keys) => <Keys key={keys} keys={keys} />)}</span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      {found.length === 0 ? <p className="muted">No shortcut matches “{text}”.</p> : null}
    </div>
  );
}
