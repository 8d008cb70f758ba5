/** What waits for the person signed in, by their roles; every number opens the list behind it. */
import { useMemo, useState } from "react";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { causesQuery, draftsQuery, flowsQuery, INBOX, mastersQuery, monitorQuery, reviewsQuery, type CauseCard, type Monitor } from "@/lib/api/work";
import { useCommands, type Command } from "@/lib/commands";
import { useRoom } from "@/lib/live";
import { useMay, useMe } from "@/lib/session";
import { count, number, plain } from "@/lib/words";
import { inTrouble } from "@/ui/health";
import { Mark } from "@/ui/Mark";
import { NewFlow } from "@/ui/NewFlow";
import { Page } from "@/ui/Page";
import { LeavesTag } from "@/ui/Sensitivity";
import { Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { SEVERITY, TIERS } from "@/ui/tones";
import { FlowsAtWork } from "@/features/home/FlowsAtWork";
import { Work, type Item } from "@/features/home/Work";
import classes from "@/features/home/Home.module.css";

export function HomePage() {
  const me = useMe();
  const navigate = useNavigate();
  const draws = useMay("draft.create");
  const [making, make] = useState(false);
  const reviews = useQuery(reviewsQuery("open"));
  const causes = useQuery(causesQuery("open"));
  useRoom("inbox", INBOX);
  const mine = reviews.data?.filter((each) => each.mine) ?? [];
  const first = mine[0];
  const back = useAskedFor().length;
  const worst = causes.data?.groups[0];
  const operates = me.roles.includes("operator");
  const masters = useQuery({ ...mastersQuery, enabled: me.roles.includes("steward") }).data;
  const steps = masters?.filter((each) => each.pending?.mine) ?? [];
  const lacking = [...(masters ?? [])].sort((a, b) => b.unmapped - a.unmapped).find((each) => each.unmapped > 0);
  const commands = useMemo<Command[]>(
    () => [
      ...(draws ? [{ id: "flow.new", title: "New flow", group: "This page", keys: ["n"], run: () => { make(true); } }] : []),
      ...(!draws && first ? [{ id: "review.first", title: "Review next", group: "This page", keys: ["n"], run: () => void navigate({ to: "/reviews/$review", params: { review: first.id } }) }] : []),
    ],
    [draws, first, navigate],
  );
  useCommands(commands);
  return (
    <Page
      title="Home"
      lead={reviews.data && causes.data ? leadOf(mine.length + back + steps.length, worst) : "What waits, and what runs."}
      actions={
        <>
          {lacking ? <Button component={Link} to={`/masters/${lacking.id}?tab=unmapped`}>{lacking.unmapped === 1 ? "Add the missing key" : `Add ${number(lacking.unmapped)} missing keys`}</Button> : null}
          {operates && worst ? <Button component={Link} to={`/exceptions/${worst.group}`} variant={first ? "default" : "filled"}>Open the worst exception</Button> : null}
          {first ? <Button component={Link} to={`/reviews/${first.id}`} variant={draws ? "default" : "filled"}>Review next</Button> : null}
          {draws ? <Button onClick={() => { make(true); }}>New flow</Button> : null}
        </>
      }
    >
      <Strip />
      <div className={classes.columns}>
        <div className={classes.column}>
          <Waiting roles={me.roles} />
        </div>
        <div className={classes.column}>
          <FlowsAtWork />
          {me.roles.includes("analyst") ? <Exceptions /> : null}
        </div>
      </div>
      {making ? <NewFlow onClose={() => { make(false); }} /> : null}
    </Page>
  );
}

/** What to do first. */
function leadOf(mine: number, worst: CauseCard | undefined): string {
  const reviews = mine > 0 ? `${count(mine, "change")} ${mine === 1 ? "waits" : "wait"} for you.` : "";
  if (worst?.fix.stage === "there") return `${reviews} Mended, and waits for a replay: ${worst.title}.`.trim();
  if (worst) return `${reviews} The worst exception: ${worst.title}.`.trim();
  return reviews ? `${reviews} No exception is open.` : "Nothing waits for you, and no exception is open.";
}

/** What comes first hangs on what the person is here for. */
function Waiting({ roles }: { roles: readonly string[] }) {
  const [analyst, first] = [roles.includes("analyst"), roles.includes("steward") || roles.includes("operator")];
  return (
    <>
      {roles.includes("steward") ? <Masters /> : null}
      {first && !analyst ? <Exceptions /> : null}
      {analyst ? <Drafts /> : null}
      <Reviews />
      {first || analyst ? null : <Exceptions />}
    </>
  );
}

function Drafts() {
  const me = useMe();
  const query = useQuery(draftsQuery);
  return (
    <Loaded query={query} what="The drafts" rows={2}>
      {(drafts) => (
        <Work
          title="Drafts"
          all="/flows"
          none="No draft. Begin one with New flow, or from a live flow."
          items={[...drafts].sort((a, b) => Number(b.authors.includes(me.person)) - Number(a.authors.includes(me.person)) || b.saved - a.saved).map((each): Item => ({
            key: each.id, to: `/drafts/${each.id}`, title: each.name,
            sub: <>{each.locked ? "In review" : each.asked_for ? `${each.asked_for.name} asks for changes` : each.pen ? `${each.pen.person === me.person ? "You have" : `${each.pen.name} has`} the pen` : "Nobody is writing"} · saved <Time at={each.saved} /></>,
            aside: (
              <>
                {each.highest_out >= 0 || each.held_out >= 0 ? <LeavesTag bare={each.highest_out} held={each.held_out} /> : null}
                {each.blocks > 0 ? <Mark tone="bad">{count(each.blocks, "blocker")}</Mark> : each.warns > 0 ? <Mark tone="warn">{count(each.warns, "warning")}</Mark> : <Mark tone="ok">Clear</Mark>}
              </>
            ),
          }))}
        />
      )}
    </Loaded>
  );
}

/** The drafts of the person signed in that came back from review with words. */
function useAskedFor() {
  const me = useMe();
  const drafts = useQuery(draftsQuery).data ?? [];
  return drafts.flatMap((each) => (each.asked_for && each.authors.includes(me.person) ? [{ ...each, asked_for: each.asked_for }] : []));
}

function Reviews() {
  const asked = useAskedFor();
  const query = useQuery(reviewsQuery("open"));
  const me = useMe();
  const masters = useQuery({ ...mastersQuery, enabled: me.roles.includes("steward") }).data ?? [];
  const steps = masters.flatMap(({ id, title, pending }) => (pending?.mine ? [{ id, title, pending }] : []));
  return (
    <Loaded query={query} what="The reviews" rows={2}>
      {(reviews) => (
        <>
          <Work
            title="Waits for you"
            all="/reviews?state=mine"
            none="Nothing waits for your signature or your answer."
            items={[...asked.map((each): Item => ({ key: each.id, to: `/drafts/${each.id}`, title: `${each.asked_for.name} asks for changes: ${each.name}`, sub: each.asked_for.text, aside: <><Mark tone="warn">Sent back</Mark><Time at={each.asked_for.at} /></> })), ...steps.map((each): Item => ({ key: `master ${each.id}`, to: `/masters/${each.id}?tab=steps`, title: `Sign step ${String(each.pending.sequence)} of ${each.title}`, sub: each.pending.reason || "A change of the master waits for your signature.", aside: <><Mark tone="waiting">{`${String(each.pending.signed.length)} of ${String(each.pending.needed)} signed`}</Mark>{each.pending.at === null ? null : <Time at={each.pending.at} />}</> })), ...reviews.filter((each) => each.mine).map((each) => ({ key: each.id, to: `/reviews/${each.id}`, title: each.name, sub: each.sentence, aside: <><Mark tone={TIERS[each.tier][0]}>{TIERS[each.tier][1]}</Mark><Time at={each.at} /></> }))]}
          />
          <Work
            title="Waits for others"
            all="/reviews"
            none="No other change is in review."
            items={reviews.filter((each) => !each.mine).map((each) => ({ key: each.id, to: `/reviews/${each.id}`, title: each.name, sub: each.summary, aside: <><span>{each.approvals} of {each.needed} signed</span><Time at={each.at} /></> }))}
          />
        </>
      )}
    </Loaded>
  );
}

function Exceptions() {
  const query = useQuery(causesQuery("open"));
  return (
    <Loaded query={query} what="The exceptions" rows={2}>
      {({ groups }) => (
        <Work
          title="Exceptions"
          all="/exceptions"
          none="No open exceptions."
          items={groups.map((each) => ({ key: each.group, to: `/exceptions/${each.group}`, title: each.title, sub: `${each.flow_names.join(", ")} · ${each.taken ? `${each.taken.name} is at it` : plain(each.owner)}`, aside: <><Mark tone={SEVERITY[each.severity][0]}>{count(each.cases, "case")}</Mark>{each.overdue ? <span className={classes.overdue}>overdue</span> : null}<Time at={each.first} /></> }))}
        />
      )}
    </Loaded>
  );
}

function Masters() {
  const query = useQuery(mastersQuery);
  return (
    <Loaded query={query} what="The masters" rows={2}>
      {(masters) => (
        <Work
          title="Masters"
          all="/masters"
          none="No master is loaded."
          items={[...masters].sort((a, b) => b.unmapped - a.unmapped).map((each) => ({
            key: each.id, to: each.unmapped > 0 ? `/masters/${each.id}?tab=unmapped` : `/masters/${each.id}`, title: each.title, sub: each.sentence,
            aside: <>{each.pending ? <Mark tone="waiting">waits for signatures</Mark> : null}{each.unmapped > 0 ? <Mark tone="warn">{count(each.unmapped, "key")} missing</Mark> : <Mark tone="ok">complete</Mark>}</>,
          }))}
        />
      )}
    </Loaded>
  );
}

/** The state of things in five numbers. */
function Strip() {
  const flows = useQuery(flowsQuery).data;
  const now = useQuery(monitorQuery("hour")).data;
  const causes = useQuery(causesQuery("open")).data;
  if (!flows || !now || !causes) return null;
  const overdue = causes.groups.filter((each) => each.overdue).length;
  const troubled = now.flows.filter(inTrouble);
  const broken = troubled.some((each) => each.health === "failing" || each.health === "stopped");
  return (
    <nav className={classes.strip} aria-label="In numbers">
      <Figure to="/flows?state=live" value={`${number(flows.filter((each) => each.state === "live").length)} of ${number(flows.length)}`} label="flows live" />
      <Figure to="/monitor" value={now.answers ? number(sum(now, "delivered")) : "unknown"} label="delivered in the last minute" tone={now.answers ? undefined : "warn"} />
      <Figure to="/monitor?which=unwell" value={now.answers ? number(troubled.length) : "unknown"} label={`${troubled.length === 1 ? "flow" : "flows"} slow, failing or not running`} tone={broken ? "bad" : troubled.length > 0 ? "warn" : undefined} />
      <Figure to="/exceptions" value={number(causes.open_cases)} label={causes.open_cases === 1 ? "open case" : "open cases"} tone={causes.groups.some((each) => each.severity === "high") ? "bad" : undefined} />
      <Figure to="/exceptions" value={number(overdue)} label={overdue === 1 ? "cause overdue" : "causes overdue"} tone={overdue > 0 ? "bad" : undefined} />
    </nav>
  );
}

function Figure({ to, value, label, tone }: { to: string; value: string; label: string; tone?: "bad" | "warn" | undefined }) {
  return (
    <Link to={to} className={classes.number}>
      <span className={classes.big} data-tone={tone}>{value}</span>
      <span className={classes.label}>{label}</span>
    </Link>
  );
}

function sum(now: Monitor, what: "delivered" | "parked"): number {
  return now.flows.reduce((all, each) => all + each.minute[what], 0);
}
