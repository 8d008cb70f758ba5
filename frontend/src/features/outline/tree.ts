/** Focus and keys of the outline's tree. */
import { useCallback, useEffect, useRef } from "react";
import { endOf } from "@/flow/document";
import { useDesk, useEditorState } from "@/features/editor/context";

const ITEM = "[data-step],[data-wire-item]";

/** Up and down through all lines, right into the wires of a step, left back to it, Home and End. */
export function useTreeKeys(frame: React.RefObject<HTMLDivElement | null>) {
  const { editor } = useDesk();
  return useCallback(
    (event: React.KeyboardEvent) => {
      const here = (event.target as HTMLElement).closest<HTMLElement>(ITEM);
      if (!here || event.target !== here || event.ctrlKey || event.metaKey || event.altKey) return;
      const items = [...(frame.current?.querySelectorAll<HTMLElement>(ITEM) ?? [])];
      const at = items.indexOf(here);
      const goals: Record<string, HTMLElement | null | undefined> = {
        ArrowDown: items[at + 1], ArrowUp: items[at - 1], Home: items[0], End: items.at(-1),
        ArrowRight: here.parentElement?.querySelector<HTMLElement>("[data-wire-item]") ?? wireGoal(here, items),
        ArrowLeft: here.dataset["wireItem"] ? here.parentElement?.parentElement?.querySelector<HTMLElement>("[data-step]") : null,
      };
      if (event.key === " ") {
        const { step, wireItem } = here.dataset;
        if (step) editor.select(toggled(editor.getState().selected, step), { kind: "step", id: step });
        else if (wireItem) editor.selectWire(wireItem);
      } else if (event.key in goals) {
        const goal = goals[event.key];
        // Whoever walks on leaves the others behind: keys act on what has the focus.
        if (goal?.dataset["step"]) editor.select([goal.dataset["step"]], { kind: "step", id: goal.dataset["step"] });
        goal?.focus();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
    [editor, frame],
  );
}

/** With one more, or one less. */
export function toggled(selected: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** From a wire on to the step that it leads to. */
function wireGoal(here: HTMLElement, items: readonly HTMLElement[]): HTMLElement | undefined {
  const to = here.dataset["wireItem"]?.split(">")[1];
  return to ? items.find((item) => item.dataset["step"] === endOf(to).step) : undefined;
}

/** Moves the focus where an edit wants it. */
export function useOutlineFocus(frame: React.RefObject<HTMLDivElement | null>): void {
  const wish = useEditorState((state) => state.wish);
  const done = useRef(0);
  useEffect(() => {
    if (!wish || wish.number === done.current) return;
    done.current = wish.number;
    const { target } = wish;
    const id = CSS.escape(target.id);
    const timer = requestAnimationFrame(() => {
      const item = frame.current?.querySelector<HTMLElement>(target.kind === "wire" ? `[data-wire-item="${id}"]` : `[data-step="${id}"]`);
      const field = document.activeElement?.closest("[data-inspector]");
      if (!field) item?.focus({ preventScroll: true });
      item?.scrollIntoView({ block: "nearest" });
    });
    return () => {
      cancelAnimationFrame(timer);
    };
  }, [wish, frame]);
}
