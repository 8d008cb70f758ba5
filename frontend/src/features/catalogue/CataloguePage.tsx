/** Every flow with its purpose, owners, state and what leaves by it. */
import { useMemo, useState } from "react";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { FlowCard } from "@/lib/api/types";
import { flowsQuery, INBOX } from "@/lib/api/work";
import { useCommands, type Command } from "@/lib/commands";
import { useRoom } from "@/lib/live";
import { useMay } from "@/lib/session";
import { count, number, plain } from "@/lib/words";
import { Choice, oneOf } from "@/ui/Choice";
import { DataTable, type Column } from "@/ui/DataTable";
import { FLOW_STATES } from "@/ui/flowState";
import { Mark } from "@/ui/Mark";
import { NewFlow } from "@/ui/NewFlow";
import { Page } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { LeavesTag } from "@/ui/Sensitivity";
import { EmptyState, Loaded } from "@/ui/States";
import classes from "@/features/catalogue/Catalogue.module.css";

const route = getRouteApi("/shell/flows");
const STATES = [["all", "All"], ["live", "Live"], ["draft", "Drafts"], ["in-review", "In review"], ["stopped", "Stopped"]] as const;
type State = (typeof STATES)[number][0];

export function CataloguePage() {
  const navigate = useNavigate({ from: "/flows" });
  const search = route.useSearch();
  const state = oneOf<State>(search["state"], STATES);
  const words = typeof search["q"] === "string" ? search["q"] : "";
  const query = useQuery(flowsQuery);
  const draws = useMay("draft.create");
  const [making, make] = useState(false);
  useRoom("inbox", INBOX);
  const commands = useMemo<Command[]>(
    () => (draws ? [{ id: "flow.new", title: "New flow", group: "This page", keys: ["n"], run: () => { make(true); } }] : []),
    [draws],
  );
  useCommands(commands);
  return (
    <Page
      title="Flows"
      lead={query.data ? lead(query.data) : "Every flow with its purpose, owners and state."}
      actions={draws ? <Button onClick={() => { make(true); }}>New flow</Button> : null}
      bar={
        <>
          <Choice<State> label="Which flows" value={state} options={STATES} onChange={(to) => void navigate({ search: (old) => ({ ...old, state: to === "all" ? undefined : to }) })} />
          <Search label="Filter flows" value={words} onChange={(q) => void navigate({ search: (old) => ({ ...old, q: q || undefined }), replace: true })} />
        </>
      }
    >
      <Loaded query={query} what="The flows">
        {(flows) => (
          <DataTable
            caption="Flows"
            columns={COLUMNS}
            rows={flows.filter((each) => (state === "all" || each.state === state || (state === "draft" && each.draft !== null)) && holds(each, words))}
            rowKey={(row) => row.id}
            onOpen={(row) => void navigate({ to: "/flows/$flow", params: { flow: row.id }, search: {} })}
            rowKeys={{ e: (row) => { if (row.draft) void navigate({ to: "/drafts/$draft", params: { draft: row.draft }, search: {} }); } }}
            empty={
              flows.length === 0 ? (
                <EmptyState title="No flows yet" why="A flow takes messages from a clinical system and posts what an ERP needs of them. Begin with one of the shipped patterns." action={draws ? <Button onClick={() => { make(true); }}>New flow</Button> : null} />
              ) : (
                <EmptyState title="No flow matches" why={`${count(flows.length, "flow")} ${flows.length === 1 ? "is" : "are"} hidden by the filter.`} />
              )
            }
          />
        )}
      </Loaded>
      {making ? <NewFlow onClose={() => { make(false); }} /> : null}
    </Page>
  );
}

function lead(flows: readonly FlowCard[]): string {
  const unowned = flows.filter((each) => !each.owners.business || !each.owners.technical || !each.owners.cases).length;
  const live = flows.filter((each) => each.state === "live").length;
  return `${count(flows.length, "flow")}, ${String(live)} live.${unowned > 0 ? ` ${count(unowned, "flow")} ${unowned === 1 ? "lacks" : "lack"} an owner and cannot be submitted.` : ""}`;
}

function holds(row: FlowCard, words: string): boolean {
  const { business, technical, cases } = row.owners;
  const text = [row.name, row.id, row.purpose, row.criticality, business, technical, cases].join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

const COLUMNS: readonly Column<FlowCard>[] = [
  {
    id: "name", header: "Flow", lead: true, width: "26%", sort: (row) => row.name,
    cell: (row) => (
      <span className={classes.flow}>
        <Link to="/flows/$flow" params={{ flow: row.id }} tabIndex={-1} className={classes.name}>
          {row.name}
        </Link>
        <span className={classes.sub}>{plain(row.purpose)}</span>
      </span>
    ),
  },
  { id: "state", header: "State", plain: true, width: "120px", sort: (row) => row.state, cell: (row) => <Mark tone={FLOW_STATES[row.state][0]}>{FLOW_STATES[row.state][1]}</Mark> },
  { id: "live", header: "Version", align: "end", minor: true, sort: (row) => row.live?.sequence ?? 0, cell: (row) => (row.live ? row.live.sequence : <span className="muted">none</span>) },
  { id: "out", header: "Leaves", minor: true, sort: (row) => row.highest_out, cell: (row) => <LeavesTag bare={row.highest_out} held={row.held_out} /> },
  { id: "criticality", header: "Criticality", minor: true, sort: (row) => row.criticality, cell: (row) => row.criticality },
  { id: "business", header: "Business owner", minor: true, sort: (row) => row.owners.business ?? "", cell: (row) => row.owners.business ?? <Mark tone="warn">nobody</Mark> },
  { id: "cases", header: "Cases go to", minor: true, sort: (row) => row.owners.cases ?? "", cell: (row) => row.owners.cases ?? <Mark tone="warn">nobody</Mark> },
  { id: "delivered", header: "Delivered", align: "end", minor: true, sort: (row) => row.counters?.delivered ?? -1, cell: (row) => (row.counters ? number(row.counters.delivered) : <span className="muted">–</span>) },
  { id: "open", header: "Open cases", align: "end", sort: (row) => row.counters?.open_cases ?? 0, cell: (row) => (row.counters && row.counters.open_cases > 0 ? <Mark tone="warn">{number(row.counters.open_cases)}</Mark> : "0") },
  {
    id: "work", header: "", width: "110px", minor: true,
    cell: (row) => (row.draft ? <Link to="/drafts/$draft" params={{ draft: row.draft }} tabIndex={-1}>{row.review ? "In review" : "Open draft"}</Link> : null),
  },
];
