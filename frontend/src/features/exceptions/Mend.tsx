/** Mend the cause, see what a replay would do, replay. A second Enter while one is on its way sends nothing. */
import { useMemo, useState } from "react";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Cause, CauseCard, ReplayAnswer } from "@/lib/api/work";
import { useCommands, type Command } from "@/lib/commands";
import { useOnce } from "@/lib/once";
import { useMay } from "@/lib/session";
import { count } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Keys } from "@/ui/Keys";
import { Mark } from "@/ui/Mark";
import { Section } from "@/ui/Page";
import { announce, failed } from "@/ui/toasts";
import { planReplay, replay } from "@/features/exceptions/api";
import classes from "@/features/exceptions/Exceptions.module.css";

export function Mend({ cause }: { cause: Cause }) {
  const { card } = cause;
  const may = useMay("case.replay");
  const [answer, setAnswer] = useState<ReplayAnswer | null>(null);
  const open = card.state !== "resolved";
  const plan = useOnce(async () => {
    try {
      const said = await planReplay(card.group);
      setAnswer(said);
      announce(said.sentence);
    } catch (error) {
      failed(error);
    }
  });
  const go = useOnce(async () => {
    try {
      const said = await replay(card.group);
      setAnswer(said);
      announce(said.sentence);
    } catch (error) {
      failed(error);
    }
  });
  const ready = answer?.dry_run === true && answer.post + answer.end > 0;
  const { run: runPlan } = plan;
  const { run: runGo } = go;
  const commands = useMemo<Command[]>(
    () => [{ id: "cause.replay", title: ready ? "Replay" : "See what a replay would do", group: "This page", keys: ["r"], enabled: () => may && open, run: () => void (ready ? runGo() : runPlan()) }],
    [ready, may, open, runPlan, runGo],
  );
  useCommands(commands);
  const sent = answer !== null && !answer.dry_run;
  return (
    <>
      <div className={classes.mend}>
        <section className={classes.stage} aria-label="Mend">
          <h2>1. Mend it</h2>
          <p>{card.fix.sentence}</p>
          {card.fix.key.length > 0 ? <p className={classes.small}>{card.key_names.join(", ")} <code className={classes.key}>{card.fix.key.join(" · ")}</code></p> : null}
          <div className={classes.buttons}><Fix card={card} /></div>
        </section>
        <section className={classes.stage} aria-label="Replay" data-done={!open || undefined}>
          <h2>2. Replay {open ? count(card.cases, "case") : ""}</h2>
          {!open ? <Mark tone="ok">Every case of this cause is resolved</Mark> : null}
          {open && !answer ? <p className="muted">First see what would happen with the masters as they stand now. Nothing is sent by that.</p> : null}
          {answer ? <p aria-live="polite">{answer.sentence}</p> : null}
          {sent ? <Progress answer={answer} cause={cause} /> : null}
          {open ? (
            <div className={classes.buttons}>
              <Button variant={ready ? "default" : "filled"} loading={plan.busy} disabled={!may} onClick={() => void runPlan()}>
                {answer ? "Look again" : "See what would happen"}
              </Button>
              {ready ? (
                <Button loading={go.busy} disabled={!may} onClick={() => void runGo()}>
                  Replay {count(answer.cases, "case")}
                </Button>
              ) : null}
            </div>
          ) : null}
          {open && !may ? <p className={classes.small}>Operators and stewards replay. You may look.</p> : null}
          {open && may ? <p className={classes.small}><Keys keys="r" /> does the next of these. Each line is posted once, however often it is asked for.</p> : null}
        </section>
      </div>
      {answer && answer.lines.length > 0 ? (
        <Section title={answer.dry_run ? "What would happen" : "What happened"} aside={answer.snapshots ? <code>{answer.snapshots}</code> : null}>
          <DataTable caption="Lines of the replay" columns={LINES} rows={answer.lines} rowKey={(row) => String(row.posting)} />
        </Section>
      ) : null}
    </>
  );
}

/** How many of the replayed cases are through; the page asks again by itself. */
function Progress({ answer, cause }: { answer: ReplayAnswer; cause: Cause }) {
  const left = cause.card.state === "resolved" ? 0 : cause.members.filter((each) => each.state === "open").length + cause.more;
  const total = Math.max(answer.cases, left);
  const done = total - left;
  return (
    <>
      <progress className={classes.bar} max={total} value={done} aria-label="Cases resolved" />
      <p className={classes.small}>{done} of {count(total, "case")} resolved{left > 0 && answer.park > 0 ? `; ${String(answer.park)} stopped again` : ""}</p>
    </>
  );
}

function Fix({ card }: { card: CauseCard }) {
  const { fix, group, flows } = card;
  const flow = flows[0];
  if (fix.master !== null && fix.master && (fix.kind === "add-row" || fix.kind === "add-unit")) {
    return <Button component={Link} to={`/masters/${fix.master}?tab=unmapped&cause=${group}`} variant="default">{fix.kind === "add-row" ? "Add the row" : "Add the unit"} in {fix.master}</Button>;
  }
  if (fix.kind === "change-flow" && flow) return <Button component={Link} to={`/flows/${flow}`} variant="default">Open the flow</Button>;
  if (fix.kind === "activate") return <Button component={Link} to="/reviews" variant="default">Open the reviews</Button>;
  return <p className={classes.small}>{fix.kind === "report" ? "Nothing here mends it: report it." : "It is mended on the other side; replay when they say so."}</p>;
}

type Line = ReplayAnswer["lines"][number];
const OUTCOMES: Record<Line["outcome"], React.ReactNode> = {
  post: <Mark tone="ok">Is sent</Mark>, park: <Mark tone="warn">Stops again</Mark>, end: <Mark tone="none">Ends on purpose</Mark>,
};
const LINES: readonly Column<Line>[] = [
  { id: "message", header: "Message", width: "110px", cell: (row) => <Link to="/messages/$message" params={{ message: String(row.message) }} tabIndex={-1}>{row.message}</Link> },
  { id: "item", header: "Line", minor: true, width: "96px", cell: (row) => (row.item ? <code className={classes.tight}>{row.item}</code> : <span className="muted">whole</span>) },
  { id: "outcome", header: "Outcome", sort: (row) => row.outcome, cell: (row) => OUTCOMES[row.outcome] },
  { id: "to", header: "To", cell: (row) => (row.connection ? `${row.connection} · ${row.operation}` : (row.sentence || row.reason || row.step)) },
];
