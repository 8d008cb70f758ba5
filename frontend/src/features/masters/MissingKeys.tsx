/** Keys that traffic brought and the master lacks; those that were added since wait for a replay alone. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { unmappedQuery, type MasterPage as Master, type Unmapped } from "@/features/masters/api";
import type { Begin } from "@/features/masters/ChangeForm";
import { keyOf } from "@/features/masters/row";
import classes from "@/features/masters/Masters.module.css";

interface MissingProps {
  master: Master;
  current: string | null;
  may: boolean;
  onAdd: (begin: Begin) => void;
}

export function Missing({ master, current, may, onAdd }: MissingProps) {
  const query = useQuery(unmappedQuery(master.id));
  const columns: readonly Column<Unmapped>[] = [
    { id: "key", header: keyOf(master), lead: true, cell: (row) => (row.key.length > 0 ? <code>{row.key.join(" · ")}{row.unit ? ` in ${row.unit}` : ""}</code> : <span className="muted">not shown here</span>) },
    { id: "cases", header: "Cases", align: "end", sort: (row) => row.cases, cell: (row) => row.cases },
    { id: "lines", header: "Held lines", align: "end", minor: true, sort: (row) => row.lines, cell: (row) => row.lines },
    { id: "last", header: "Last seen", minor: true, sort: (row) => -row.last, cell: (row) => <Time at={row.last} /> },
    { id: "near", header: "Near it", minor: true, cell: (row) => <span className={classes.near}>{row.suggestions.slice(0, 3).map((each) => <code key={each.key.join()} title={Object.values(each.values).join(", ")}>{each.key.join(" · ")} <span className="muted">{each.likeness}%</span></code>)}</span> },
    { id: "cause", header: "", width: "150px", cell: (row) => <Link to="/exceptions/$group" params={{ group: row.group }} tabIndex={-1} className={row.added === null ? classes.tight : undefined}>{row.added === null ? "Its cases" : `Added in step ${String(row.added)}, its lines ${row.lines > 0 ? "wait for a replay" : "are on their way"}`}</Link> },
    { id: "do", header: "", width: "110px", cell: (row) => (may && open(row) && !waits(row, master) ? <Button size="xs" tabIndex={-1} variant="default" onClick={() => { onAdd(beginOf(row)); }}>{row.row && row.unit ? "Add the unit" : "Add the row"}</Button> : waits(row, master) ? <span className="muted">{`Waits in step ${String(master.pending?.sequence ?? "")}`}</span> : null) },
  ];
  return (
    <Loaded query={query} what="The missing keys">
      {({ keys, hidden, sentence }) => (
        <div className="stack">
          <DataTable
            caption="Keys that traffic brought and the master lacks" columns={columns} rows={keys} rowKey={(row) => row.group} current={current}
            {...(may ? { onOpen: (row: Unmapped) => { if (open(row) && !waits(row, master)) onAdd(beginOf(row)); } } : {})}
            empty={<EmptyState title="Nothing is missing" why={sentence} />}
          />
          {hidden > 0 ? <p className="muted">The key of {count(hidden, "cause")} is not shown here: what stands there may be more than operational data.</p> : null}
        </div>
      )}
    </Loaded>
  );
}

/** A missing unit is a change of the row that is there; a missing key is a new row. */
function beginOf(missing: Unmapped): Begin {
  return missing.row && missing.unit ? { act: "change", row: missing.row, missing } : { act: "add", missing };
}

/** Whether a row of it would end the cause. */
function open(missing: Unmapped): boolean {
  return missing.key.length > 0 && missing.added === null;
}

/** Whether the step that waits has a row of this key. */
function waits(missing: Unmapped, { pending }: Master): boolean {
  return missing.key.length > 0 && missing.added === null && Boolean(pending?.rows.some((row) => row.key.join("\u001f") === missing.key.join("\u001f")));
}
