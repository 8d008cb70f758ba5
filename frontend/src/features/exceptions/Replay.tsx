/** See what a replay would do, then replay. A second Enter while one is on its way sends nothing. */
import { useMemo, useState } from "react";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReplayAnswer } from "@/lib/api/work";
import { useCommands, type Command } from "@/lib/commands";
import { useOnce } from "@/lib/once";
import { useMay } from "@/lib/session";
import { count } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Keys } from "@/ui/Keys";
import { Mark } from "@/ui/Mark";
import { Section } from "@/ui/Page";
import { announce, failed } from "@/ui/toasts";
import { planReplay, replay, type Target } from "@/features/exceptions/api";
import { Became } from "@/features/exceptions/Became";
import classes from "@/features/exceptions/Exceptions.module.css";

export interface Replaying {
  answer: ReplayAnswer | null;
  plan: () => void;
  go: () => void;
  planning: boolean;
  going: boolean;
  /** No answer came to a replay: what of it was done is not known here. */
  broke: boolean;
  /** Something would be sent, or would end, by a replay. */
  ready: boolean;
}

/** One replay's state: what was said last, and the acts. `r` does the next of them. */
export function useReplay(target: Target, open: boolean): Replaying {
  const may = useMay("case.replay");
  const [answer, setAnswer] = useState<ReplayAnswer | null>(() => kept(target));
  const [broke, setBroke] = useState(false);
  const told = async (asked: Promise<ReplayAnswer>) => {
    try {
      const said = await asked;
      setAnswer(said);
      if (!said.dry_run) keep(target, said);
      setBroke(false);
      announce(said.sentence);
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  };
  const plan = useOnce(() => told(planReplay(target)));
  const go = useOnce(async () => {
    if (await told(replay(target))) return;
    setAnswer(null); // what was foretold may be done in part
    setBroke(true);
  });
  const ready = answer?.dry_run === true && answer.post + answer.end > 0;
  const { run: runPlan } = plan;
  const { run: runGo } = go;
  const commands = useMemo<Command[]>(
    () => [{ id: "cause.replay", title: ready ? "Replay" : "See what a replay would do", group: "This page", keys: ["r"], enabled: () => may && open, run: () => void (ready ? runGo() : runPlan()) }],
    [ready, may, open, runPlan, runGo],
  );
  useCommands(commands);
  return { answer, plan: () => void runPlan(), go: () => void runGo(), planning: plan.busy, going: go.busy, broke, ready };
}

/** What was replayed in this tab stays beside its cause while it is looked at elsewhere, or loaded again. */
function keep(target: Target, answer: ReplayAnswer): void {
  sessionStorage.setItem(placeOf(target), JSON.stringify(answer));
}

function kept(target: Target): ReplayAnswer | null {
  const text = sessionStorage.getItem(placeOf(target));
  return text === null ? null : (JSON.parse(text) as ReplayAnswer);
}

function placeOf(target: Target): string {
  return `lockgate.replayed.${"group" in target ? target.group : String(target.number)}`;
}

interface StageProps {
  replaying: Replaying;
  open: boolean;
  /** Nothing of it is held any more: its lines are on their way, whoever replayed them. */
  going: boolean;
  /** `3 cases`, `this case`. */
  what: string;
  /** Said where nothing is open any more. */
  over: string;
  /** Something else is to be done first. */
  second?: boolean;
  /** The cause that it is about. */
  group: string;
}

export function ReplayStage({ replaying, open, going, what, over, second = false, group }: StageProps) {
  const may = useMay("case.replay");
  const { answer, ready } = replaying;
  return (
    <section className={classes.stage} aria-label="Replay" data-done={!open || undefined}>
      <h2>2. Replay {open ? what : ""}</h2>
      {open ? null : <Mark tone="ok">{over}</Mark>}
      {open && replaying.broke ? <p><Mark tone="warn">The replay broke off</Mark> Part of it may be on its way. Look again, then replay: each line is posted once.</p> : null}
      {open && going && !answer ? <p><Mark tone="info">On their way</Mark> Nothing of it is held any more: its lines were replayed, and its cases close by themselves as they are posted.</p> : null}
      {open && !going && !answer && !replaying.broke ? <p className="muted">First see what would happen with the masters as they stand now. Nothing is sent by that.</p> : null}
      {answer?.dry_run ? <p aria-live="polite">{answer.sentence}</p> : null}
      {answer && !answer.dry_run ? <Became answer={answer} group={group} /> : null}
      {open ? (
        <div className={classes.buttons}>
          <Button variant={ready || going || (second && !answer) ? "default" : "filled"} loading={replaying.planning} disabled={!may} onClick={replaying.plan}>
            {answer ? "Look again" : "See what would happen"}
          </Button>
          {ready && answer ? (
            <Button loading={replaying.going} disabled={!may} onClick={replaying.go}>
              Replay {count(answer.cases, "case")}
            </Button>
          ) : null}
        </div>
      ) : null}
      {open && !may ? <p className={classes.small}>Operators and stewards replay. You may look.</p> : null}
      {open && may ? <p className={classes.small}><span className={classes.typed}><Keys keys="r" /> does the next of these. </span>Each line is posted once, however often it is asked for.</p> : null}
    </section>
  );
}

/** What became, or would become, of each line. What they have in common is said once. */
export function ReplayLines({ answer }: { answer: ReplayAnswer | null }) {
  if (!answer || answer.lines.length === 0) return null;
  const reasons = [...new Set(answer.lines.map((line) => line.sentence).filter(Boolean))];
  return (
    <Section title={answer.dry_run ? "What would happen" : "What happened"} aside={answer.snapshots ? `Masters: ${answer.snapshots.replaceAll("=", " step ").replaceAll(" ", "\u00a0").replaceAll(/(\d)\u00a0/g, "$1, ")}` : null}>
      {reasons.map((each) => (
        <p key={each} className={classes.small}>
          {count(answer.lines.filter((line) => line.sentence === each).length, "line")}: {each}
        </p>
      ))}
      <DataTable caption="Lines of the replay" columns={answer.dry_run ? FORETOLD : LINES} rows={answer.lines} rowKey={(row) => String(row.posting)} />
    </Section>
  );
}

type Line = ReplayAnswer["lines"][number];
const OUTCOMES: Record<Line["outcome"], React.ReactNode> = {
  post: <Mark tone="ok">Is sent</Mark>, park: <Mark tone="warn">Is held again</Mark>, end: <Mark tone="none">Ends on purpose</Mark>,
};
const WOULD: Record<Line["outcome"], React.ReactNode> = {
  post: <Mark tone="ok">Would be sent</Mark>, park: <Mark tone="warn">Would be held again</Mark>, end: <Mark tone="none">Would end on purpose</Mark>,
};
const LINES: readonly Column<Line>[] = [
  { id: "message", header: "Message", width: "110px", cell: (row) => <Link to="/messages/$message" params={{ message: String(row.message) }} tabIndex={-1}>{row.message}</Link> },
  { id: "item", header: "Line", width: "120px", cell: (row) => (row.item ? <code className={classes.tight}>{row.item}</code> : <span className="muted">whole</span>) },
  { id: "outcome", header: "Outcome", sort: (row) => row.outcome, cell: (row) => OUTCOMES[row.outcome] },
  { id: "to", header: "To", minor: true, cell: (row) => (row.outcome === "post" ? `${row.system} · ${row.operation}` : <span className="muted">stays here</span>) },
];
/** The same lines before anything is sent. */
const FORETOLD: readonly Column<Line>[] = LINES.map((each) => (each.id === "outcome" ? { ...each, cell: (row) => WOULD[row.outcome] } : each));
