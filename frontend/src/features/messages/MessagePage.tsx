/** One message's life: what became of it in a sentence, then moment by moment; its fields masked. */
import { useMemo } from "react";
import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useCommands, type Command } from "@/lib/commands";
import { lasting } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Digest } from "@/ui/Digest";
import { KeyValues } from "@/ui/KeyValues";
import { Chip, Mark, type Tone } from "@/ui/Mark";
import { Page } from "@/ui/Page";
import { Panel, Split } from "@/ui/Split";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { messageQuery, type MessagePage as Message, type Posting } from "@/features/messages/api";
import { Fields } from "@/features/messages/Fields";
import { MESSAGE_STATES } from "@/features/messages/words";
import classes from "@/features/messages/Messages.module.css";

const route = getRouteApi("/shell/messages/$message");
const CRUMBS = [{ title: "Messages", to: "/messages" }];

export function MessagePage() {
  const { message } = route.useParams();
  const query = useQuery(messageQuery(Number(message)));
  if (query.data) return <Shown key={message} message={query.data} />;
  return (
    <Page title={`Message ${message}`} crumbs={CRUMBS}>
      <Loaded query={query} what="The message">{() => null}</Loaded>
    </Page>
  );
}

function Shown({ message }: { message: Message }) {
  const { card } = message;
  const navigate = useNavigate({ from: "/messages/$message" });
  const search = route.useSearch();
  const tab = search["tab"] === "fields" || search["tab"] === "postings" ? search["tab"] : "timeline";
  const posting = typeof search["posting"] === "number" ? search["posting"] : null;
  const commands = useMemo<Command[]>(() => [{ id: "message.back", title: "Back to the messages", group: "This page", keys: ["Escape"], run: () => void navigate({ to: "/messages", search: {} }) }], [navigate]);
  useCommands(commands);
  return (
    <Page title={`Message ${String(card.number)}`} crumbs={CRUMBS} marks={<Chip tone={MESSAGE_STATES[card.state][0]}>{MESSAGE_STATES[card.state][1]}</Chip>} lead={message.sentence}>
      <Split
        label="About this message"
        rail={
          <>
            <Panel title="Facts">
              <KeyValues
                items={[
                  ["Flow", <Link key="flow" to="/flows/$flow" params={{ flow: card.flow }}>{card.name}</Link>],
                  ["From", card.system],
                  ["By", <code key="source">{card.source}</code>],
                  ["Received", <Time key="at" at={card.received} form="full" />],
                  ...took(message),
                  ["Release", <Digest key="release" value={card.release} />],
                  ["Data", message.label],
                  ["Payload", message.readable ? "kept, sealed" : "gone after its retention"],
                  ["Digest of it", <Digest key="digest" value={message.digest} />],
                ]}
              />
            </Panel>
            {message.path.length > 1 ? (
              <Panel title="Steps it met">
                <ol className={classes.path}>
                  {message.path.map((step) => <li key={step}>{message.titles[step] ?? step}</li>)}
                </ol>
              </Panel>
            ) : null}
          </>
        }
      >
        <Tabs value={tab} keepMounted={false} onChange={(to) => void navigate({ search: { tab: to === "timeline" || to === null ? undefined : to }, replace: true })}>
          <Tabs.List aria-label="Parts of the message">
            <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
            <Tabs.Tab value="postings">Postings {message.postings.length}</Tabs.Tab>
            <Tabs.Tab value="fields">Fields</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="timeline" pt="md"><Timeline message={message} /></Tabs.Panel>
          <Tabs.Panel value="postings" pt="md">
            <DataTable
              caption="Postings of this message" columns={COLUMNS} rows={message.postings} rowKey={(row) => String(row.number)} fixed
              onOpen={(row) => void navigate({ search: { tab: "fields", posting: row.number } })}
              empty={<EmptyState title="It has no posting" why={card.filtered ? message.sentence : "It is not taken apart yet."} />}
            />
          </Tabs.Panel>
          <Tabs.Panel value="fields" pt="md"><Fields message={message} posting={posting} onPosting={(to) => void navigate({ search: { tab: "fields", posting: to ?? undefined }, replace: true })} /></Tabs.Panel>
        </Tabs>
      </Split>
    </Page>
  );
}

/** How long it was on its way, once every line of it has come where it goes. */
function took({ card, postings }: Message): [string, string][] {
  const ends = postings.map((each) => (each.state === "delivered" ? each.ended : null));
  if (ends.length === 0 || ends.includes(null)) return [];
  return [["Took", lasting(Math.max(0, ...ends.map((each) => (each ?? 0) - card.received)))]];
}

/** What has no moment of its own: what ended on purpose did so before anything was sent. */
const NO_TIME: Partial<Record<Message["moments"][number]["what"], string>> = { held: "now", waits: "not yet", ended: "then", filtered: "then" };

function Timeline({ message }: { message: Message }) {
  return (
    <ol className={classes.line} aria-label="Timeline">
      {message.moments.map((moment, index) => (
        <li key={index} className={classes.moment}>
          <span className={classes.when}>{moment.at === null ? (NO_TIME[moment.what] ?? "") : <Time at={moment.at} form="clock" />}</span>
          <span className={classes.dot} data-what={moment.what} aria-hidden="true" />
          <span>{moment.sentence}{moment.case !== null && moment.what === "case" ? <> <Link to="/cases/$number" params={{ number: String(moment.case) }}>Open case {moment.case}</Link></> : null}</span>
          <span className={classes.place}>{[moment.item, moment.step ? (message.titles[moment.step] ?? moment.step) : ""].filter(Boolean).join(" · ")}</span>
        </li>
      ))}
    </ol>
  );
}

const POSTING: Record<Posting["state"], readonly [Tone, string]> = { "in-flight": ["info", "On its way"], delivered: ["ok", "Delivered"], parked: ["warn", "Held"] };
const COLUMNS: readonly Column<Posting>[] = [
  { id: "number", header: "Posting", width: "90px", cell: (row) => row.number },
  { id: "item", header: "Line", lead: true, cell: (row) => (row.item ? <code>{row.item}</code> : <span className="muted">whole</span>) },
  { id: "to", header: "To", minor: true, cell: (row) => (row.connection ? `${row.connection} · ${row.operation}` : <span className="muted">not yet known</span>) },
  { id: "state", header: "State", plain: true, cell: (row) => <Mark tone={POSTING[row.state][0]}>{POSTING[row.state][1]}</Mark> },
  { id: "status", header: "Answer", minor: true, align: "end", cell: (row) => row.status ?? <span className="muted">none</span> },
  { id: "attempts", header: "Attempts", minor: true, align: "end", cell: (row) => row.attempts },
  { id: "ended", header: "Ended", cell: (row) => (row.ended === null ? <span className="muted">not yet</span> : <span className={classes.tight}><Time at={row.ended} form="clock" /></span>) },
];
