/** What a person chose for this browser: theme, row height, single-key shortcuts, collapsed navigation. */
import { create } from "zustand";

export interface Settings {
  theme: "light" | "dark" | "system";
  rows: "compact" | "comfortable";
  singleKeys: boolean;
  nav: "open" | "small";
}

const KEY = "lockgate.settings";
const DEFAULTS: Settings = { theme: "system", rows: "compact", singleKeys: true, nav: "open" };

function stored(): Settings {
  try {
    const given = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>;
    return { ...DEFAULTS, ...given };
  } catch {
    return DEFAULTS;
  }
}

export const useSettings = create<Settings>(stored);

export function change(part: Partial<Settings>): void {
  useSettings.setState(part);
  localStorage.setItem(KEY, JSON.stringify(useSettings.getState()));
}

/** The theme in force, the system's where none was chosen. */
export function themeOf(settings: Settings): "light" | "dark" {
  if (settings.theme !== "system") return settings.theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
