/** What a person chose for this browser: theme, row height, single-key shortcuts, collapsed navigation. */
import { useSyncExternalStore } from "react";
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

/** The theme of these settings, the system's where none was chosen. */
function themeOf(settings: Settings): "light" | "dark" {
  if (settings.theme !== "system") return settings.theme;
  return systemDark() ? "dark" : "light";
}

/** The theme in force, also when the system changes it while the page is open. */
export function useTheme(): "light" | "dark" {
  useSyncExternalStore(systemChanges, systemDark);
  return themeOf(useSettings());
}

const SYSTEM = "(prefers-color-scheme: dark)";

function systemChanges(told: () => void): () => void {
  const asked = matchMedia(SYSTEM);
  asked.addEventListener("change", told);
  return () => {
    asked.removeEventListener("change", told);
  };
}

function systemDark(): boolean {
  return matchMedia(SYSTEM).matches;
}

export const TIGHT = "(max-width: 1180px)";

/** Whether the navigation is icons alone. */
export function smallNav(settings: Settings, tight = matchMedia(TIGHT).matches): boolean {
  return settings.nav === "fitting" ? tight : settings.nav === "small";
}
