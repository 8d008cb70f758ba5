/** How harmful a field is: a stroke of the scale's colour, width and dash, and the text. Never colour alone. */
import { ShieldCheck } from "lucide-react";
import { sensitivityWord } from "@/lib/words";
import classes from "@/ui/Sensitivity.module.css";

export const WIDTHS = [1.5, 2, 2.5, 3.5, 4.5] as const;
export const DASHES = ["none", "none", "7 3", "none", "2 3"] as const;

export function sensitivityColour(level: number): string {
  return `var(--s${String(Math.max(0, Math.min(4, level)))}-colour)`;
}

interface TagProps {
  level: number;
  /** Adds the class in words. */
  words?: boolean;
  /** A number beside it, for example how many fields. */
  fields?: number;
}

export function SensitivityTag({ level, words = false, fields }: TagProps) {
  return (
    <span className={classes.tag} title={sensitivityWord(level)}>
      <SensitivityStroke level={level} length={12} />
      <span>{words ? sensitivityWord(level) : level < 0 ? "none" : `S${String(level)}`}</span>
      {fields === undefined ? null : <span className={classes.fields}>· {fields}</span>}
    </span>
  );
}

/** What leaves: the gravest of what nothing protects, and the gravest that leaves only under a protection. */
export function LeavesTag({ bare, held }: { bare: number; held: number }) {
  if (bare < 0 && held < 0) return <span className="muted">nothing</span>;
  return (
    <span className={classes.leaves}>
      {bare < 0 ? null : <SensitivityTag level={bare} />}
      {held > bare ? (
        <span className={classes.held} title={`${sensitivityWord(held)}, only under a protection`}>
          <ShieldCheck size={12} aria-hidden="true" />S{held}<span className="quiet"> protected</span>
        </span>
      ) : null}
    </span>
  );
}

/** How a value is protected, beside its class: an S4 that is a pseudonym is still told from one that is not. */
export function Protections({ held }: { held: readonly string[] }) {
  if (held.length === 0) return null;
  return (
    <span className={classes.held} title={held.map((each) => `${each}: ${PROTECTIONS[each] ?? each}`).join("; ")}>
      <ShieldCheck size={11} aria-hidden="true" /> {held.join(", ")}
    </span>
  );
}

/** What was done to a value, for whoever answers for what leaves. */
const PROTECTIONS: Readonly<Record<string, string>> = {
  pseudonymised: "replaced by a pseudonym that only the holder of the key can make again",
  redacted: "taken out",
  generalised: "made coarser",
  shifted: "moved in time by a secret number of days",
  mapped: "it chose the value that is sent, from a table or a master, and is not sent itself",
};

/** The protections that stand above, in words. */
export function ProtectionLegend({ held }: { held: readonly string[] }) {
  const found = Object.keys(PROTECTIONS).filter((each) => held.includes(each));
  if (found.length === 0) return null;
  return <p className="muted">{found.map((each) => `${each}: ${PROTECTIONS[each] ?? ""}`).join("; ")}.</p>;
}

/** A piece of wire, as the canvas draws it. */
export function SensitivityStroke({ level, length = 34 }: { level: number; length?: number }) {
  return (
    <svg width={length} height={8} aria-hidden="true" className={classes.stroke}>
      <line x1={0} x2={length} y1={4} y2={4} stroke={sensitivityColour(level)} strokeWidth={WIDTHS[level] ?? 1.5} strokeDasharray={DASHES[level] ?? "none"} />
    </svg>
  );
}

/** What the strokes mean. */
export function SensitivityLegend() {
  return (
    <ul className={classes.legend} aria-label="Sensitivity scale">
      {[0, 1, 2, 3, 4].map((level) => (
        <li key={level}>
          <SensitivityStroke level={level} />
          {sensitivityWord(level)}
        </li>
      ))}
    </ul>
  );
}
