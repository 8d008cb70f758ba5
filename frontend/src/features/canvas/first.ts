/** What is seen first: all of a flow where it can be read so, else its beginning. Known before the first card is drawn. */
import { useCallback, useLayoutEffect, useRef, useState } from "react";
import type { Viewport } from "@xyflow/react";
import type { Point } from "@/flow/document";
import { CARD_WIDTH } from "@/flow/geometry";
import { ROOM } from "./room";

export interface First {
  view: Viewport;
  /** All of it is seen. */
  whole: boolean;
}

/** Null until the frame has its size: cards drawn before would be laid out twice. And what marks the zoom on the frame. */
export function useFirst(frame: React.RefObject<HTMLDivElement | null>, places: ReadonlyMap<string, Point>): [First | null, (view: Viewport) => void] {
  const [first, setFirst] = useState<First | null>(null);
  const marks = useZoomMarks(frame);
  useLayoutEffect(() => {
    if (first || !frame.current) return;
    const seen = firstView(frame.current, [...places.values()]);
    marks(seen.view);
    setFirst(seen);
  }, [first, frame, places, marks]);
  return [first, marks];
}

function firstView(frame: HTMLElement, places: readonly Point[]): First {
  if (places.length === 0) return { view: { x: 0, y: 0, zoom: 1 }, whole: true };
  const [left, top] = [Math.min(...places.map(([x]) => x)), Math.min(...places.map(([, y]) => y))];
  const [width, height] = [Math.max(...places.map(([x]) => x)) + CARD_WIDTH - left, Math.max(...places.map(([, y]) => y)) + 100 - top];
  const [roomX, roomY] = [frame.clientWidth - ROOM.left - ROOM.right, frame.clientHeight - ROOM.top - ROOM.bottom];
  const fits = Math.min(roomX / width, roomY / height, 1);
  const zoom = Math.max(fits, READABLE);
  const x = ROOM.left + Math.max(0, (roomX - width * zoom) / 2);
  const y = ROOM.top + Math.max(0, (roomY - height * zoom) / 2);
  return { view: { x: x - left * zoom, y: y - top * zoom, zoom }, whole: fits >= READABLE };
}
const READABLE = 0.56;

/** The zoom as marks on the frame: styles answer it, nothing renders again. */
function useZoomMarks(frame: React.RefObject<HTMLDivElement | null>): (view: Viewport) => void {
  const last = useRef(0);
  return useCallback(
    ({ zoom }) => {
      if (Math.abs(zoom - last.current) < 0.01 || !frame.current) return;
      last.current = zoom;
      frame.current.dataset["zoom"] = zoom < 0.5 ? "far" : zoom < 0.8 ? "mid" : "near";
      frame.current.style.setProperty("--zoom", String(zoom));
      frame.current.style.setProperty("--chip", String(Math.min(1.45, Math.max(1, 0.96 / zoom))));
    },
    [frame],
  );
}
