/** What runs now: traffic, speed, what waits and what is held, flow by flow. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { monitorQuery, type FlowNow, type Monitor } from "@/lib/api/work";
import { HEALTH, inTrouble, PARTS, WORST_FIRST } from "@/ui/health";
import { delivered } from "@/lib/stretches";
import { lastings, number } from "@/lib/words";
import { Choice, oneOf } from "@/ui/Choice";
import { DataTable, type Column } from "@/ui/DataTable";
import { KeyValues } from "@/ui/KeyValues";
import { Mark } from "@/ui/Mark";
import { Page, Section } from "@/ui/Page";
import { Sparkline } from "@/ui/Sparkline";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import classes from "@/features/monitor/Monitor.module.css";

const route = getRouteApi("/shell/monitor");
const WINDOWS = [["hour", "Last hour"], ["day", "Last day"]] as const;
const WHICH = [["all", "All"], ["unwell", "In trouble"]] as const;
type Span = (typeof WINDOWS)[number][0];

export function MonitorPage() {
  const navigate = useNavigate({ from: "/monitor" });
  const search = route.useSearch();
  const span = oneOf<Span>(search["window"], WINDOWS);
  const which = oneOf<"all" | "unwell">(search["which"], WHICH);
  const query = useQuery(monitorQuery(span));
  const stale = query.error !== null && query.data !== undefined;
  return (
    <Page
      title="Monitor"
      lead={query.data?.sentence ?? "What flows now."}
      marks={stale ? <Mark tone="warn">Live paused; the last figures are shown</Mark> : null}
      bar={
        <>
          <Choice<Span> label="Time" value={span} options={WINDOWS} onChange={(to) => void navigate({ search: (old) => ({ ...old, window: to === "hour" ? undefined : to }) })} />
          <Choice<"all" | "unwell"> label="Which flows" value={which} options={WHICH} onChange={(to) => void navigate({ search: (old) => ({ ...old, which: to === "all" ? undefined : to }) })} />
        </>
      }
    >
      <Loaded query={query} what="The monitor">
        {(now) => (
          <>
            {!now.answers || now.problems.length > 0 ? (
              <div className={classes.problem} role="status">
                {!now.answers ? <p>{now.sentence}</p> : null}
                {now.problems.length > 0 ? <ul>{now.problems.map((each) => <li key={each}>{each}</li>)}</ul> : null}
              </div>
            ) : null}
            <DataTable
              caption="Flows as they run" columns={columns(span, now)} rows={now.flows.filter((each) => which === "all" || inTrouble(each))} rowKey={(row) => row.flow}
              onOpen={(row) => void navigate({ to: "/flows/$flow", params: { flow: row.flow }, search: {} })}
              empty={<EmptyState title={which === "unwell" && now.flows.length > 0 ? "Every flow is well" : "Nothing is live"} why={which === "unwell" && now.flows.length > 0 ? "No flow is slow, failing or not running. Cases that wait for a person are counted beside each flow." : "A flow runs once its release is approved and an operator has activated it on the desk."} />}
            />
            <Section title="Runtime">
              <div className={classes.narrow}><KeyValues
                items={[
                  ["Answers", now.answers ? <Mark key="yes" tone="ok">yes</Mark> : <Mark key="no" tone="bad">no</Mark>],
                  ["Since", now.started === null ? "unknown" : <Time key="since" at={now.started} form="full" />],
                  ["Version", now.version],
                  ["Environment", `${now.environment}, ${now.label} data`],
                  ["Masters", Object.entries(now.masters).map(([name, step]) => `${name} step ${String(step)}`).join(", ") || "none"],
                ]}
              /></div>
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}


/** The line with its scale: a line alone says nothing of how much. */
function Course({ values, span, part }: { values: readonly (number | null)[]; span: Span; part: string }) {
  const most = Math.max(0, ...values.map((each) => each ?? 0));
  return (
    <span className={classes.two}>
      <Sparkline values={values} label={`Delivered in the last ${span}`} each={part} width={120} />
      <span className={classes.sub}>{`at most ${number(most)} a ${part}`}</span>
    </span>
  );
}

function columns(span: Span, now: Monitor): readonly Column<FlowNow>[] {
  const [parts, part] = PARTS[span];
  return [
    { id: "flow", header: "Flow", width: "24%", least: "190px", lead: true, sort: (row) => row.name, cell: (row) => <span className={classes.two}><Link to="/flows/$flow" params={{ flow: row.flow }} tabIndex={-1} className={classes.name}>{row.name}</Link><span className={classes.sub}>{row.state === "running" || row.health === "off" ? row.health_sentence : row.sentence || row.health_sentence}</span></span> },
    { id: "health", header: "Health", width: "104px", plain: true, sort: (row) => WORST_FIRST.indexOf(row.health), cell: (row) => <Mark tone={HEALTH[row.health][0]}>{HEALTH[row.health][1]}</Mark> },
    { id: "in", header: "In / min", align: "end", sort: (row) => row.minute.accepted, cell: (row) => number(row.minute.accepted) },
    { id: "out", header: "Out / min", align: "end", sort: (row) => row.minute.delivered, cell: (row) => number(row.minute.delivered) },
    { id: "again", header: span === "hour" ? "Again / hour" : "Again / day", align: "end", minor: true, sort: (row) => row.window.deferred, cell: (row) => number(row.window.deferred) },
    { id: "cases", header: "Cases", align: "end", sort: (row) => row.open_cases, cell: (row) => (row.open_cases > 0 ? <Link to="/exceptions" search={{}} tabIndex={-1}>{number(row.open_cases)}</Link> : "0") },
    { id: "held", header: "Held", align: "end", sort: (row) => row.parked, cell: (row) => (row.parked > 0 ? <Mark tone="warn">{number(row.parked)}</Mark> : "0") },
    { id: "line", header: span === "hour" ? "Delivered, last hour" : "Delivered, last day", minor: true, cell: (row) => <Course values={delivered(row.points, now, parts)} span={span} part={part} /> },
    { id: "sum", header: "Sum", align: "end", minor: true, sort: (row) => row.window.delivered, cell: (row) => number(row.window.delivered) },
    { id: "refused", header: "Refused", align: "end", minor: true, sort: (row) => row.window.refused, cell: (row) => number(row.window.refused) },
    { id: "way", header: "On its way", align: "end", minor: true, sort: (row) => row.in_flight + row.waiting, cell: (row) => number(row.in_flight + row.waiting) },
    { id: "p95", header: "Took p50 / p95", align: "end", minor: true, sort: (row) => row.p95 ?? 0, cell: (row) => (row.p50 === null || row.p95 === null ? <span className="muted">–</span> : <span className={classes.tight}>{lastings(row.p50, row.p95)}</span>) },
    { id: "last", header: "Last", minor: true, sort: (row) => -(row.last_received ?? 0), cell: (row) => (row.last_received === null ? <span className="muted">never</span> : <span className={classes.tight}><Time at={row.last_received} form="clock" /></span>) },
  ];
}
