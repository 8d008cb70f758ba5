/** One master: missing keys first, its rows, and the steps that stewards signed. A change is prepared here and signed on the desk. */
import { useState } from "react";
import { Button, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { INBOX } from "@/lib/api/work";
import { useRoom } from "@/lib/live";
import { useMay } from "@/lib/session";
import { count, number } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Mark } from "@/ui/Mark";
import { Page } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { EmptyState, Loaded } from "@/ui/States";
import { rowsQuery, type MasterPage as Master, type MasterRow } from "@/features/masters/api";
import { ChangeForm, type Begin } from "@/features/masters/ChangeForm";
import { Missing } from "@/features/masters/MissingKeys";
import { InTheWay, Pending } from "@/features/masters/Pending";
import { keyOf, validity } from "@/features/masters/row";
import { Steps } from "@/features/masters/Steps";

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
                <Tabs.Tab value="steps">Steps {number(Math.max(known.sequence, steps.length))}</Tabs.Tab>
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
                    caption="Rows in force" columns={rowColumns(known)} rows={rows} rowKey={(row) => `${row.key.join("\u001f")}\u001f${row.valid_from ?? ""}`} fixed
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
                <Steps master={known} steps={steps} />
              </Tabs.Panel>
            </Tabs>
            {begin && known.pending && known.pending.signed.length > 0 ? <InTheWay step={known.pending} master={known} onClose={() => { setBegin(null); }} /> : null}
            {begin && !known.pending?.signed.length ? <ChangeForm key={begin.row ? `${begin.row.key.join()} ${begin.row.valid_from ?? ""}` : "new"} master={known} begin={begin} onBegin={setBegin} onClose={() => { setBegin(null); }} /> : null}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function rowColumns(master: Master): readonly Column<MasterRow>[] {
  return [
    { id: "key", header: keyOf(master), lead: true, cell: (row) => <code>{row.key.join(" · ")}</code> },
    ...master.columns.map((column, index): Column<MasterRow> => ({ id: column.name, header: column.title, minor: index > 1, cell: (row) => row.values[column.name] ?? <span className="muted">–</span> })),
    { id: "unit", header: "Units", minor: true, cell: (row) => unitsOf(row, master) || <span className="muted">–</span> },
    { id: "valid", header: "Valid", minor: true, cell: (row) => validity(row.valid_from, row.valid_to).replace(/^valid /, "") },
    { id: "state", header: "State", width: "116px", plain: true, cell: (row) => (row.holds ? <Mark tone="ok">In force</Mark> : <Mark tone="none">{row.status === "retired" ? "Retired" : row.valid_to !== null ? "Ended" : "Not yet"}</Mark>) },
  ];
}

/** The base unit where no column has it, the unit that the code denotes, and what other units are in base units. */
function unitsOf({ unit, base_unit: base, units, values }: MasterRow, master: Master): string {
  const told = master.columns.some((each) => values[each.name] === base);
  const own = unit && unit !== base ? [`by ${unit}`] : [];
  const others = units.map((each) => {
    const held = each.valid_from || each.valid_to ? ` (${validity(each.valid_from, each.valid_to)})` : "";
    return `1 ${each.unit} = ${each.factor} ${base ?? ""}`.trim() + held;
  });
  return [told ? "" : base, ...own, ...others].filter(Boolean).join(", ");
}
