/** One flow: its picture, counters while it runs, who answers for it, and its versions. */
import { useMemo, useState } from "react";
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { api, ask } from "@/lib/api/client";
import type { FlowCard, FlowHint } from "@/lib/api/types";
import { releasesQuery, type ReleaseCard } from "@/lib/api/work";
import { useCommands, type Command } from "@/lib/commands";
import { useRoom } from "@/lib/live";
import { useOnce } from "@/lib/once";
import { useMay } from "@/lib/session";
import { number, plain, TRANSPORTS } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Digest } from "@/ui/Digest";
import { FlowPicture } from "@/ui/FlowPicture";
import { FLOW_STATES } from "@/ui/flowState";
import { KeyValues } from "@/ui/KeyValues";
import { Chip, Mark, type Tone } from "@/ui/Mark";
import { Page, Section } from "@/ui/Page";
import { LeavesTag } from "@/ui/Sensitivity";
import { StopFlow, useMayStop } from "@/ui/StopFlow";
import { Panel, Split } from "@/ui/Split";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { failed } from "@/ui/toasts";
import { flowQuery, type End } from "@/features/catalogue/api";
import classes from "@/features/catalogue/Catalogue.module.css";

const route = getRouteApi("/shell/flows/$flow");
const CRUMBS = [{ title: "Flows", to: "/flows" }];

export function FlowPage() {
  const { flow } = route.useParams();
  const query = useQuery(flowQuery(flow));
  if (query.data) return <Shown card={query.data.card} ends={query.data.ends} />;
  return (
    <Page title="Flow" crumbs={CRUMBS}>
      <Loaded query={query} what="The flow">{() => null}</Loaded>
    </Page>
  );
}

function Shown({ card, ends }: { card: FlowCard; ends: readonly End[] }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const draws = useMay("draft.create");
  const releases = useQuery(releasesQuery(card.id));
  const begin = useOnce(async () => {
    try {
      const draft = await ask(api.POST("/api/v1/drafts", { body: { name: card.name, from: { flow: card.id } } }));
      void client.invalidateQueries({ queryKey: ["flows"] });
      await navigate({ to: "/drafts/$draft", params: { draft: draft.id } });
    } catch (error) {
      failed(error);
    }
  });
  const { draft } = card;
  const stopping = "stop" in route.useSearch();
  const stops = useMayStop() && card.live !== null && card.state !== "stopped";
  const commands = useMemo<Command[]>(
    () => [
      ...(draft ? [{ id: "flow.edit", title: "Open the draft", group: "This page", keys: ["e"], run: () => void navigate({ to: "/drafts/$draft", params: { draft } }) }] : []),
      ...(stops ? [{ id: "flow.stop", title: "Stop this flow…", group: "This page", run: () => void navigate({ to: ".", search: { stop: true } }) }] : []),
      { id: "flow.back", title: "Back to the flows", group: "This page", keys: ["Escape"], run: () => void navigate({ to: "/flows" }) },
    ],
    [draft, stops, navigate],
  );
  useCommands(commands);
  return (
    <Page
      title={card.name}
      crumbs={CRUMBS}
      marks={<Chip tone={FLOW_STATES[card.state][0]}>{FLOW_STATES[card.state][1]}</Chip>}
      lead={`${plain(card.purpose)}, ${card.criticality} criticality.${card.live?.sentence ? ` ${card.live.sentence}` : ""}`}
      actions={
        <>
          {stops ? <Button variant="default" color="red" onClick={() => void navigate({ to: ".", search: { stop: true } })}>Stop this flow…</Button> : null}
          {card.review ? <Button component={Link} to={`/reviews/${card.review}`} variant="default">Open the review</Button> : null}
          {draft ? <Button component={Link} to={`/drafts/${draft}`} variant={draws ? "filled" : "default"}>{draws ? "Open the draft" : "Look at the draft"}</Button> : draws ? <Button loading={begin.busy} onClick={() => void begin.run()}>New draft from it</Button> : null}
        </>
      }
    >
      <Split
        label="About this flow"
        rail={
          <>
            <Panel title="Who answers for it">
              <KeyValues items={[["Business", owner(card.owners.business)], ["Technical", owner(card.owners.technical)], ["Cases", owner(card.owners.cases)]]} />
            </Panel>
            {ends.length > 0 ? (
              <Panel title="Where it listens and sends">
                <KeyValues items={ends.map((end) => [end.listens ? "Listens" : "Sends to", <Place key={end.step} end={end} />])} />
              </Panel>
            ) : null}
            <Panel title={card.state === "stopped" ? "Activated version" : "Live version"}>
              {card.live ? (
                <KeyValues items={[["Version", String(card.live.sequence)], ["State", card.state === "stopped" ? "stopped: it takes nothing in" : card.live.state], ["Release", <Digest key="release" value={card.live.release} />], ["Leaves", <LeavesTag key="out" bare={card.highest_out} held={card.held_out} />]]} />
              ) : (
                <p className="muted">No version is live. A draft is submitted, approved and activated first.</p>
              )}
            </Panel>
          </>
        }
      >
        {stopping && stops && card.live ? <StopFlow name={card.name} release={card.live.release} version={card.live.sequence} onClose={() => void navigate({ to: ".", search: {}, replace: true })} /> : null}
        {card.live && releases.data ? <Stopped rows={releases.data} release={card.live.release} /> : null}
        <Counted card={card} />
        <div className={classes.picture}><FlowPicture src={`/api/v1/flows/${encodeURIComponent(card.id)}/picture.svg`} alt={`${card.name}: steps and wires`} /></div>
        <Section title="Versions">
          <Loaded query={releases} what="The versions" rows={3}>
            {(rows) => (
              <DataTable
                caption="Sealed versions of this flow"
                columns={COLUMNS}
                rows={rows}
                rowKey={(row) => row.release}
                onOpen={(row) => { if (row.review) void navigate({ to: "/reviews/$review", params: { review: row.review } }); else window.open(row.desk, "_blank", "noopener"); }}
                empty={<EmptyState title="No version yet" why="When a draft is handed in, its bytes are fixed; every version stands here with who made, approved and activated it." />}
              />
            )}
          </Loaded>
        </Section>
      </Split>
    </Page>
  );
}

/** A system and its address. */
function Place({ end }: { end: End }) {
  return (
    <span className={classes.end} title={`${end.title}: connection ${end.connection}`}>
      <span>{end.system}</span>
      <code>{end.address}</code>
      <span className="muted">{end.protocol} {TRANSPORTS[end.transport]}</span>
    </span>
  );
}

/** Who revoked the version that was activated, and why: everybody who meets it reads that. */
function Stopped({ rows, release }: { rows: readonly ReleaseCard[]; release: string }) {
  const found = rows.find((row) => row.release === release)?.signatures.find((each) => each.act === "revoked");
  return found ? <p className={classes.stopped} role="status"><Revoked signed={found} /></p> : null;
}

function Revoked({ signed }: { signed: ReleaseCard["signatures"][number] }) {
  return <span className={classes.why}>Revoked by {signed.person}, <span className={classes.tight}><Time at={signed.at} form="full" />:</span> {signed.why}</span>;
}

/** The ledger of the flow, once a second while somebody looks. */
function Counted({ card }: { card: FlowCard }) {
  const [counters, setCounters] = useState(card.counters);
  const handlers = useMemo(() => ({ flow: (hint: FlowHint) => { if (hint.id === card.id && hint.counters) setCounters(hint.counters); } }), [card.id]);
  useRoom(card.live ? `flow:${card.id}` : null, handlers);
  if (!counters) return null;
  const cells = [
    ["received", counters.received], ["delivered", counters.delivered], ["ended on purpose", counters.filtered],
    ["on their way", counters.in_flight], ["held", counters.parked], ["open cases", counters.open_cases],
  ] as const;
  return (
    <div className={classes.counters} role="group" aria-label="Counters">
      {cells.map(([label, value]) => (
        <span key={label} className={classes.counter}>
          <span className={classes.value} data-tone={(label === "held" || label === "open cases") && value > 0 ? "warn" : undefined}>{number(value)}</span>
          <span className={classes.label}>{label}</span>
        </span>
      ))}
    </div>
  );
}

const RELEASE_STATES: Record<ReleaseCard["state"], readonly [Tone, string]> = {
  sealed: ["waiting", "Handed in"], approved: ["ok", "Approved"], live: ["live", "Live"], stopped: ["paused", "Stopped"], revoked: ["bad", "Revoked"], "set-aside": ["none", "Set aside"],
};
/** Signatures of one kind: who, and when. */
function Signed({ row, act }: { row: ReleaseCard; act: ReleaseCard["signatures"][number]["act"] }) {
  const found = row.signatures.filter((each) => each.act === act);
  if (found.length === 0) return <span className="muted">{act === "approved" ? "nobody yet" : "–"}</span>;
  return <span className={classes.signed}>{found.map((each) => <span key={`${each.person} ${String(each.at)}`}>{each.person} <span className="muted"><Time at={each.at} form="full" /></span></span>)}</span>;
}

/** Who let it run, and who ended that, with the reason. */
function Ran({ row }: { row: ReleaseCard }) {
  return (
    <span className={classes.signed}>
      <Signed row={row} act="activated" />
      {row.signatures.filter((each) => each.act === "revoked").map((each) => <Revoked key={`${each.person} ${String(each.at)}`} signed={each} />)}
    </span>
  );
}

/** A version keeps its number when a newer one takes its place. */
function numbered(row: ReleaseCard): number | null {
  return row.sequence ?? row.signatures.findLast((each) => each.act === "activated")?.sequence ?? null;
}

function stateOf(row: ReleaseCard): readonly [Tone, string] {
  return row.state === "approved" && numbered(row) !== null ? ["none", "Replaced"] : RELEASE_STATES[row.state];
}

const COLUMNS: readonly Column<ReleaseCard>[] = [
  { id: "state", header: "State", lead: true, width: "100px", cell: (row) => <Mark tone={stateOf(row)[0]}>{stateOf(row)[1]}</Mark> },
  { id: "sequence", header: "Version", align: "end", width: "70px", cell: (row) => numbered(row) ?? <span className="muted">–</span> },
  {
    id: "ways", header: "What was signed", width: "180px", cell: (row) => (
      <span className={classes.signed}>
        <a href={row.desk} target="_blank" rel="noreferrer" tabIndex={-1}>Release on the desk</a>
        {row.review ? <Link to="/reviews/$review" params={{ review: row.review }} tabIndex={-1}>Review</Link> : null}
        <Digest value={row.release} />
      </span>
    ),
  },
  { id: "sealed", header: "Handed in", cell: (row) => <span className={classes.signed}><span>{row.authors.join(", ")} <span className="muted"><Time at={row.made} form="full" /></span></span></span> },
  { id: "approvers", header: "Approved by", cell: (row) => <Signed row={row} act="approved" /> },
  { id: "activator", header: "Activated by", cell: (row) => <Ran row={row} /> },
];

function owner(name: string | null): React.ReactNode {
  return name ? plain(name) : <Mark tone="warn">nobody</Mark>;
}
