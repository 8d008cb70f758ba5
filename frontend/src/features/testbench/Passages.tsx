/** Before and after of one step, record by record; or the bodies that would be sent. */
import { Mark, type Tone } from "@/ui/Mark";
import { Masked } from "@/ui/Masked";
import { SensitivityTag } from "@/ui/Sensitivity";
import { EmptyState } from "@/ui/States";
import { POSTINGS } from "@/features/testbench/StepList";
import { showValue, type Given, type Passage, type Row, type Run } from "@/features/testbench/api";
import classes from "@/features/testbench/TestBench.module.css";

const HOW: Record<Passage["how"], readonly [Tone, string]> = {
  on: ["ok", "goes on"], posted: ["ok", "would be sent"], parked: ["warn", "is held"], filter: ["none", "ends on purpose"], "reject-line": ["warn", "the line is rejected"],
};

interface PassagesProps {
  draft: string;
  given: Given;
  run: Run;
  step: string | null;
}

export function Passages({ draft, given, run, step }: PassagesProps) {
  const reveal = (at: string, record: number, side: "before" | "after" | "body") => (run.may_reveal ? (path: string) => (reason: string) => showValue(draft, given, { step: at, record, side, path }, reason) : null);
  if (step === POSTINGS) {
    if (run.postings.length === 0) return <EmptyState title="Nothing would be sent" why={run.sentence} />;
    return (
      <div className={classes.column}>
        {run.postings.map((each, index) => (
          <section key={index} className={classes.passage} aria-label={`Posting ${String(index + 1)}`}>
            <p className={classes.head}><strong>{each.connection} · {each.operation}</strong>{each.item ? <code>{each.item}</code> : null}</p>
            <Table before={[]} after={each.body.rows} changed={[]} body more={each.body.more} reveal={{ before: null, after: reveal(each.step, run.postings.filter((other, place) => place < index && other.step === each.step).length, "body") }} />
          </section>
        ))}
      </div>
    );
  }
  const found = run.steps.find((each) => each.step === step);
  if (!found) return <EmptyState title="Choose a step" why="Its records before and after stand here." />;
  if (found.records.length === 0) return <EmptyState title="Nothing came to this step" why={run.sentence} />;
  return (
    <div className={classes.column}>
      {found.records.map((passage, index) => (
        <section key={index} className={classes.passage} aria-label={`Record ${String(index + 1)}`}>
          <p className={classes.head}>
            <strong>{passage.item || "The message"}</strong>
            <Mark tone={HOW[passage.how][0]}>{HOW[passage.how][1]}</Mark>
            <span className={classes.small}>{passage.changed.length === 0 ? "unchanged" : `${String(passage.changed.length)} changed`}</span>
            {passage.stop ? <span>{passage.stop.sentence || passage.stop.reason}</span> : null}
          </p>
          {passage.stop && passage.after.rows.length === 0 ? (
            <Table body before={[]} after={passage.before.rows} changed={[]} more={passage.before.more} reveal={{ before: null, after: reveal(found.step, index, "before") }} />
          ) : (
          <Table before={passage.before.rows} after={passage.after.rows} changed={passage.changed} more={passage.after.more + passage.before.more} reveal={{ before: reveal(found.step, index, "before"), after: reveal(found.step, index, "after") }} />
          )}
        </section>
      ))}
      {found.more > 0 ? <p className={classes.small}>{found.more} more records are not shown.</p> : null}
    </div>
  );
}

type Ask = ((path: string) => (reason: string) => Promise<string>) | null;

interface TableProps {
  before: readonly Row[];
  after: readonly Row[];
  changed: readonly string[];
  more: number;
  body?: boolean;
  reveal: { before: Ask; after: Ask };
}

/** Both sides in one table, a line a field: what is gone or new stands beside nothing. */
function Table({ before, after, changed, more, body = false, reveal }: TableProps) {
  const was = new Map(before.map((row) => [row.path, row]));
  const now = new Map(after.map((row) => [row.path, row]));
  const differs = new Set(changed);
  const paths = [...new Set([...before, ...after].map((row) => row.path))].sort((a, b) => Number(differs.has(b)) - Number(differs.has(a)));
  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard */}
      <div className={classes.frame} role="region" aria-label="Fields" tabIndex={0}>
        <table className={classes.rows}>
          <thead>
            <tr><th scope="col">Field</th><th scope="col">Class</th>{body ? null : <th scope="col">Before</th>}<th scope="col">{body ? "Value" : "After"}</th></tr>
          </thead>
          <tbody>
            {paths.map((path) => {
              const row = now.get(path) ?? was.get(path);
              return (
                <tr key={path} data-changed={differs.has(path) || undefined}>
                  <td><code>{path}</code>{row?.name ? <span className={classes.small}> {row.name}</span> : null}</td>
                  <td>{row ? <SensitivityTag level={row.sensitivity} /> : null}</td>
                  {body ? null : <td><Cell row={was.get(path)} ask={reveal.before} /></td>}
                  <td><Cell row={now.get(path)} ask={reveal.after} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {more > 0 ? <p className={classes.small}>{more} more fields are not shown.</p> : null}
    </>
  );
}

function Cell({ row, ask }: { row: Row | undefined; ask: Ask }) {
  if (!row) return <span className="muted">absent</span>;
  return <Masked value={row.value} field={row.path} {...(ask && row.masked ? { onReveal: ask(row.path) } : {})} />;
}
