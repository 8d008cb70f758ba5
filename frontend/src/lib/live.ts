/** Hints from the server: something changed, look again. Every page is right without them, only later. */
import { useEffect } from "react";
import { create } from "zustand";
import type { Socket } from "socket.io-client";
import { tabWord } from "@/lib/api/tab";

interface Live {
  state: "off" | "on" | "lost";
  since: number | null;
}

export const useLive = create<Live>(() => ({ state: "off", since: null }));

/** `draft:7`, `flow:supply-consumption`; `inbox` is one's own. */
export type Room = `draft:${string}` | `flow:${string}` | "inbox";

let socket: Socket | null = null;
let opening: Promise<Socket> | null = null;
const rooms = new Map<Room, number>();

async function open(): Promise<Socket> {
  const [{ io }, tab] = await Promise.all([import("socket.io-client"), tabWord()]);
  const fresh = io({ transports: ["websocket", "polling"], reconnectionDelayMax: 5_000, auth: { tab } });
  fresh.on("connect", () => {
    useLive.setState({ state: "on", since: Date.now() });
    for (const room of rooms.keys()) tell(fresh, "follow", room);
  });
  fresh.on("disconnect", (reason) => {
    if (reason !== "io client disconnect") useLive.setState({ state: "lost", since: Date.now() });
  });
  fresh.on("connect_error", () => {
    useLive.setState(({ state, since }) => (state === "on" ? { state: "lost", since: Date.now() } : { state, since }));
  });
  socket = fresh;
  return fresh;
}

function opened(): Promise<Socket> {
  opening ??= open();
  return opening;
}

function tell(live: Socket, verb: "follow" | "leave", room: Room): void {
  const [kind, id] = room.split(":");
  if (id !== undefined) live.emit(`${verb}-${kind ?? ""}`, { id });
  else if (verb === "follow") live.emit("follow-inbox", {});
}

export function closeLive(): void {
  socket?.close();
  socket = null;
  opening = null;
  rooms.clear();
  useLive.setState({ state: "off", since: null });
}

/** Says something to the server, such as asking for the pen. */
export async function say(event: string, body: Record<string, unknown>): Promise<void> {
  (await opened()).emit(event, body);
}

/**
 * Calls `on[event]` while the component is mounted and in the room. `on` must be the same object every time.
 * The events are `draft`, `pen-asked`, `presence`, `flow`, `inbox`; those of other rooms are heard too.
 */
export function useRoom(room: Room | null, on: Record<string, (hint: never) => void>): void {
  useEffect(() => {
    if (!room) return;
    let gone = false;
    let leave = (): void => {};
    void opened().then((live) => {
      if (gone) return;
      rooms.set(room, (rooms.get(room) ?? 0) + 1);
      const entries = Object.entries(on) as [string, (hint: unknown) => void][];
      for (const [event, act] of entries) live.on(event, act);
      if (rooms.get(room) === 1 && live.connected) tell(live, "follow", room);
      leave = () => {
        for (const [event, act] of entries) live.off(event, act);
        const left = (rooms.get(room) ?? 1) - 1;
        if (left > 0) rooms.set(room, left);
        else {
          rooms.delete(room);
          tell(live, "leave", room);
        }
      };
    });
    return () => {
      gone = true;
      leave();
    };
  }, [room, on]);
}
