/** Every step of a master: since when it counts, who prepared and who signed it, why; opened, its rows before and after. */
import { useState } from "react";
import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { plain } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Digest } from "@/ui/Digest";
import { Mark } from "@/ui/Mark";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { stepQuery, type MasterPage, type MasterRow, type Signers, type StepPage } from "@/features/masters/api";
import { saidOf } from "@/features/masters/Pending";
import { keyOf, validity } from "@/features/masters/row";
import classes from "@/features/masters/Masters.module.css";

export function Steps({ master, steps }: { master: MasterPage; steps: readonly Signers[] }) {
  const [open, setOpen] = useState<Signers | null>(null);
  return (
    <>
      <DataTable
        caption="Signed steps, newest first" columns={STEPS} rows={steps} rowKey={(row) => row.digest} onOpen={setOpen} fixed
        empty={<EmptyState title="No step is signed" why="Every change of the master stands here with its signatures." />}
      />
      {open ? <StepRows master={master} step={open} onClose={() => { setOpen(null); }} /> : null}
    </>
  );
}

const STEPS: readonly Column<Signers>[] = [
  { id: "sequence", header: "Step", width: "70px", cell: (row) => row.sequence },
  { id: "what", header: "What", lead: true, cell: (row) => <span className={classes.two}><span>{plain(saidOf(row))}</span>{row.reason ? <span className={classes.sub}>{row.reason}</span> : null}</span> },
  { id: "prepared", header: "Prepared by", minor: true, cell: (row) => row.person || <span className="muted">elsewhere</span> },
  { id: "signed", header: "Signed by", cell: (row) => row.signed.join(", ") || <span className="muted">nobody</span> },
  { id: "since", header: "In force since", minor: true, cell: (row) => (row.since === null ? <span className="muted">–</span> : <Time at={row.since} form="full" />) },
  { id: "force", header: "State", width: "130px", plain: true, cell: (row) => (row.in_force ? <Mark tone="ok">In force</Mark> : <Mark tone="waiting">{`${String(row.signed.length)} of ${String(row.needed)}`}</Mark>) },
  { id: "digest", header: "Digest", minor: true, cell: (row) => <Digest value={row.digest} /> },
];

type Changed = StepPage["rows"][number];
const DID = { adds: "Added", changes: "Changed", retires: "Ended" } as const;

function StepRows({ master, step, onClose }: { master: MasterPage; step: Signers; onClose: () => void }) {
  const query = useQuery(stepQuery(master.id, step.sequence, step.digest));
  const columns: readonly Column<Changed>[] = [
    { id: "act", header: "Row", width: "90px", cell: (row) => DID[row.act] },
    { id: "key", header: keyOf(master), lead: true, cell: (row) => <code>{row.key.join(" · ")}</code> },
    { id: "before", header: "Before", cell: (row) => told(row.before, row.after, master) || <span className="muted">no row</span> },
    { id: "after", header: "After", cell: (row) => told(row.after, row.before, master) || <span className="muted">no row</span> },
    { id: "person", header: "Prepared by", minor: true, cell: (row) => row.person || <span className="muted">elsewhere</span> },
  ];
  return (
    <Modal opened onClose={onClose} size="xl" title={`Step ${String(step.sequence)} of ${master.title}`}>
      <div className="stack">
        <p>
          {step.reason ? `${step.reason}. ` : ""}
          {step.person ? `Prepared by ${step.person}. ` : ""}
          {step.signed.length > 0 ? `Signed by ${step.signed.join(" and ")}. ` : "Signed by nobody yet. "}
          {step.since === null ? null : <>In force since <Time at={step.since} form="full" />.</>}
        </p>
        <Loaded query={query} what="The rows of the step">
          {({ rows, more }) => (
            <>
              <DataTable caption="Rows of this step, before and after" columns={columns} rows={rows} rowKey={(row) => `${row.act} ${row.key.join("\u001f")} ${row.after?.valid_from ?? ""}`} fixed />
              {more > 0 ? <p className="muted">{String(more)} more rows are not shown here: lockgate master show --step has them all.</p> : null}
            </>
          )}
        </Loaded>
      </div>
    </Modal>
  );
}

/** What differs from the other side; all of it where there is no other side. */
function told(row: MasterRow | null, other: MasterRow | null, master: MasterPage): string {
  if (!row) return "";
  const [own, theirs] = [partsOf(row, master), other ? partsOf(other, master) : []];
  const differs = own.filter((part) => !theirs.includes(part));
  return (other ? differs : own).join(", ") || "the same otherwise";
}

function partsOf(row: MasterRow, master: MasterPage): string[] {
  return [
    ...master.columns.map((column) => `${column.title} ${row.values[column.name] ?? "–"}`), validity(row.valid_from, row.valid_to), ...(row.status === "retired" ? ["retired"] : []), ...(row.unit ? [`the code denotes ${row.unit}`] : []),
    ...row.units.map((each) => `1 ${each.unit} = ${each.factor} ${row.base_unit ?? ""}${each.valid_from || each.valid_to ? ` (${validity(each.valid_from, each.valid_to)})` : ""}`), ...(row.superseded_by ? [`followed by ${row.superseded_by.join(" · ")}`] : []),
  ];
}
