/** Failures that wait for a person, one row a cause, the overdue ones first. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { causesQuery, INBOX, type CauseCard } from "@/lib/api/work";
import { useRoom } from "@/lib/live";
import { useMay } from "@/lib/session";
import { count, plain } from "@/lib/words";
import { Choice, oneOf } from "@/ui/Choice";
import { DataTable, type Column } from "@/ui/DataTable";
import { Mark } from "@/ui/Mark";
import { Page } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { failed, toast } from "@/ui/toasts";
import { takeOn } from "@/features/exceptions/api";
import { CAUSE_STATES, SEVERITY } from "@/features/exceptions/words";
import classes from "@/features/exceptions/Exceptions.module.css";

const route = getRouteApi("/shell/exceptions");
const SETS = [["open", "Open"], ["resolved", "Resolved"]] as const;

export function ExceptionsPage() {
  const navigate = useNavigate({ from: "/exceptions" });
  const search = route.useSearch();
  const set = oneOf<"open" | "resolved">(search["state"], SETS);
  const words = typeof search["q"] === "string" ? search["q"] : "";
  const query = useQuery(causesQuery(set));
  const may = useMay("case.assign");
  useRoom("inbox", INBOX);
  const take = (row: CauseCard) => {
    if (may && !row.taken) takeOn(row.group, true).then(() => { toast(`You took on: ${row.title}.`, "ok"); }, failed);
  };
  return (
    <Page
      title="Exceptions"
      lead={query.data?.sentence ?? "Failures that wait for a person, by cause."}
      bar={
        <>
          <Choice<"open" | "resolved"> label="Which causes" value={set} options={SETS} onChange={(state) => void navigate({ search: (old) => ({ ...old, state }) })} />
          <Search label="Filter causes" value={words} onChange={(q) => void navigate({ search: (old) => ({ ...old, q: q || undefined }), replace: true })} />
        </>
      }
    >
      <Loaded query={query} what="The exceptions">
        {({ groups }) => (
          <DataTable
            caption="Causes"
            columns={COLUMNS}
            rows={groups.filter((each) => holds(each, words))}
            rowKey={(row) => row.group}
            onOpen={(row) => void navigate({ to: "/exceptions/$group", params: { group: row.group }, search: {} })}
            rowKeys={{ a: take }}
            empty={
              words && groups.length > 0 ? (
                <EmptyState title="No cause matches" why={`${count(groups.length, "cause")} ${groups.length === 1 ? "is" : "are"} hidden by the filter.`} />
              ) : (
                <EmptyState title={set === "open" ? "No open exceptions" : "No cause was resolved yet"} why={set === "open" ? "Every message was delivered, or ended on purpose. What fails stands here by its cause, to be mended once and replayed." : "Causes whose cases were all replayed stand here."} />
              )
            }
          />
        )}
      </Loaded>
    </Page>
  );
}

function holds(row: CauseCard, words: string): boolean {
  const text = `${row.title} ${row.owner} ${row.flow_names.join(" ")} ${row.step_titles.join(" ")} ${row.cause}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

const RANK = ["high", "medium", "low"];
const COLUMNS: readonly Column<CauseCard>[] = [
  { id: "severity", header: "Severity", width: "104px", plain: true, sort: (row) => (row.overdue ? 0 : 1 + RANK.indexOf(row.severity)), cell: (row) => <Mark tone={row.state === "resolved" ? "none" : SEVERITY[row.severity][0]}>{SEVERITY[row.severity][1]}</Mark> },
  {
    id: "title", header: "Cause", width: "36%", least: "240px", lead: true, sort: (row) => row.title,
    cell: (row) => (
      <span className={classes.cause}>
        <Link to="/exceptions/$group" params={{ group: row.group }} tabIndex={-1} className={classes.name}>
          {row.title}
        </Link>
        <span className={classes.fix}>{row.fix.sentence}</span>
      </span>
    ),
  },
  { id: "cases", header: "Cases", align: "end", sort: (row) => row.cases, cell: (row) => row.cases },
  { id: "lines", header: "Lines", align: "end", minor: true, sort: (row) => row.lines, cell: (row) => row.lines },
  { id: "flows", header: "Flow", minor: true, width: "200px", sort: (row) => row.flow_names.join(), cell: (row) => <span className={classes.cause}>{row.flow_names.map((each) => <span key={each}>{each}</span>)}</span> },
  { id: "owner", header: "Owner", minor: true, width: "132px", sort: (row) => row.owner, cell: (row) => row.taken?.name ?? plain(row.owner) },
  { id: "state", header: "State", plain: true, sort: (row) => row.state, cell: (row) => <Mark tone={CAUSE_STATES[row.state][0]}>{CAUSE_STATES[row.state][1]}</Mark> },
  {
    id: "due", header: "Oldest", width: "112px", sort: (row) => row.first,
    cell: (row) => <span data-overdue={row.overdue || undefined} className={classes.due}><Time at={row.first} />{row.overdue ? <span>overdue</span> : null}</span>,
  },
];
