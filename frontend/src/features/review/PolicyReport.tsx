/** Every rule that was asked and what it said; what is against the release with its paths, first. */
import { Link } from "@tanstack/react-router";
import type { Review, RuleLine } from "@/lib/api/work";
import { DataTable, type Column } from "@/ui/DataTable";
import { FindingCard } from "@/ui/FindingCard";
import { Mark, type Tone } from "@/ui/Mark";
import { Section } from "@/ui/Page";
import classes from "@/features/review/Review.module.css";

const RESULTS: Record<RuleLine["result"], readonly [Tone, string]> = {
  broken: ["bad", "Against it"], waived: ["warn", "Set aside"], holds: ["ok", "Holds"], "not-asked": ["none", "Does not apply"],
};
const LEVELS = { hard: "hard", soft: "needs a waiver", advisory: "advice" } as const;

export function PolicyReport({ review }: { review: Review }) {
  return (
    <div className="stack">
      {review.findings.length > 0 ? (
        <Section title="Findings" aside={<Link to="/drafts/$draft" params={{ draft: review.draft }} disabled={!review.draft_there}>{review.draft_there ? "Show the draft" : ""}</Link>}>
          <div className={classes.rules}>
            {review.findings.map((finding, index) => <FindingCard key={`${finding.rule} ${String(index)}`} finding={finding} titleOf={(step) => review.titles[step] ?? step} />)}
          </div>
        </Section>
      ) : null}
      <Section title="Rules" aside={`${String(review.rules.filter((rule) => rule.result === "holds").length)} hold`}>
        <DataTable caption="Rules of the policy set" columns={COLUMNS} rows={review.rules} rowKey={(rule) => rule.id} fixed />
      </Section>
    </div>
  );
}

const COLUMNS: readonly Column<RuleLine>[] = [
  { id: "result", header: "Result", lead: true, width: "120px", cell: (rule) => <Mark tone={RESULTS[rule.result][0]}>{RESULTS[rule.result][1]}</Mark> },
  {
    id: "title", header: "Rule", plain: true,
    cell: (rule) => (
      <span className={classes.change}>
        <span>{rule.title}</span>
        <span className={classes.exposed}>{rule.why}</span>
      </span>
    ),
  },
  { id: "id", header: "Id", minor: true, width: "120px", cell: (rule) => <code>{rule.id}</code> },
  { id: "severity", header: "Level", minor: true, width: "130px", cell: (rule) => LEVELS[rule.severity] },
  { id: "asked", header: "Asked", minor: true, width: "80px", align: "end", cell: (rule) => rule.asked },
];
