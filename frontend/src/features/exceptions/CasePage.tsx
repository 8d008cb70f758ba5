/** One case: what failed, where, what the step had before it, what to do, and what was done. */
import { useMemo, useState } from "react";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { INBOX, revealField } from "@/lib/api/work";
import { useCommands, type Command } from "@/lib/commands";
import { useRoom } from "@/lib/live";
import { count, plain, times } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { KeyValues } from "@/ui/KeyValues";
import { Chip, Mark, type Tone } from "@/ui/Mark";
import { MaskedFields } from "@/ui/MaskedFields";
import { Page, Section } from "@/ui/Page";
import { Panel, Split } from "@/ui/Split";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { caseQuery, type Case } from "@/features/exceptions/api";
import { CloseDialog } from "@/features/exceptions/CloseDialog";
import { MendStage, useMends } from "@/features/exceptions/MendStage";
import { Refused } from "@/features/exceptions/Refused";
import { ReplayLines, ReplayStage, useReplay } from "@/features/exceptions/Replay";
import { SEVERITY } from "@/features/exceptions/words";
import classes from "@/features/exceptions/Exceptions.module.css";

const route = getRouteApi("/shell/cases/$number");
const EXCEPTIONS = { title: "Exceptions", to: "/exceptions" };

export function CasePage() {
  const { number } = route.useParams();
  const query = useQuery(caseQuery(Number(number)));
  useRoom("inbox", INBOX);
  if (query.data) return <Shown key={number} known={query.data} />;
  return (
    <Page title={`Case ${number}`} crumbs={[EXCEPTIONS]}>
      <Loaded query={query} what="The case">{() => null}</Loaded>
    </Page>
  );
}

function Shown({ known }: { known: Case }) {
  const { card } = known;
  const navigate = useNavigate();
  const open = card.state === "open";
  const mends = useMends(known.fix);
  const replaying = useReplay({ number: card.number }, open && card.message !== null);
  const [closing, setClosing] = useState(false);
  const commands = useMemo<Command[]>(
    () => [
      { id: "case.close", title: "Close this case", group: "This page", keys: ["e"], enabled: () => known.may_close && !closing, run: () => { setClosing(true); } },
      { id: "case.back", title: "Back to its cause", group: "This page", keys: ["Escape"], enabled: () => !closing, run: () => void navigate({ to: "/exceptions/$group", params: { group: card.group } }) },
    ],
    [known.may_close, closing, navigate, card.group],
  );
  useCommands(commands);
  return (
    <Page
      title={`Case ${String(card.number)}: ${known.title}`}
      crumbs={[EXCEPTIONS, { title: "Its cause", to: `/exceptions/${card.group}` }]}
      marks={
        <>
          <Chip tone={open ? "waiting" : "ok"}>{open ? "Open" : known.closed ? "Closed by hand" : "Resolved"}</Chip>
          {open ? <Chip tone={SEVERITY[card.severity][0]}>{SEVERITY[card.severity][1]} severity</Chip> : null}
        </>
      }
      lead={open || card.resolved === null ? card.sentence : <>Resolved at <Time at={card.resolved} form="full" />. It was held then: {card.sentence}</>}
      actions={known.may_close ? <Button variant="default" onClick={() => { setClosing(true); }}>Close it</Button> : null}
    >
      <Split label="About this case" rail={<Rail known={known} />}>
        {known.closed ? <p className={classes.what}>Closed without a posting: {known.closed}</p> : <p className={classes.what}>{known.impact}</p>}
        {known.path.length > 0 ? <Way known={known} /> : null}
        {open ? (
          <div className={classes.mend}>
            <MendStage going={onItsWay(known)} fix={known.fix} names={known.key_names} group={card.group} flow={card.flow} />
            {card.message === null ? <Refused what="the case" /> : <ReplayStage replaying={replaying} open going={onItsWay(known)} what="this case" over="" second={mends} group={card.group} />}
          </div>
        ) : null}
        <ReplayLines answer={replaying.answer} />
        {known.passage ? <Passage known={known} passage={known.passage} /> : null}
        {known.postings.length > 0 ? (
          <Section title="Lines of this case">
            <DataTable caption="Lines of this case" columns={LINES} rows={known.postings} rowKey={(row) => String(row.number)} fixed />
          </Section>
        ) : null}
        <Section title="History">
          <ol className={classes.history}>
            {known.history.map((each) => (
              <li key={`${String(each.at)} ${each.sentence}`}>
                {each.who ? <strong>{each.who} </strong> : null}
                {each.sentence} <span className={classes.small}><Time at={each.at} form="full" /></span>
              </li>
            ))}
          </ol>
        </Section>
      </Split>
      {closing ? <CloseDialog known={known} onClose={() => { setClosing(false); }} /> : null}
    </Page>
  );
}

function Rail({ known }: { known: Case }) {
  const { card } = known;
  return (
    <>
      <Panel title="Facts">
        <KeyValues
          items={[
            ["Flow", <Link key="flow" to="/flows/$flow" params={{ flow: card.flow }}>{known.flow_name}</Link>],
            [card.message === null ? "Source" : "Step", known.step_title],
            ["Message", card.message === null ? "refused, nothing of it is kept" : <Link key="message" to="/messages/$message" params={{ message: String(card.message) }}>Message {card.message}</Link>],
            ["Opened", <Time key="opened" at={card.opened} form="full" />],
            ...(card.state === "open" ? [["Due", <span key="due" className={classes.due}><Time at={card.due} form="full" /></span>] as const] : []),
            ["Happened", times(card.count)],
            ["Owner", plain(card.owner)],
            ["Code", <code key="code">{card.cause}</code>],
          ]}
        />
      </Panel>
      {known.runbook.length > 0 ? (
        <Panel title="Runbook">
          <ol className={classes.steps}>{known.runbook.map((each) => <li key={each}>{each}</li>)}</ol>
        </Panel>
      ) : null}
    </>
  );
}

/** Nothing of it is held any more: its lines were replayed and are on their way. */
function onItsWay({ postings }: Case): boolean {
  return postings.length > 0 && postings.every((each) => each.state !== "parked");
}

type Stations = Record<Case["path"][number]["state"], readonly [Tone, string]>;
const STATES: Stations = { passed: ["ok", "passed"], failed: ["bad", "stopped here"], "not-reached": ["none", "not reached"] };
/** Where it was held, once that is over: posted, the line has been everywhere; ended without a posting, it has not. */
const POSTED: Stations = { passed: ["ok", "passed"], failed: ["ok", "passed; it was held here"], "not-reached": ["ok", "passed"] };
const ENDED: Stations = { passed: ["ok", "passed"], failed: ["paused", "was held here"], "not-reached": ["none", "not reached"] };

function stationsOf(known: Case): Stations {
  if (known.card.state === "open") return STATES;
  return known.postings.some((each) => each.state === "delivered") ? POSTED : ENDED;
}

/** The steps on the way of the line, with the one that stopped it. */
function Way({ known }: { known: Case }) {
  const open = known.card.state === "open";
  const said = stationsOf(known);
  return (
    <ol className={classes.way} aria-label={open ? "Where it stopped" : "Where it was held"}>
      {known.path.map((each, index) => (
        <li key={each.step}>
          <span className={classes.station} data-state={open ? each.state : undefined}><Mark tone={said[each.state][0]}>{each.title}<span className={!open && each.state === "failed" ? classes.small : "quiet"}> {said[each.state][1]}</span></Mark></span>
          {index < known.path.length - 1 ? <ChevronRight size={13} aria-hidden="true" /> : null}
        </li>
      ))}
    </ol>
  );
}

function Passage({ known, passage }: { known: Case; passage: NonNullable<Case["passage"]> }) {
  const { message } = known.card;
  const reveal = known.may_reveal && message !== null ? (path: string, reason: string) => revealField(message, passage.posting, path, reason) : null;
  return (
    <Section title={passage.posting === null ? `Before ${known.step_title}` : "What was to be sent"} aside={count(passage.before.length, "field")}>
      <p className={classes.small}>{passage.sentence}</p>
      <MaskedFields caption="Fields before the step" fields={passage.before} onReveal={reveal} empty={<EmptyState title="It reads nothing of the message" why="What it works on was made by the steps before it." />} />
      {passage.after.length > 0 ? (
        <p className={classes.after}>
          <span>After it:</span>
          {passage.after.map((each) => <span key={each} className={classes.unmade}><code>{each}</code> not made</span>)}
        </p>
      ) : null}
    </Section>
  );
}

const STATE: Record<Case["postings"][number]["state"], readonly [Tone, string]> = { "in-flight": ["info", "On its way"], delivered: ["ok", "Delivered"], parked: ["warn", "Held"] };
const LINES: readonly Column<Case["postings"][number]>[] = [
  { id: "item", header: "Line", width: "110px", cell: (row) => (row.item ? <code className={classes.tight}>{row.item}</code> : <span className="muted">whole</span>) },
  { id: "state", header: "State", width: "130px", cell: (row) => <Mark tone={STATE[row.state][0]}>{STATE[row.state][1]}</Mark> },
  { id: "to", header: "To", minor: true, cell: (row) => (row.connection ? `${row.connection} · ${row.operation}` : <span className="muted">not yet known</span>) },
  { id: "status", header: "Answer", minor: true, align: "end", cell: (row) => row.status ?? <span className="muted">none</span> },
  { id: "attempts", header: "Attempts", align: "end", cell: (row) => row.attempts },
];
