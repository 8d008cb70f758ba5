/** Ctrl+K: go anywhere, do anything, by name. */
import { useMemo, useState } from "react";
import { Modal, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { create } from "zustand";
import { api, ask } from "@/lib/api/client";
import { useAllCommands, useCommands, type Command } from "@/lib/commands";
import { rank } from "@/lib/rank";
import { Keys } from "@/ui/Keys";
import { useMayStop } from "@/ui/StopFlow";
import classes from "@/app/shell/CommandPalette.module.css";

const usePalette = create<{ open: boolean }>(() => ({ open: false }));

export function openPalette(): void {
  usePalette.setState({ open: true });
}
function closePalette(): void {
  usePalette.setState({ open: false });
}

const NAMED = { content: { "aria-label": "Search or do" } };

const OWN: Command[] = [
  { id: "palette", title: "Search or do anything", group: "General", keys: ["Ctrl+K"], whileTyping: true, hidden: true, run: openPalette },
];

export function CommandPalette() {
  useCommands(OWN);
  const open = usePalette((state) => state.open);
  if (!open) return null;
  return (
    <Modal opened onClose={closePalette} withCloseButton={false} padding={0} size={600} yOffset="12vh" centered={false} attributes={NAMED}>
      <Palette />
    </Modal>
  );
}

function Palette() {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const commands = useAllCommands();
  const places = usePlaces(text);
  const found = useMemo(() => {
    const usable = commands.filter((each) => !each.hidden && (!each.enabled || each.enabled()));
    return rank([...places, ...usable], text, (each) => `${each.title} ${each.hint ?? ""} ${each.group}`).slice(0, 60);
  }, [commands, places, text]);
  const chosen = Math.min(at, found.length - 1);
  const run = (command: Command | undefined) => {
    if (!command) return;
    closePalette();
    // The dialog gives the focus back first, so that commands which move it have the last word.
    setTimeout(command.run, 0);
  };
  return (
    <div className={classes.palette}>
      <TextInput
        data-autofocus
        variant="unstyled"
        className={classes.field}
        aria-label="Search or do"
        placeholder="A flow, a message number, a command"
        leftSection={<Search size={16} aria-hidden="true" />}
        value={text}
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[chosen] ? `palette-${String(chosen)}` : undefined}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, found.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
          else if (event.key === "Enter") run(found[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ul className={classes.list} id="palette-list" role="listbox" aria-label="Results">
        {found.map((command, index) => (
          // The field keeps the focus; keys are handled there.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <li
            key={command.id}
            id={`palette-${String(index)}`}
            role="option"
            aria-selected={index === chosen}
            className={classes.option}
            ref={index === chosen ? (element) => element?.scrollIntoView({ block: "nearest" }) : undefined}
            onClick={() => { run(command); }}
            onMouseMove={() => { setAt(index); }}
          >
            <span className={classes.title}>{command.title}</span>
            {command.hint ? <span className="muted">{command.hint}</span> : null}
            <span className={classes.group}>{command.keys?.[0] ? <Keys keys={command.keys[0]} /> : command.group}</span>
          </li>
        ))}
        {found.length === 0 ? <li className={classes.none}>Nothing matches “{text}”.</li> : null}
      </ul>
    </div>
  );
}

/** Flows by name, and the message of a number that was typed. */
function usePlaces(text: string): Command[] {
  const navigate = useNavigate();
  const stops = useMayStop();
  const { data } = useQuery({ queryKey: ["flows"], queryFn: ({ signal }) => ask(api.GET("/api/v1/flows", { signal })) });
  return useMemo(() => {
    const flows = data?.flows ?? [];
    const places: Command[] = flows.flatMap((flow) => [
      { id: `flow.${flow.id}`, title: flow.name, group: "Flow", hint: flow.state, run: () => void navigate({ to: "/flows/$flow", params: { flow: flow.id } }) },
      ...(stops && flow.state === "live" ? [{ id: `stop.${flow.id}`, title: `Stop ${flow.name}…`, group: "Flow", run: () => void navigate({ to: "/flows/$flow", params: { flow: flow.id }, search: { stop: true } }) }] : []),
      ...(flow.draft ? [{ id: `draft.${flow.id}`, title: `Edit ${flow.name}`, group: "Draft", run: () => void navigate({ to: "/drafts/$draft", params: { draft: flow.draft ?? "" } }) }] : []),
    ]);
    const key = text.trim();
    if (/^[1-9]\d{0,14}$/.test(key)) {
      places.push({ id: "message", title: `Message ${key}`, group: "Messages", run: () => void navigate({ to: "/messages/$message", params: { message: key }, search: {} }) });
    }
    return places;
  }, [data, navigate, stops, text]);
}
