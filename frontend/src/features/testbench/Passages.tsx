/** Before and after of one step, record by record; or the bodies that would be sent. */
import { Mark, type Tone } from "@/ui/Mark";
import { Masked } from "@/ui/Masked";
import { Protections, SensitivityTag } from "@/ui/Sensitivity";
import { EmptyState } from "@/ui/States";
import { Fold } from "@/features/testbench/Fold";
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
            <Fold open={run.postings.length <= FEW || index === 0} head={<span className={classes.head}><strong>{each.connection} · {each.operation}</strong>{each.item ? <code>{each.item}</code> : null}</span>}>
              {() => <Table before={[]} after={each.body.rows} changed={[]} body more={each.body.more} reveal={{ before: null, after: reveal(each.step, run.postings.filter((other, place) => place < index && other.step === each.step).length, "body") }} />}
            </Fold>
          </section>
        ))}
      </div>
    );
  }
  const found = run.steps.find((each) => each.step === step);
  if (!found) return <EmptyState title="Choose a step" why="Its records before and after stand here." />;
  if (found.records.length === 0) return <EmptyState title="Nothing came to this step" why={run.sentence} />;
  const first = Math.max(0, found.records.findIndex((passage) => passage.stop));
  return (
    <div className={classes.column}>
      {found.records.map((passage, index) => (
        <section key={index} className={classes.passage} aria-label={`Record ${String(index + 1)}`}>
          <Fold open={found.records.length <= FEW || index === first} head={<RecordHead passage={passage} />}>
            {() =>
              passage.stop && passage.after.rows.length === 0 ? (
                <Table body before={[]} after={passage.before.rows} changed={[]} more={passage.before.more} reveal={{ before: null, after: reveal(found.step, index, "before") }} />
              ) : (
                <Table body={passage.before.rows.length === 0} gone={goneOf(passage)} before={passage.before.rows} after={passage.after.rows} changed={passage.changed} more={passage.after.more + passage.before.more} reveal={{ before: reveal(found.step, index, "before"), after: reveal(found.step, index, "after") }} />
              )
            }
          </Fold>
        </section>
      ))}
      {found.more > 0 ? <p className={classes.small}>{found.more} more records are not shown.</p> : null}
    </div>
  );
}

/** So many records stand open below each other; of more, one does, and the others open as they are asked for. */
const FEW = 2;
/** So many fields alike are listed at once; more are folded away behind their number. */
const SHORT = 12;

function RecordHead({ passage }: { passage: Passage }) {
  return (
    <span className={classes.head}>
      <strong>{passage.item || "The message"}</strong>
      <Mark tone={HOW[passage.how][0]}>{HOW[passage.how][1]}</Mark>
      <span className={classes.small}>{difference(passage)}</span>
      {passage.stop ? <span>{passage.stop.sentence || passage.stop.reason}</span> : null}
    </span>
  );
}

/** How many fields a step leaves out. Each side shows first what changed: once it shows more, nothing that changed is missing there. */
function goneOf({ before, after, changed }: Passage): number {
  const [was, now, differs] = [new Set(before.rows.map((row) => row.path)), new Set(after.rows.map((row) => row.path)), new Set(changed)];
  const whole = after.more === 0 || after.rows.some((row) => !differs.has(row.path));
  return changed.filter((path) => !now.has(path) && (whole || was.has(path))).length;
}

/** `2 new, 1 changed, 617 left out`. */
function difference(passage: Passage): string {
  const { before, after, changed } = passage;
  if (changed.length === 0) return before.rows.length === 0 ? "as it came" : "unchanged";
  const [was, now] = [new Set(before.rows.map((row) => row.path)), new Set(after.rows.map((row) => row.path))];
  const fresh = changed.filter((path) => now.has(path) && !was.has(path)).length;
  const gone = goneOf(passage);
  const parts = [[fresh, "new"], [changed.length - fresh - gone, "changed"], [gone, "left out"]] as const;
  return parts.flatMap(([count, word]) => (count > 0 ? `${String(count)} ${word}` : [])).join(", ");
}

type Ask = ((path: string) => (reason: string) => Promise<string>) | null;

interface TableProps {
  before: readonly Row[];
  after: readonly Row[];
  changed: readonly string[];
  more: number;
  body?: boolean;
  /** How many fields are left out, whether or not they are among those shown. */
  gone?: number;
  reveal: { before: Ask; after: Ask };
}

/** Both sides in one table, a line a field: what is gone or new stands beside nothing. */
function Table({ before, after, changed, more, body = false, gone = 0, reveal }: TableProps) {
  const was = new Map(before.map((row) => [row.path, row]));
  const now = new Map(after.map((row) => [row.path, row]));
  const differs = new Set(changed);
  const paths = [...new Set([...before, ...after].map((row) => row.path))];
  const left = body ? [] : paths.filter((path) => differs.has(path) && !now.has(path));
  const other = paths.filter((path) => differs.has(path) && !left.includes(path));
  const same = paths.filter((path) => !differs.has(path));
  const shown = [...other, ...(left.length <= SHORT ? left : []), ...(differs.size === 0 || same.length <= SHORT ? same : [])];
  const rows = (listed: readonly string[]) => <Rows {...{ paths: listed, was, now, differs, body, reveal }} />;
  return (
    <>
      {shown.length > 0 ? rows(shown) : null}
      {differs.size > 0 && same.length > SHORT ? <Fold open={shown.length === 0} head={<span className={classes.small}>{same.length} fields pass unchanged</span>}>{() => rows(same)}</Fold> : null}
      {left.length > SHORT ? <Fold open={false} head={<span className={classes.small}>{gone} fields are left out here</span>}>{() => rows(left)}</Fold> : null}
      {more > 0 ? <p className={classes.small}>{more} more fields are not shown.</p> : null}
    </>
  );
}

interface RowsProps extends Pick<TableProps, "reveal"> {
  paths: readonly string[];
  was: ReadonlyMap<string, Row>;
  now: ReadonlyMap<string, Row>;
  differs: ReadonlySet<string>;
  body: boolean;
}

function Rows({ paths, was, now, differs, body, reveal }: RowsProps) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard
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
                <td>{row ? <SensitivityTag level={row.sensitivity} /> : null}{row ? <Protections held={row.protections} /> : null}</td>
                {body ? null : <td><Cell row={was.get(path) ?? alike(now.get(path), differs)} ask={was.has(path) ? reveal.before : reveal.after} /></td>}
                <td><Cell row={now.get(path) ?? alike(was.get(path), differs)} ask={now.has(path) ? reveal.after : reveal.before} /></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** What is unchanged is on both sides, though one of them may be too long to have been sent whole. */
function alike(row: Row | undefined, differs: ReadonlySet<string>): Row | undefined {
  return row && !differs.has(row.path) ? row : undefined;
}

function Cell({ row, ask }: { row: Row | undefined; ask: Ask }) {
  if (!row) return <span className="muted">absent</span>;
  return <Masked value={row.value} field={row.path} {...(ask && row.masked ? { onReveal: ask(row.path) } : {})} />;
}
