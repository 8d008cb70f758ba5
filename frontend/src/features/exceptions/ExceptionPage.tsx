/** One cause: what happened, what is not done meanwhile, the fix, and the replay of every case at once. */
import { useMemo } from "react";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { causeQuery, INBOX, type CaseBody, type Cause } from "@/lib/api/work";
import { useCommands, type Command } from "@/lib/commands";
import { useRoom } from "@/lib/live";
import { useOnce } from "@/lib/once";
import { useMay, useMe } from "@/lib/session";
import { number, plain, times } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { KeyValues } from "@/ui/KeyValues";
import { Chip, Mark } from "@/ui/Mark";
import { Page, Section } from "@/ui/Page";
import { Panel, Split } from "@/ui/Split";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { failed } from "@/ui/toasts";
import { takeOn } from "@/features/exceptions/api";
import { isRefused, Mend } from "@/features/exceptions/Mend";
import { CAUSE_STATES, SEVERITY } from "@/features/exceptions/words";
import classes from "@/features/exceptions/Exceptions.module.css";

const route = getRouteApi("/shell/exceptions/$group");
const CRUMBS = [{ title: "Exceptions", to: "/exceptions" }];

export function ExceptionPage() {
  const { group } = route.useParams();
  const query = useQuery(causeQuery(group));
  useRoom("inbox", INBOX);
  if (query.data) return <Shown key={group} cause={query.data} />;
  return (
    <Page title="Exception" crumbs={CRUMBS}>
      <Loaded query={query} what="The exception">{() => null}</Loaded>
    </Page>
  );
}

function Shown({ cause }: { cause: Cause }) {
  const { card } = cause;
  const navigate = useNavigate();
  const me = useMe();
  const may = useMay("case.assign");
  const mine = card.taken?.person === me.person;
  const { run, busy } = useOnce(() => takeOn(card.group, !mine).catch(failed));
  const open = card.state !== "resolved";
  const commands = useMemo<Command[]>(
    () => [
      { id: "cause.take", title: mine ? "Hand this cause back" : "Take this cause on", group: "This page", keys: ["a"], enabled: () => may && open, run: () => void run() },
      { id: "cause.back", title: "Back to the exceptions", group: "This page", keys: ["Escape"], run: () => void navigate({ to: "/exceptions" }) },
    ],
    [may, open, mine, run, navigate],
  );
  useCommands(commands);
  return (
    <Page
      title={card.title}
      crumbs={CRUMBS}
      marks={
        <>
          <Chip tone={CAUSE_STATES[card.state][0]}>{CAUSE_STATES[card.state][1]}</Chip>
          {open ? <Chip tone={SEVERITY[card.severity][0]}>{SEVERITY[card.severity][1]} severity</Chip> : null}
        </>
      }
      lead={open && card.lines === 0 && !isRefused(cause) ? "Its lines are on their way: nothing of it is held any more." : open ? cause.sentence : <>Resolved{card.resolved === null ? "" : <> at <Time at={card.resolved} form="full" /></>}.</>}
      actions={may && open && (!card.taken || mine) ? <Button variant="default" loading={busy} onClick={() => void run()}>{mine ? "Hand back" : "Take on"}</Button> : null}
    >
      <Split
        label="About this cause"
        rail={
          <>
            <Panel title="Facts">
              <KeyValues
                items={[
                  ["Cases", number(card.cases)],
                  ["Held lines", number(card.lines)],
                  ["Seen", times(card.seen)],
                  ["First", <Time key="first" at={card.first} form="full" />],
                  ["Last", <Time key="last" at={card.last} form="full" />],
                  ...(open ? [["Due", <span key="due" className={classes.due} data-overdue={card.overdue || undefined}><Time at={card.due} form="full" /></span>] as const] : []),
                  ["Owner", plain(card.owner)],
                  ["Taken on by", card.taken ? card.taken.name : "nobody"],
                  ["Flow", <span key="flow" className={classes.links}>{card.flows.map((flow, index) => <Link key={flow} to="/flows/$flow" params={{ flow }}>{card.flow_names[index]}</Link>)}</span>],
                  [isRefused(cause) ? "Source" : "Step", card.step_titles.join(", ")],
                  ["Code", <code key="code">{card.cause}</code>],
                ]}
              />
            </Panel>
            {cause.runbook.length > 0 ? (
              <Panel title="Runbook">
                <ol className={classes.steps}>{cause.runbook.map((each) => <li key={each}>{each}</li>)}</ol>
              </Panel>
            ) : null}
          </>
        }
      >
        {cause.impact ? <p className={classes.what}>{cause.impact}</p> : null}
        <Mend cause={cause} />
        <Section title="Cases" aside={cause.more > 0 ? `${String(cause.more)} more are not shown` : null}>
          {!open && alike(cause) ? <p className={classes.what}>{cause.members[0]?.sentence}</p> : null}
          <DataTable
            caption="Cases of this cause"
            columns={columnsOf(cause)}
            rows={cause.members}
            rowKey={(row) => String(row.number)}
            onOpen={(row) => void navigate({ to: "/cases/$number", params: { number: String(row.number) } })}
            empty={<EmptyState title="No case is left" why="Every case of this cause was resolved." />}
          />
        </Section>
      </Split>
    </Page>
  );
}

/** Whether the same happened in every case: then it is said once, above them. */
function alike({ members }: Cause): boolean {
  return new Set(members.map((each) => each.sentence)).size <= 1;
}

/** What all cases have in common stands above them, once; the lines say what differs, and a case says it whole. */
function columnsOf(cause: Cause): readonly Column<CaseBody>[] {
  const { card } = cause;
  const called = new Map(card.flows.map((flow, place) => [flow, card.flow_names[place] ?? flow]));
  const flow: Column<CaseBody> = { id: "flow", header: "Flow", lead: false, minor: true, sort: (row) => called.get(row.flow) ?? row.flow, cell: (row) => called.get(row.flow) ?? row.flow };
  return COLUMNS.flatMap((each) => (each.id === "sentence" ? [...(alike(cause) ? [] : [each]), flow] : [each]));
}

const COLUMNS: readonly Column<CaseBody>[] = [
  { id: "number", header: "Case", width: "80px", sort: (row) => row.number, cell: (row) => <Link to="/cases/$number" params={{ number: String(row.number) }} tabIndex={-1} className={classes.name}>{row.number}</Link> },
  { id: "message", header: "Message", width: "110px", sort: (row) => row.message ?? 0, cell: (row) => (row.message === null ? <span className="muted">refused</span> : <Link to="/messages/$message" params={{ message: String(row.message) }} tabIndex={-1}>{row.message}</Link>) },
  { id: "sentence", header: "What happened", cell: (row) => <span className={classes.clipped} title={row.sentence}>{row.sentence}</span> },
  { id: "count", header: "Times", width: "80px", align: "end", minor: true, sort: (row) => row.count, cell: (row) => row.count },
  { id: "state", header: "State", width: "120px", sort: (row) => row.state, cell: (row) => (row.state === "open" ? <Mark tone="waiting">Open</Mark> : <Mark tone="ok">Resolved</Mark>) },
  { id: "opened", header: "Since", width: "170px", sort: (row) => -row.opened, cell: (row) => <span className={classes.tight}><Time at={row.opened} form="full" /></span> },
];
