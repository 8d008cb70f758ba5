/** Everything a person can do here by name or key: the palette, the shortcut sheet and the keyboard read one list. */
import { useEffect, useRef } from "react";
import { create } from "zustand";
import { matches, parseKeys } from "@/lib/keys";
import { useSettings } from "@/lib/settings";

export interface Command {
  id: string;
  title: string;
  group: string;
  /** `"Ctrl+K"`, `"Shift+L"`, `"g h"`; several ways may be given. Ctrl stands for Cmd too. */
  keys?: readonly string[];
  /** Shown beside the title in the palette. */
  hint?: string;
  /** False: shown without effect (palette) or left to the browser (key). */
  enabled?: () => boolean;
  /** The keys count only while this holds, for example while the focus is inside the canvas. */
  within?: () => boolean;
  /** Keys that count even while a text is being written, such as Ctrl+S. */
  whileTyping?: boolean;
  /** Not in the palette; `everywhere`: not in the sheet of shortcuts either. */
  hidden?: boolean | "everywhere";
  run: () => void;
}

interface Registry {
  lists: readonly { owner: symbol; commands: readonly Command[] }[];
}

const registry = create<Registry>(() => ({ lists: [] }));

/** Offers commands while the component is mounted. Later ones win where keys are the same. */
export function useCommands(commands: readonly Command[]): void {
  const owner = useRef(Symbol());
  useEffect(() => {
    const mine = owner.current;
    registry.setState(({ lists }) => ({ lists: [...lists.filter((each) => each.owner !== mine), { owner: mine, commands }] }));
  }, [commands]);
  useEffect(() => {
    const mine = owner.current;
    return () => {
      registry.setState(({ lists }) => ({ lists: lists.filter((each) => each.owner !== mine) }));
    };
  }, []);
}

export function useAllCommands(): readonly Command[] {
  const lists = registry((state) => state.lists);
  return lists.flatMap((each) => each.commands);
}

let pending = "";
let timer: ReturnType<typeof setTimeout> | undefined;

/** The one keyboard listener. A sequence such as `g h` waits a second for its second key. */
export function listen(): () => void {
  window.addEventListener("keydown", notice, true);
  window.addEventListener("keydown", onKey);
  return () => {
    window.removeEventListener("keydown", notice, true);
    window.removeEventListener("keydown", onKey);
  };
}

/** What rests in front of the page: a dialog, a menu, or the list of a choice. */
const IN_FRONT = "[role=dialog][aria-modal=true], [aria-haspopup=menu][aria-expanded=true], [aria-haspopup=listbox][aria-expanded=true]";

/** Whether something was in front when the key went down: the Escape that closes it must not leave the page as well. */
let behind = false;

function notice(): void {
  behind = document.querySelector(IN_FRONT) !== null;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const first = pending;
  clearTimeout(timer);
  pending = "";
  // Behind a dialog or a menu the page rests: a key that comes before that has the focus must not reach it either.
  const typing = behind || isTyping(event.target) || document.querySelector(IN_FRONT) !== null;
  const single = useSettings.getState().singleKeys;
  const lists = registry.getState().lists;
  let waits = false;
  for (const { commands } of [...lists].reverse()) {
    for (const command of commands) {
      if (typing && !command.whileTyping) continue;
      if (command.within && !command.within()) continue;
      for (const text of command.keys ?? []) {
        const keys = parseKeys(text);
        const plain = keys.every((key) => !key.ctrl && !key.alt && key.key.length === 1);
        if (plain && !single && !command.within) continue;
        const [begin, then] = keys;
        if (then) {
          if (first === begin?.key && matches(then, event)) return fire(command, event);
          if (begin && matches(begin, event)) waits = true;
        } else if (!first && begin && matches(begin, event)) return fire(command, event);
      }
    }
  }
  if (waits) {
    pending = event.key.toLowerCase();
    timer = setTimeout(() => (pending = ""), 1000);
  }
}

function fire(command: Command, event: KeyboardEvent): void {
  if (command.enabled && !command.enabled()) return;
  event.preventDefault();
  command.run();
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}
