/** Where is my message: by business key, or the newest first. A list says nothing of what a message says. */
import { useState } from "react";
import { Button, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { sentenceOf } from "@/lib/api/http";
import { flowsQuery } from "@/lib/api/work";
import { useOnce } from "@/lib/once";
import { Choice, oneOf } from "@/ui/Choice";
import { DataTable, type Column } from "@/ui/DataTable";
import { Mark } from "@/ui/Mark";
import { Page } from "@/ui/Page";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { keysQuery, messagesQuery, search, type MessageCard } from "@/features/messages/api";
import { MESSAGE_STATES } from "@/features/messages/words";
import classes from "@/features/messages/Messages.module.css";

const route = getRouteApi("/shell/messages");
const STATES = [["all", "All"], ["parked", "Held"], ["in-flight", "On its way"], ["delivered", "Delivered"], ["filtered", "Ended on purpose"]] as const;
type State = (typeof STATES)[number][0];

export function MessagesPage() {
  const navigate = useNavigate({ from: "/messages" });
  const given = route.useSearch();
  const state = oneOf<State>(given["state"], STATES);
  const flow = typeof given["flow"] === "string" ? given["flow"] : "";
  const before = typeof given["before"] === "number" ? given["before"] : null;
  const flows = useQuery(flowsQuery).data ?? [];
  const from = typeof given["from"] === "string" ? given["from"] : "";
  const to = typeof given["to"] === "string" ? given["to"] : "";
  const query = useQuery(messagesQuery(state, flow, before, momentOf(from) ?? 0, momentOf(to)));
  const keys = useQuery(keysQuery).data;
  const named = (keys?.flows ?? []).filter((each) => (!flow || each.flow === flow) && each.fields.length > 0).map((each) => `${each.name}: ${each.fields.join(", ")}`);
  const [key, setKey] = useState("");
  const [found, setFound] = useState<{ messages: readonly MessageCard[]; sentence: string } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { run, busy } = useOnce(async () => {
    setProblem(null);
    try {
      setFound(await search(key.trim(), flow));
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  const open = (row: MessageCard) => void navigate({ to: "/messages/$message", params: { message: String(row.number) }, search: {} });
  return (
    <Page
      title="Messages"
      lead={found ? found.sentence : (query.data?.sentence ?? "Messages by business key.")}
      bar={
        <>
          <form
            className={classes.find}
            role="search"
            onSubmit={(event) => {
              event.preventDefault();
              if (key.trim()) void run();
            }}
          >
            <TextInput aria-label="Business key, message number, or sender|facility|control id" placeholder="Business key or message number" value={key} w={260} maxLength={200} autoComplete="off" error={problem} onChange={(event) => { setKey(event.currentTarget.value); }} />
            <Button type="submit" variant="default" loading={busy} disabled={!key.trim()}>Find</Button>
            {found ? <Button variant="subtle" color="gray" onClick={() => { setFound(null); setKey(""); }}>Clear</Button> : null}
          </form>
          {found ? null : (
            <>
              <TextInput className={classes.time} type="datetime-local" label="From" value={from} max={to || undefined} onChange={(event) => { const at = event.currentTarget.value; void navigate({ search: (old) => ({ ...old, from: at || undefined, before: undefined }), replace: true }); }} />
              <TextInput className={classes.time} type="datetime-local" label="to" value={to} min={from || undefined} onChange={(event) => { const at = event.currentTarget.value; void navigate({ search: (old) => ({ ...old, to: at || undefined, before: undefined }), replace: true }); }} />
            </>
          )}
          {found ? null : <Choice<State> label="Which messages" value={state} options={STATES} onChange={(to) => void navigate({ search: (old) => ({ ...old, state: to === "all" ? undefined : to, before: undefined }) })} />}
          <Select aria-label="Flow" data={[{ value: "", label: "Every flow" }, ...flows.map((each) => ({ value: each.id, label: each.name }))]} value={flow} allowDeselect={false} w={200} onChange={(to) => void navigate({ search: (old) => ({ ...old, flow: to || undefined, before: undefined }) })} />
        </>
      }
    >
      {keys ? <p className={classes.small}>{keys.sentence}{named.length > 0 ? ` Business keys: ${named.join("; ")}.` : ""}</p> : null}
      {found ? (
        <DataTable caption="Messages with this key" columns={COLUMNS} rows={found.messages} rowKey={(row) => String(row.number)} onOpen={open} fixed empty={<EmptyState title="Nothing found" why={`${found.sentence} A key is compared whole: capitals and the spaces around it do not matter. Only a fingerprint of it is kept.`} />} />
      ) : (
        <Loaded query={query} what="The messages" rows={10}>
          {({ messages, next }) => (
            <>
              <DataTable caption="Messages, newest first" columns={COLUMNS} rows={messages} rowKey={(row) => String(row.number)} onOpen={open} fixed empty={<EmptyState title="No messages here" why={state === "all" && !flow && !from && !to ? "Nothing was received yet. A flow receives once it is activated and its source connects." : "No message is in this state, of this flow, or of this time."} />} />
              <div className="row">
                {before !== null ? <Button size="xs" variant="default" onClick={() => void navigate({ search: (old) => ({ ...old, before: undefined }) })}>Newest</Button> : null}
                {next !== null ? <Button size="xs" variant="default" onClick={() => void navigate({ search: (old) => ({ ...old, before: next }) })}>Older</Button> : null}
              </div>
            </>
          )}
        </Loaded>
      )}
    </Page>
  );
}

/** A local time of an address, `2026-11-22T07:30`, as milliseconds; null for none. */
function momentOf(written: string): number | null {
  const at = new Date(written).getTime();
  return Number.isNaN(at) ? null : Math.max(0, at);
}

const COLUMNS: readonly Column<MessageCard>[] = [
  { id: "number", header: "Message", width: "96px", cell: (row) => <Link to="/messages/$message" params={{ message: String(row.number) }} tabIndex={-1} className={classes.name}>{row.number}</Link> },
  { id: "received", header: "Received", width: "180px", plain: true, cell: (row) => <span className={classes.tight}><Time at={row.received} form="full" /></span> },
  { id: "flow", header: "Flow", lead: true, cell: (row) => row.name },
  { id: "source", header: "From", minor: true, cell: (row) => row.system },
  {
    id: "state", header: "State", width: "30%", plain: true,
    cell: (row) => (
      <span className={classes.state}>
        <Mark tone={MESSAGE_STATES[row.state][0]}>{MESSAGE_STATES[row.state][1]}</Mark>
        {row.why ? <span className={classes.small}>{row.why}</span> : null}
      </span>
    ),
  },
  { id: "postings", header: "Postings", width: "90px", align: "end", minor: true, cell: (row) => row.postings },
];
