/** What a test case expects beside what comes of it now: posting by posting, field by field; and where lines ended. */
import { titled } from "@/lib/titled";
import { count } from "@/lib/words";
import { Mark, type Tone } from "@/ui/Mark";
import { Masked } from "@/ui/Masked";
import { Protections, SensitivityTag } from "@/ui/Sensitivity";
import { Fold } from "@/features/testbench/Fold";
import { showValue, type ComparedEnd, type ComparedField, type ComparedPosting, type Comparison } from "@/features/testbench/api";
import { endWord, inShort, reasonFor } from "@/features/testbench/comparing";
import classes from "@/features/testbench/TestBench.module.css";

const HOW: Record<ComparedPosting["how"], readonly [Tone, string]> = {
  same: ["ok", "as expected"], differs: ["bad", "differs"], missing: ["bad", "expected, not made"], unexpected: ["bad", "made, not expected"],
};

interface ComparedProps {
  draft: string;
  compared: Comparison;
}

export function Compared({ draft, compared }: ComparedProps) {
  const odd = compared.postings.filter((each) => each.how !== "same");
  const same = compared.postings.filter((each) => each.how === "same");
  const titleOf = (step: string) => compared.titles[step] ?? step;
  const wrong = compared.ends.filter((end) => end.came !== end.expected);
  const right = compared.ends.filter((end) => end.came === end.expected);
  const posting = (each: ComparedPosting) => <Posting key={`${each.step} ${each.item}`} {...{ draft, compared, titleOf }} posting={each} />;
  return (
    <section className={classes.column} aria-label="Expected and came">
      <p className={classes.said} role="status">
        <Mark tone={compared.passed ? "ok" : "bad"}>{compared.passed ? "Passed" : "Failed"}</Mark>
        <span>{inShort(compared)}</span>
        <span className={classes.small}>{compared.label} data</span>
      </p>
      {compared.refused_expected !== null || compared.refused_came !== null ? <Refusal compared={compared} /> : null}
      {wrong.length > 0 ? <Ends title="Lines that end otherwise than expected" ends={wrong} titleOf={titleOf} /> : null}
      {odd.map(posting)}
      {same.length > 0 ? <Fold open={compared.passed && same.length <= 2} head={<span className={classes.small}>{count(same.length, "posting")} as expected</span>}>{() => <div className={classes.column}>{same.map(posting)}</div>}</Fold> : null}
      {right.length > 0 ? <Fold open={compared.passed && same.length === 0} head={<span className={classes.small}>{count(right.length, "line")} ended as expected</span>}>{() => <Ends title="" ends={right} titleOf={titleOf} />}</Fold> : null}
      {compared.more > 0 ? <p className={classes.small}>{count(compared.more, "more posting")} not shown.</p> : null}
    </section>
  );
}

function Refusal({ compared }: { compared: Comparison }) {
  return (
    <div className={classes.frame}>
      <table className={classes.rows}>
        <thead><tr><th scope="col">The source</th><th scope="col">Expected</th><th scope="col">Came</th></tr></thead>
        <tbody>
          <tr data-changed={compared.refused_expected !== compared.refused_came || undefined}>
            <td>takes it</td>
            <td>{compared.refused_expected === null ? "yes" : `no: ${compared.refused_expected}`}</td>
            <td>{compared.refused_came === null ? "yes" : `no: ${compared.refused_came}`}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function Ends({ title, ends, titleOf }: { title: string; ends: readonly ComparedEnd[]; titleOf: (step: string) => string }) {
  return (
    <div className={classes.end}>
      {title ? <strong className={classes.head}>{title}</strong> : null}
      <ul className={classes.after}>{ends.map((end) => <li key={`${end.step} ${end.item} ${end.how} ${end.reason}`}>{titled(endWord(end, titleOf), titleOf)}</li>)}</ul>
    </div>
  );
}

interface PostingProps extends ComparedProps {
  posting: ComparedPosting;
  titleOf: (step: string) => string;
}

function Posting({ draft, compared, posting, titleOf }: PostingProps) {
  const [tone, word] = HOW[posting.how];
  const odd = posting.fields.filter((field) => !field.same);
  const same = posting.fields.filter((field) => field.same);
  const why = posting.how === "missing" ? reasonFor(compared, posting.item) : null;
  const table = (fields: readonly ComparedField[]) => <Table fields={fields} {...{ draft, compared, posting }} />;
  return (
    <section className={classes.passage} aria-label={`Posting ${posting.item} to ${titleOf(posting.step)}`}>
      <span className={classes.head}>
        <strong>{titleOf(posting.step)}</strong>
        {posting.item ? <code>{posting.item}</code> : null}
        <Mark tone={tone}>{word}</Mark>
        {why ? <span>{titled(endWord(why, titleOf), titleOf)}</span> : null}
      </span>
      {odd.length > 0 ? table(odd) : null}
      {same.length > 0 ? <Fold open={odd.length === 0} head={<span className={classes.small}>{count(same.length, "field")} as expected</span>}>{() => table(same)}</Fold> : null}
    </section>
  );
}

function Table({ draft, compared, posting, fields }: Omit<PostingProps, "titleOf"> & { fields: readonly ComparedField[] }) {
  const ask = (side: "expected" | "body", record: number | null, path: string) =>
    compared.may_reveal && record !== null ? { onReveal: (reason: string) => showValue(draft, { case: compared.id }, { step: posting.step, record, side, path }, reason) } : {};
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard
    <div className={classes.frame} role="region" aria-label="Fields on both sides" tabIndex={0}>
      <table className={classes.rows}>
        <thead><tr><th scope="col">Field</th><th scope="col">Class</th><th scope="col">Expected</th><th scope="col">Came</th></tr></thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.path} data-changed={!field.same || undefined}>
              <td><code>{field.path}</code></td>
              <td><SensitivityTag level={field.sensitivity} /><Protections held={field.protections} /></td>
              <td>{field.any && field.expected === null ? <span className="muted">some value</span> : <Masked value={field.expected} field={`${field.path}, expected`} {...ask("expected", posting.expected, field.path)} />}</td>
              <td><Masked value={field.came} field={`${field.path}, came`} {...ask("body", posting.came, field.path)} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
