/** A record before and after a step: what is new, gone or changed stands first; what is sensitive stays masked. */
import { useMemo, useState } from "react";
import { Switch } from "@mantine/core";
import type { SampleRow, SampleSide } from "@/lib/api/types";
import { Masked } from "@/ui/Masked";
import { Protections, SensitivityTag } from "@/ui/Sensitivity";
import classes from "@/ui/RecordDiff.module.css";

interface RecordDiffProps {
  before: SampleSide;
  after: SampleSide;
  /** Paths that are new, gone, or hold another value. */
  changed: readonly string[];
  /** Asks for one masked value; without it nothing can be revealed. */
  onReveal?: (side: "before" | "after", path: string, reason: string) => Promise<string>;
}

interface Line {
  path: string;
  before: SampleRow | null;
  after: SampleRow | null;
  changed: boolean;
}

const MARKS = { new: "+", gone: "−", other: "~", same: "" } as const;
const WORDS = { new: "new", gone: "gone", other: "changed", same: "unchanged" } as const;

export function RecordDiff({ before, after, changed, onReveal }: RecordDiffProps) {
  const lines = useMemo(() => linesOf(before, after, changed), [before, after, changed]);
  const differs = lines.filter((line) => line.changed);
  const [all, setAll] = useState(false);
  const shown = all ? lines : differs;
  const more = before.more + after.more;
  return (
    <div className={classes.diff}>
      <div className={classes.head}>
        <span>
          {differs.length === 0 ? "Nothing changed here" : `${String(differs.length)} of ${String(lines.length)} fields changed`}
          {more > 0 ? `, ${String(more)} more are not shown` : ""}
        </span>
        <Switch label="All fields" checked={all} onChange={(event) => { setAll(event.currentTarget.checked); }} />
      </div>
      {shown.length > 0 ? (
        <table className={classes.table} data-rows={shown.length}>
          <caption className="quiet">Fields before and after</caption>
          <thead>
            <tr>
              <th scope="col" aria-label="Change" />
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
              <th scope="col">Class</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => {
              const kind = kindOf(line);
              const row = line.after ?? line.before;
              return (
                <tr key={line.path} data-kind={kind}>
                  <td className={classes.mark} title={WORDS[kind]}>
                    <span aria-label={WORDS[kind]}>{MARKS[kind]}</span>
                  </td>
                  <td>
                    <code>{line.path}</code> <span className="muted">{row?.name}</span>
                  </td>
                  <td>{line.before ? <Masked value={line.before.value} field={line.path} {...(onReveal ? { onReveal: (reason: string) => onReveal("before", line.path, reason) } : {})} /> : null}</td>
                  <td>{line.after ? <Masked value={line.after.value} field={line.path} {...(onReveal ? { onReveal: (reason: string) => onReveal("after", line.path, reason) } : {})} /> : null}</td>
                  <td>
                    {row ? <SensitivityTag level={row.sensitivity} /> : null}
                    {row ? <Protections held={row.protections} /> : null}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      ) : null}
    </div>
  );
}

function kindOf({ before, after, changed }: Line): keyof typeof MARKS {
  if (!changed) return "same";
  return before === null ? "new" : after === null ? "gone" : "other";
}

function linesOf(before: SampleSide, after: SampleSide, changed: readonly string[]): Line[] {
  const lines = new Map<string, Line>();
  for (const row of before.rows) lines.set(row.path, { path: row.path, before: row, after: null, changed: false });
  for (const row of after.rows) lines.set(row.path, { ...(lines.get(row.path) ?? { path: row.path, before: null, changed: false }), after: row });
  for (const path of changed) {
    const line = lines.get(path);
    if (line) line.changed = true;
  }
  return [...lines.values()];
}
