/** What a person chose for this browser: theme, row height, single-key shortcuts, collapsed navigation. */
import { create } from "zustand";

export interface Settings {
  theme: "light" | "dark" | "system";
  rows: "compact" | "comfortable";
  singleKeys: boolean;
  /** As the window has room for, until a person chooses. */
  nav: "open" | "small" | "fitting";
}

const KEY = "lockgate.settings";
const DEFAULTS: Settings = { theme: "system", rows: "compact", singleKeys: true, nav: "fitting" };

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

export const TIGHT = "(max-width: 1180px)";

/** Whether the navigation is icons alone. */
export function smallNav(settings: Settings, tight = matchMedia(TIGHT).matches): boolean {
  return settings.nav === "fitting" ? tight : settings.nav === "small";
}
