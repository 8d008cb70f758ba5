/** Hints from the server: something changed, look again. Every page is right without them, only later. */
import { useEffect } from "react";
import { create } from "zustand";
import type { Socket } from "socket.io-client";

interface Live {
  state: "off" | "on" | "lost";
  since: number | null;
}

export const useLive = create<Live>(() => ({ state: "off", since: null }));

let socket: Socket | null = null;
let opening: Promise<Socket> | null = null;
const rooms = new Map<string, number>();

async function open(): Promise<Socket> {
  const { io } = await import("socket.io-client");
  const fresh = io({ transports: ["websocket", "polling"], reconnectionDelayMax: 5_000 });
  fresh.on("connect", () => {
    useLive.setState({ state: "on", since: Date.now() });
    for (const room of rooms.keys()) fresh.emit("join", { room });
  });
  fresh.on("disconnect", () => {
    useLive.setState({ state: "lost", since: Date.now() });
  });
  fresh.on("connect_error", () => {
    useLive.setState(({ state }) => (state === "on" ? { state: "lost", since: Date.now() } : { state }));
  });
  socket = fresh;
  return fresh;
}

function opened(): Promise<Socket> {
  opening ??= open();
  return opening;
}

export function closeLive(): void {
  socket?.close();
  socket = null;
  opening = null;
  rooms.clear();
  useLive.setState({ state: "off", since: null });
}

/** Calls `on[event]` while the component is mounted and in `room` (`draft:7`, `flow:supply`, `inbox:ana`). */
export function useRoom(room: string | null, on: Record<string, (data: never) => void>): void {
  useEffect(() => {
    if (!room) return;
    let gone = false;
    let leave = () => {};
    void opened().then((live) => {
      if (gone) return;
      rooms.set(room, (rooms.get(room) ?? 0) + 1);
      if (rooms.get(room) === 1 && live.connected) live.emit("join", { room });
      const entries = Object.entries(on) as [string, (data: unknown) => void][];
      for (const [event, act] of entries) live.on(event, act);
      leave = () => {
        for (const [event, act] of entries) live.off(event, act);
        const left = (rooms.get(room) ?? 1) - 1;
        if (left > 0) rooms.set(room, left);
        else {
          rooms.delete(room);
          live.emit("leave", { room });
        }
      };
    });
    return () => {
      gone = true;
      leave();
    };
  }, [room, on]);
}
