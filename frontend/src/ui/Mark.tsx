/** A state: icon and word together, so that it is told without colour. */
import { AlertTriangle, CheckCircle2, CircleDashed, CircleDot, Clock3, Info, PauseCircle, PencilLine, XCircle, type LucideIcon } from "lucide-react";
import classes from "@/ui/Mark.module.css";

export type Tone = "ok" | "warn" | "bad" | "info" | "paused" | "draft" | "waiting" | "live" | "none";

const ICONS: Record<Tone, LucideIcon> = {
  ok: CheckCircle2, warn: AlertTriangle, bad: XCircle, info: Info, paused: PauseCircle, draft: PencilLine,
  waiting: Clock3, live: CircleDot, none: CircleDashed,
};

/** `wraps` for a sentence rather than a word or two. */
export function Mark({ tone, children, icon = true, wraps = false }: { tone: Tone; children: React.ReactNode; icon?: boolean; wraps?: boolean }) {
  const Icon = ICONS[tone];
  return (
    <span className={classes.mark} data-tone={tone} data-wraps={wraps || undefined}>
      {icon ? <Icon size={14} aria-hidden="true" /> : null}
      <span>{children}</span>
    </span>
  );
}

/** The same in a box, for headers and cards. */
export function Chip({ tone = "none", children, solid = false }: { tone?: Tone | "plain"; children: React.ReactNode; solid?: boolean }) {
  return (
    <span className={classes.chip} data-tone={tone} data-solid={solid || undefined}>
      {children}
    </span>
  );
}
