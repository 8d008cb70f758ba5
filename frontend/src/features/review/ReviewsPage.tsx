/** Changes that wait for a decision, those that wait for the reader first. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { INBOX, reviewsQuery, type ReviewCard, type ReviewSet } from "@/lib/api/work";
import { useRoom } from "@/lib/live";
import { count } from "@/lib/words";
import { Choice, oneOf } from "@/ui/Choice";
import { DataTable, type Column } from "@/ui/DataTable";
import { Mark } from "@/ui/Mark";
import { Page } from "@/ui/Page";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { STATES, TIERS } from "@/features/review/words";
import classes from "@/features/review/Review.module.css";

const route = getRouteApi("/shell/reviews");
const SETS: readonly (readonly [ReviewSet, string])[] = [["open", "Open"], ["mine", "Waits for me"], ["done", "Done"]];
const EMPTY: Record<ReviewSet, readonly [string, string]> = {
  mine: ["Nothing waits for you", "Changes that you may sign, or that were sent back to you, stand here."],
  open: ["No change waits for review", "An analyst submits a draft from its canvas; it then stands here until it is live, sent back or withdrawn."],
  done: ["No review is done yet", "Reviews that ended stand here: live, replaced, sent back, withdrawn or revoked. A version that was signed without a review stands on the page of its flow, with who signed it and when."],
};

export function ReviewsPage() {
  const navigate = useNavigate({ from: "/reviews" });
  const set = oneOf(route.useSearch()["state"], SETS);
  const query = useQuery(reviewsQuery(set));
  useRoom("inbox", INBOX);
  return (
    <Page
      title="Reviews"
      lead={query.data ? lead(query.data, set) : "Changes that wait for a decision."}
      bar={<Choice label="Which reviews" value={set} options={SETS} onChange={(state) => void navigate({ search: { state } })} />}
    >
      <Loaded query={query} what="The reviews">
        {(reviews) => (
          <DataTable
            caption="Reviews"
            columns={COLUMNS}
            rows={reviews}
            rowKey={(row) => row.id}
            onOpen={(row) => void navigate({ to: "/reviews/$review", params: { review: row.id } })}
            empty={<EmptyState title={EMPTY[set][0]} why={EMPTY[set][1]} />}
          />
        )}
      </Loaded>
    </Page>
  );
}

function lead(reviews: readonly ReviewCard[], set: ReviewSet): string {
  const mine = reviews.filter((each) => each.mine).length;
  if (set === "done") return `${count(reviews.length, "review")} ended.`;
  return mine > 0 ? `${count(mine, "change")} ${mine === 1 ? "waits" : "wait"} for you.` : "None of these waits for you.";
}

const COLUMNS: readonly Column<ReviewCard>[] = [
  {
    id: "flow", header: "Change", width: "46%", lead: true, sort: (row) => row.name,
    cell: (row) => (
      <span className={classes.change}>
        <span className="row">
          <Link to="/reviews/$review" params={{ review: row.id }} tabIndex={-1} className={classes.name}>
            {row.name}
          </Link>
          {row.mine ? <span className={classes.you}>for you</span> : null}
        </span>
        <span className={classes.sentence}>{row.summary}</span>
        <span className={classes.exposed}>{row.sentence}</span>
      </span>
    ),
  },
  { id: "tier", header: "Risk", sort: (row) => ["high", "medium", "low"].indexOf(row.tier), cell: (row) => <Mark tone={TIERS[row.tier][0]}>{TIERS[row.tier][1]}</Mark>, plain: true },
  { id: "state", header: "State", plain: true, sort: (row) => row.state, cell: (row) => <Mark tone={STATES[row.state][0]}>{STATES[row.state][1]}</Mark> },
  { id: "signed", header: "Signed", align: "end", sort: (row) => row.approvals - row.needed, cell: (row) => `${String(row.approvals)} of ${String(row.needed)}` },
  { id: "tests", header: "Tests", align: "end", minor: true, sort: (row) => row.passed - row.cases, cell: (row) => (row.cases === 0 ? <span className="muted">none</span> : `${String(row.passed)} of ${String(row.cases)}`) },
  { id: "by", header: "Submitted by", minor: true, sort: (row) => row.submitter.name, cell: (row) => row.submitter.name },
  { id: "at", header: "Since", sort: (row) => -row.at, cell: (row) => <Time at={row.at} /> },
];
