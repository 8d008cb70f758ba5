/** Where one is, under which trust, and who one is. */
import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Moon, Search, Sun } from "lucide-react";
import { AccountMenu } from "@/app/shell/AccountMenu";
import { openPalette } from "@/app/shell/CommandPalette";
import { useLive } from "@/lib/live";
import { useMe } from "@/lib/session";
import { change, useTheme } from "@/lib/settings";
import { timeOfDay } from "@/lib/words";
import { Keys } from "@/ui/Keys";
import { Chip, Mark } from "@/ui/Mark";
import { useConnected } from "@/ui/States";
import classes from "@/app/shell/TopBar.module.css";

export function TopBar() {
  const me = useMe();
  return (
    <header className={classes.bar}>
      <Link to="/" className={classes.brand} aria-label="Lockgate, home">
        <Gate />
        <span className={classes.name}>Lockgate</span>
      </Link>
      <Chip solid={me.label === "live"} tone={me.demo ? "warn" : "plain"}>
        {me.environment}
      </Chip>
      <span className={classes.trust}>{me.demo ? "Demo trust, synthetic data" : `${me.label} data`}</span>
      <div className={classes.space} />
      <LiveMark />
      <button type="button" className={classes.search} onClick={openPalette}>
        <Search size={14} aria-hidden="true" />
        <span className={classes.hint}>Search or do</span>
        <span className={classes.caps}>
          <Keys keys="Ctrl+K" />
        </span>
      </button>
      <ThemeSwitch />
      <Menu>
        <AccountMenu me={me} />
      </Menu>
    </header>
  );
}

function LiveMark() {
  const { state, since } = useLive();
  const connected = useConnected();
  if (!connected) return <Mark tone="paused">Offline: edits are kept in this browser</Mark>;
  if (state !== "lost") return null;
  return <Mark tone="paused">Live paused, reconnecting. Data as of {timeOfDay(new Date(since ?? Date.now()))}</Mark>;
}

function ThemeSwitch() {
  const dark = useTheme() === "dark";
  const label = dark ? "Light theme" : "Dark theme";
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={() => { change({ theme: dark ? "light" : "dark" }); }}>
        {dark ? <Sun size={16} /> : <Moon size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}

function Gate() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true" className={classes.gate}>
      <rect width="32" height="32" rx="7" />
      <path d="M5 16h6M21 16h6M12 7v18M20 7v18" />
      <circle cx="16" cy="16" r="2.4" />
    </svg>
  );
}
