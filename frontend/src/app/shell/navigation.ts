/** The places of the product, once: navigation, palette and `g` shortcuts read this list. */
import { useMemo } from "react";
import { useNavigate } from "@tanstack/react-router";
import { Activity, BookOpen, ClipboardCheck, Database, Home, LifeBuoy, MailSearch, ScrollText, Workflow, type LucideIcon } from "lucide-react";
import { useCommands, type Command } from "@/lib/commands";
import { change, smallNav, useSettings } from "@/lib/settings";

export interface Place {
  to: "/" | "/flows" | "/reviews" | "/exceptions" | "/messages" | "/masters" | "/monitor" | "/audit" | "/help";
  title: string;
  keys: string;
  icon: LucideIcon;
  group: "build" | "run" | "look";
}

export const PLACES: readonly Place[] = [
  { to: "/", title: "Home", keys: "g h", icon: Home, group: "build" },
  { to: "/flows", title: "Flows", keys: "g f", icon: Workflow, group: "build" },
  { to: "/reviews", title: "Reviews", keys: "g a", icon: ClipboardCheck, group: "build" },
  { to: "/monitor", title: "Monitor", keys: "g o", icon: Activity, group: "run" },
  { to: "/exceptions", title: "Exceptions", keys: "g x", icon: LifeBuoy, group: "run" },
  { to: "/messages", title: "Messages", keys: "g m", icon: MailSearch, group: "run" },
  { to: "/masters", title: "Masters", keys: "g d", icon: Database, group: "run" },
  { to: "/audit", title: "Audit", keys: "g l", icon: ScrollText, group: "look" },
  { to: "/help", title: "Help", keys: "g p", icon: BookOpen, group: "look" },
];

export function useNavigationCommands(): void {
  const navigate = useNavigate();
  const commands = useMemo<Command[]>(
    () => [
      ...PLACES.map(({ to, title, keys }) => ({ id: `go.${to}`, title: `Go to ${title.toLowerCase()}`, group: "Go to", keys: [keys], run: () => void navigate({ to }) })),
      { id: "theme.light", title: "Light theme", group: "Settings", run: () => { change({ theme: "light" }); } },
      { id: "theme.dark", title: "Dark theme", group: "Settings", run: () => { change({ theme: "dark" }); } },
      { id: "theme.system", title: "Theme of the system", group: "Settings", run: () => { change({ theme: "system" }); } },
      {
        id: "rows", title: "Compact or comfortable rows", group: "Settings",
        run: () => { change({ rows: useSettings.getState().rows === "compact" ? "comfortable" : "compact" }); },
      },
      {
        id: "nav", title: "Collapse or open the navigation", group: "Settings", keys: ["["],
        run: () => { change({ nav: smallNav(useSettings.getState()) ? "open" : "small" }); },
      },
      {
        id: "single-keys", title: "Single-key shortcuts on or off", group: "Settings",
        run: () => { change({ singleKeys: !useSettings.getState().singleKeys }); },
      },
    ],
    [navigate],
  );
  useCommands(commands);
}
