/** One master: missing keys first, its rows, and the steps that stewards signed. A change is prepared here and signed on the desk. */
import { useState } from "react";
import { Button, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { INBOX } from "@/lib/api/work";
import { useRoom } from "@/lib/live";
import { useMay } from "@/lib/session";
import { count, number, plain } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Digest } from "@/ui/Digest";
import { Mark } from "@/ui/Mark";
import { Page } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { rowsQuery, unmappedQuery, type MasterPage as Master, type MasterRow, type Signers, type Unmapped } from "@/features/masters/api";
import { ChangeForm, type Begin } from "@/features/masters/ChangeForm";
import classes from "@/features/masters/Masters.module.css";

const route = getRouteApi("/shell/masters/$master");
const TABS = ["unmapped", "rows", "steps"] as const;

export function MasterPage() {
  const { master } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/masters/$master" });
  const words = typeof search["q"] === "string" ? search["q"] : "";
  const after = typeof search["after"] === "number" ? search["after"] : 0;
  const query = useQuery(rowsQuery(master, words, after));
  const may = useMay("master.change");
  const [begin, setBegin] = useState<Begin | null>(null);
  useRoom("inbox", INBOX);
  const page = query.data?.page;
  const asked = TABS.find((each) => each === search["tab"]);
  const tab = asked ?? (page && page.unmapped > 0 ? "unmapped" : "rows");
  return (
    <Page
      title={page?.title ?? "Master"}
      crumbs={[{ title: "Masters", to: "/masters" }]}
      {...(page ? { lead: page.sentence } : {})}
      actions={may && page?.loaded ? <Button onClick={() => { setBegin({ act: "add" }); }}>Add a row</Button> : null}
    >
      <Loaded query={query} what="The master">
        {({ page: known, rows, total, steps }) => (
          <>
            {known.pending ? <Pending step={known.pending} master={known} /> : null}
            <Tabs value={tab} keepMounted={false} onChange={(to) => void navigate({ search: (old) => ({ ...old, tab: to ?? undefined, cause: undefined }), replace: true })}>
              <Tabs.List aria-label="Parts of the master">
                <Tabs.Tab value="unmapped">Missing keys {known.unmapped}</Tabs.Tab>
                <Tabs.Tab value="rows">Rows {number(known.rows)}</Tabs.Tab>
                <Tabs.Tab value="steps">Steps {known.sequence}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="unmapped" pt="md">
                <Missing master={known} current={typeof search["cause"] === "string" ? search["cause"] : null} may={may} onAdd={setBegin} />
              </Tabs.Panel>
              <Tabs.Panel value="rows" pt="md">
                <div className="stack">
                  <div className="row">
                    <Search label="Filter rows" value={words} onChange={(q) => void navigate({ search: (old) => ({ ...old, q: q || undefined, after: undefined, tab: "rows" }), replace: true })} />
                    <span className="muted">{words ? `${number(total)} match` : count(total, "row")}</span>
                  </div>
                  <DataTable
                    caption="Rows in force" columns={rowColumns(known)} rows={rows} rowKey={(row) => row.key.join("\u001f")} fixed
                    {...(may ? { onOpen: (row: MasterRow) => { setBegin({ act: "change", row }); } } : {})}
                    empty={<EmptyState title={words ? "No row matches" : "The master has no row"} why={words ? "The filter looks at keys and values." : "A steward adds the first one."} />}
                  />
                  <div className="row">
                    {after > 0 ? <Button size="xs" variant="default" onClick={() => void navigate({ search: (old) => ({ ...old, after: after > 100 ? after - 100 : undefined }) })}>Before</Button> : null}
                    {after + rows.length < total ? <Button size="xs" variant="default" onClick={() => void navigate({ search: (old) => ({ ...old, after: after + 100 }) })}>More</Button> : null}
                  </div>
                </div>
              </Tabs.Panel>
              <Tabs.Panel value="steps" pt="md">
                <DataTable caption="Signed steps, newest first" columns={STEPS} rows={steps} rowKey={(row) => row.digest} fixed empty={<EmptyState title="No step is signed" why="Every change of the master stands here with its signatures." />} />
              </Tabs.Panel>
            </Tabs>
            {begin ? <ChangeForm master={known} begin={begin} onClose={() => { setBegin(null); }} /> : null}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Pending({ step, master }: { step: Signers; master: Master }) {
  const may = useMay("release.sign");
  return (
    <div className={classes.pending} role="status">
      <Mark tone="waiting">{`Step ${String(step.sequence)} waits for stewards: ${String(step.signed.length)} of ${String(step.needed)} signed`}</Mark>
      <span>{saidOf(step)}{step.reason ? `: ${step.reason}` : ""}{step.signed.length > 0 ? `. Signed by ${step.signed.join(" and ")}` : ""}</span>
      <span className="grow" />
      {may ? <Button component="a" size="xs" href={step.link} target="_blank" rel="noopener" rightSection={<ExternalLink size={13} aria-hidden="true" />}>Sign on the desk</Button> : <span className={classes.sub}>Persons with the role {master.steward_role} sign it.</span>}
    </div>
  );
}

function saidOf({ adds, changes, retires }: Signers): string {
  return [adds ? `adds ${count(adds, "row")}` : "", changes ? `changes ${count(changes, "row")}` : "", retires ? `retires ${count(retires, "row")}` : ""].filter(Boolean).join(", ") || "changes nothing";
}

interface MissingProps {
  master: Master;
  current: string | null;
  may: boolean;
  onAdd: (begin: Begin) => void;
}

function Missing({ master, current, may, onAdd }: MissingProps) {
  const query = useQuery(unmappedQuery(master.id));
  const columns: readonly Column<Unmapped>[] = [
    { id: "key", header: keyOf(master), lead: true, cell: (row) => (row.key.length > 0 ? <code>{row.key.join(" · ")}{row.unit ? ` in ${row.unit}` : ""}</code> : <span className="muted">not shown here</span>) },
    { id: "cases", header: "Cases", align: "end", sort: (row) => row.cases, cell: (row) => row.cases },
    { id: "lines", header: "Held lines", align: "end", minor: true, sort: (row) => row.lines, cell: (row) => row.lines },
    { id: "last", header: "Last seen", minor: true, sort: (row) => -row.last, cell: (row) => <Time at={row.last} /> },
    { id: "near", header: "Near it", minor: true, cell: (row) => <span className={classes.near}>{row.suggestions.slice(0, 3).map((each) => <code key={each.key.join()} title={Object.values(each.values).join(", ")}>{each.key.join(" · ")} <span className="muted">{each.likeness}%</span></code>)}</span> },
    { id: "cause", header: "", width: "90px", cell: (row) => <Link to="/exceptions/$group" params={{ group: row.group }} tabIndex={-1} className={classes.tight}>Its cases</Link> },
    { id: "do", header: "", width: "110px", cell: (row) => (may && row.key.length > 0 ? <Button size="xs" tabIndex={-1} variant="default" onClick={() => { onAdd(beginOf(row)); }}>{row.row && row.unit ? "Add the unit" : "Add the row"}</Button> : null) },
  ];
  return (
    <Loaded query={query} what="The missing keys">
      {({ keys, hidden, sentence }) => (
        <div className="stack">
          <DataTable
            caption="Keys that traffic brought and the master lacks" columns={columns} rows={keys} rowKey={(row) => row.group} current={current}
            {...(may ? { onOpen: (row: Unmapped) => { if (row.key.length > 0) onAdd(beginOf(row)); } } : {})}
            empty={<EmptyState title="Nothing is missing" why={sentence} />}
          />
          {hidden > 0 ? <p className="muted">{count(hidden, "more cause")} whose key is not shown: what stands there may be more than operational data.</p> : null}
        </div>
      )}
    </Loaded>
  );
}

/** A missing unit is a change of the row that is there; a missing key is a new row. */
function beginOf(missing: Unmapped): Begin {
  return missing.row && missing.unit ? { act: "change", row: missing.row, missing } : { act: "add", missing };
}

function rowColumns(master: Master): readonly Column<MasterRow>[] {
  return [
    { id: "key", header: keyOf(master), lead: true, cell: (row) => <code>{row.key.join(" · ")}</code> },
    ...master.columns.map((column, index): Column<MasterRow> => ({ id: column.name, header: column.title, minor: index > 1, cell: (row) => row.values[column.name] ?? <span className="muted">–</span> })),
    { id: "unit", header: "Units", minor: true, cell: (row) => unitsOf(row, master) || <span className="muted">–</span> },
    { id: "valid", header: "Holds", minor: true, cell: (row) => heldFor(row.valid_from, row.valid_to) || "always" },
    { id: "state", header: "State", width: "116px", plain: true, cell: (row) => (row.holds ? <Mark tone="ok">In force</Mark> : <Mark tone="none">{row.status === "retired" ? "Retired" : row.valid_to !== null ? "Ended" : "Not yet"}</Mark>) },
  ];
}

/** `System, code`. */
function keyOf(master: Master): string {
  return plain(master.key.map((each) => each.replaceAll("_", " ")).join(", "));
}

/** The base unit where no column has it, the unit that the code denotes, and what other units are in base units. */
function unitsOf({ unit, base_unit: base, units, values }: MasterRow, master: Master): string {
  const told = master.columns.some((each) => values[each.name] === base);
  const own = unit && unit !== base ? [`by ${unit}`] : [];
  const others = units.map((each) => {
    const held = heldFor(each.valid_from, each.valid_to);
    return `1 ${each.unit} = ${each.factor} ${base ?? ""}`.trim() + (held ? ` (${held})` : "");
  });
  return [told ? "" : base, ...own, ...others].filter(Boolean).join(", ");
}

/** From the first day on which it holds, before the first on which it does not. */
function heldFor(from: string | null, to: string | null): string {
  return [from ? `from ${from}` : "", to ? `before ${to}` : ""].filter(Boolean).join(", ");
}

const STEPS: readonly Column<Signers>[] = [
  { id: "sequence", header: "Step", width: "70px", cell: (row) => row.sequence },
  { id: "what", header: "What", lead: true, cell: (row) => <span className={classes.two}><span>{plain(saidOf(row))}</span>{row.reason ? <span className={classes.sub}>{row.reason}</span> : null}</span> },
  { id: "signed", header: "Signed by", cell: (row) => row.signed.join(", ") || <span className="muted">nobody</span> },
  { id: "force", header: "State", width: "130px", plain: true, cell: (row) => (row.in_force ? <Mark tone="ok">In force</Mark> : <Mark tone="waiting">{`${String(row.signed.length)} of ${String(row.needed)}`}</Mark>) },
  { id: "digest", header: "Digest", minor: true, cell: (row) => <Digest value={row.digest} /> },
];
