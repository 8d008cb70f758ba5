/** Moves the focus where an edit or a key wants it, and brings it into view. */
import { useEffect, useRef } from "react";
import type { ReactFlowInstance } from "@xyflow/react";
import type { Target } from "@/flow/command";
import { endOf, type Point } from "@/flow/document";
import { cardHeight, CARD_WIDTH, type Ports } from "@/flow/geometry";
import { useEditorState } from "@/features/editor/context";
import { useView } from "@/features/editor/view";
import type { CanvasNode, WireEdge } from "./model";
import { ROOM } from "./room";

export function useWishes(frame: React.RefObject<HTMLDivElement | null>, react: ReactFlowInstance<CanvasNode, WireEdge>, places: ReadonlyMap<string, Point>, sizeOf: (id: string) => Ports): void {
  const wish = useEditorState((state) => state.wish);
  const done = useRef(0);
  useEffect(() => {
    if (!wish || wish.number === done.current) return;
    const { target, number } = wish;
    let timer = 0;
    // Cards that an edit has just made are drawn in the next frame; of a very long flow only those in view are drawn.
    const attempt = (tries: number) => {
      timer = requestAnimationFrame(() => {
        const element = elementOf(frame.current, target);
        if (!element && tries === TRIES) bring(frame.current, react, target, places, sizeOf);
        if (!element && tries > 0) attempt(tries - 1);
        if (!element) return;
        done.current = number;
        if (!elsewhere(frame.current)) element.focus({ preventScroll: true });
        bring(frame.current, react, target, places, sizeOf);
      });
    };
    attempt(TRIES);
    return () => {
      cancelAnimationFrame(timer);
    };
  }, [wish, frame, react, places, sizeOf]);
}

/** What a fix on trial makes or changes comes into view; the focus stays where the fix was chosen. */
export function useTrialInView(frame: React.RefObject<HTMLDivElement | null>, react: ReactFlowInstance<CanvasNode, WireEdge>, places: ReadonlyMap<string, Point>, sizeOf: (id: string) => Ports): void {
  const trial = useView((view) => view.trial);
  const done = useRef<unknown>(null);
  useEffect(() => {
    const step = trial ? [...trial.changed].find((id) => places.has(id)) : undefined;
    if (step === undefined || done.current === trial) return;
    const timer = requestAnimationFrame(() => {
      done.current = trial;
      bring(frame.current, react, { kind: "step", id: step }, places, sizeOf, barBelow(frame.current));
    });
    return () => {
      cancelAnimationFrame(timer);
    };
  }, [trial, frame, react, places, sizeOf]);
}

/** So much of the lower edge the words of the trial take. */
function barBelow(frame: HTMLElement | null): number {
  const bar = document.querySelector("[data-trial]")?.getBoundingClientRect();
  return frame && bar ? frame.getBoundingClientRect().bottom - bar.top + MARGIN : MARGIN;
}

/** Frames until a card that came into view is drawn. */
const TRIES = 20;

export function elementOf(frame: HTMLElement | null, target: Target): HTMLElement | null {
  const id = CSS.escape(target.id);
  return frame?.querySelector<HTMLElement>(target.kind === "wire" ? `[data-wire="${id}"]` : `.react-flow__node[data-id="${id}"]`) ?? null;
}

/** Whoever writes in a field keeps the focus there. */
function elsewhere(frame: HTMLElement | null): boolean {
  const here = document.activeElement;
  if (!here || here === document.body || frame?.contains(here)) return false;
  return here instanceof HTMLInputElement || here instanceof HTMLTextAreaElement || here.closest("[data-inspector]") !== null;
}

const MARGIN = 24;

function bring(frame: HTMLElement | null, react: ReactFlowInstance<CanvasNode, WireEdge>, target: Target, places: ReadonlyMap<string, Point>, sizeOf: (id: string) => Ports, bottomMargin = MARGIN): void {
  if (!frame) return;
  const { x, y, zoom } = react.getViewport();
  const box = target.kind === "wire" ? (wireBox(frame, target.id, { x, y, zoom }) ?? cardBox(places.get(endOf(target.id.split(">")[1] ?? "").step), 0)) : cardBox(places.get(target.id), target.kind === "step" ? cardHeight(sizeOf(target.id)) : 96);
  if (!box) return;
  const [left, top] = [box.x * zoom + x, box.y * zoom + y];
  const [right, bottom] = [left + box.width * zoom, top + box.height * zoom];
  const dx = left < ROOM.left ? ROOM.left - left : right > frame.clientWidth - MARGIN ? frame.clientWidth - MARGIN - right : 0;
  const lowest = Math.max(frame.clientHeight - bottomMargin, ROOM.top + box.height * zoom);
  const dy = top < ROOM.top ? ROOM.top - top : bottom > lowest ? lowest - bottom : 0;
  if (dx !== 0 || dy !== 0) void react.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: still() ? 0 : 120 });
}

function cardBox(at: Point | undefined, height: number) {
  return at ? { x: at[0], y: at[1], width: CARD_WIDTH, height } : null;
}

function wireBox(frame: HTMLElement, key: string, view: { x: number; y: number; zoom: number }) {
  const chip = elementOf(frame, { kind: "wire", id: key })?.getBoundingClientRect();
  if (!chip) return null;
  const base = frame.getBoundingClientRect();
  return { x: (chip.left - base.left - view.x) / view.zoom, y: (chip.top - base.top - view.y) / view.zoom, width: chip.width / view.zoom, height: chip.height / view.zoom };
}

export function still(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
