/** Reference data that clinics and ERP share: what is in force, what waits for stewards, what traffic lacks. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { INBOX, mastersQuery, type MasterPage } from "@/lib/api/work";
import { useRoom } from "@/lib/live";
import { useFlowNames } from "@/lib/names";
import { count, number } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Mark } from "@/ui/Mark";
import { Page } from "@/ui/Page";
import { EmptyState, Loaded } from "@/ui/States";
import classes from "@/features/masters/Masters.module.css";

export function MastersPage() {
  const navigate = useNavigate();
  const query = useQuery(mastersQuery);
  const columns = columnsOf(useFlowNames());
  useRoom("inbox", INBOX);
  const missing = query.data?.reduce((all, each) => all + each.unmapped, 0) ?? 0;
  return (
    <Page title="Masters" lead={query.data ? (missing > 0 ? `${count(missing, "key")} that traffic brought ${missing === 1 ? "is" : "are"} in no master.` : "Nothing that traffic brought is missing.") : "Reference data that clinics and ERP share."}>
      <Loaded query={query} what="The masters">
        {(masters) => (
          <DataTable
            caption="Masters" columns={columns} rows={[...masters].sort((one, other) => other.unmapped - one.unmapped)} rowKey={(row) => row.id}
            onOpen={(row) => void navigate({ to: "/masters/$master", params: { master: row.id }, search: {} })}
            rowKeys={{ u: (row) => void navigate({ to: "/masters/$master", params: { master: row.id }, search: { tab: "unmapped" } }) }}
            empty={<EmptyState title="No master here" why="A master is loaded from its contract and its rows on the command line, and signed by a steward." />}
          />
        )}
      </Loaded>
    </Page>
  );
}

const columnsOf = (flowName: (id: string) => string): readonly Column<MasterPage>[] => [
  { id: "title", header: "Master", width: "30%", lead: true, sort: (row) => row.title, cell: (row) => <span className={classes.two}><Link to="/masters/$master" params={{ master: row.id }} tabIndex={-1} className={classes.name}>{row.title}</Link>{row.sequence === 0 ? <span className={classes.sub}>{row.sentence}</span> : null}</span> },
  { id: "unmapped", header: "Missing keys", sort: (row) => row.unmapped, cell: (row) => (row.unmapped > 0 ? <Mark tone="warn">{row.unmapped}</Mark> : <Mark tone="ok">none</Mark>) },
  { id: "pending", header: "Change", sort: (row) => (row.pending ? 1 : 0), cell: (row) => (row.pending ? <Mark tone="waiting">{`${String(row.pending.signed.length)} of ${String(row.pending.needed)} signed`}</Mark> : <span className={`muted ${classes.tight ?? ""}`}>none waits</span>) },
  { id: "rows", header: "Rows", align: "end", sort: (row) => row.rows, cell: (row) => number(row.rows) },
  { id: "sequence", header: "In force", align: "end", minor: true, sort: (row) => row.sequence, cell: (row) => `step ${String(row.sequence)}` },
  { id: "taken", header: "Runtime has", align: "end", minor: true, cell: (row) => (row.taken === null ? <span className="muted">unknown</span> : row.taken === row.sequence ? "the same" : <Mark tone="warn">{`step ${String(row.taken)}`}</Mark>) },
  { id: "used", header: "Used by", minor: true, cell: (row) => row.used_by.map(flowName).join(", ") || <span className="muted">no live flow</span> },
];
