/** How the test cases came out on exactly the bytes that were sealed. */
import { Link } from "@tanstack/react-router";
import type { Review } from "@/lib/api/work";
import { count } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Mark } from "@/ui/Mark";
import { EmptyState } from "@/ui/States";
import classes from "@/features/review/Review.module.css";

type Tests = Review["tests"];

interface TestReportProps {
  tests: Tests;
  titles: Readonly<Record<string, string>>;
  /** Where its cases can be played; null where that draft is gone. */
  draft: string | null;
}

export function TestReport({ tests, titles, draft }: TestReportProps) {
  if (tests.cases.length === 0) return <EmptyState title="Nothing was tested" why="The flow has no test case. An analyst saves samples as test cases on the test bench; they are run when a draft is submitted." />;
  return (
    <div className="stack">
      <p>
        {tests.failed === 0 ? <Mark tone="ok">{tests.passed === 1 ? "The one test case passes" : `All ${count(tests.passed, "test case")} pass`}</Mark> : <Mark tone="bad">{`${count(tests.failed, "test case")} ${tests.failed === 1 ? "fails" : "fail"}`}</Mark>}
      </p>
      {draft === null ? null : (
        <p>
          <Link to="/drafts/$draft/test" params={{ draft }}>Play them on the test bench: what comes in, what each step makes of it, what would be sent</Link>
        </p>
      )}
      <DataTable caption="Test cases" columns={COLUMNS} rows={tests.cases} rowKey={(row) => row.id} fixed />
      <p className="muted">
        {tests.missed.length === 0 ? (tests.cases.length === 1 ? "The test case gets to every step." : "Together the test cases get to every step.") : `No test case gets to ${tests.missed.map((step) => titles[step] ?? step).join(", ")}.`}
      </p>
    </div>
  );
}

const COLUMNS: readonly Column<Tests["cases"][number]>[] = [
  { id: "passed", header: "Result", lead: true, width: "110px", cell: (row) => (row.passed ? <Mark tone="ok">Passed</Mark> : <Mark tone="bad">Failed</Mark>) },
  {
    id: "title", header: "Test case", plain: true,
    cell: (row) => (
      <span className={classes.change}>
        <span>{row.title}</span>
        {row.sentences.map((each) => <span key={each} className={classes.exposed}>{each}</span>)}
      </span>
    ),
  },
];
