/** One change with all that a decision needs. Signing happens on the approval desk, which shows the sealed bytes again. */
import { useMemo, useState } from "react";
import { Button, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { INBOX, reviewQuery, type Review } from "@/lib/api/work";
import { useCommands, type Command } from "@/lib/commands";
import { useRoom } from "@/lib/live";
import { useMay, useMe } from "@/lib/session";
import { Chip } from "@/ui/Mark";
import { Page } from "@/ui/Page";
import { Split } from "@/ui/Split";
import { Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { Comments } from "@/features/review/Comments";
import { ChangeLists } from "@/features/review/Changes";
import { DecisionRail } from "@/features/review/DecisionRail";
import { Exposure } from "@/features/review/Exposure";
import { Graph } from "@/features/review/Graph";
import { PolicyReport } from "@/features/review/PolicyReport";
import { ReturnDialog, WithdrawDialog } from "@/features/review/Dialogs";
import { Shadow } from "@/features/review/Shadow";
import { Since } from "@/features/review/Since";
import { Summary } from "@/features/review/Summary";
import { TestReport } from "@/features/review/TestReport";
import { useViewed } from "@/features/review/viewed";
import { OPEN, STATES, TIERS } from "@/features/review/words";
import classes from "@/features/review/Review.module.css";

const route = getRouteApi("/shell/reviews/$review");
const PARTS = ["summary", "graph", "exposure", "changes", "policies", "tests", "comments"] as const;
type Part = (typeof PARTS)[number];
/** What a decision rests on; the button to the desk says how many of these were opened. */
const WEIGHTY: readonly Part[] = ["graph", "exposure", "changes", "policies", "tests"];

export function ReviewPage() {
  const { review: id } = route.useParams();
  const query = useQuery(reviewQuery(id));
  useRoom("inbox", INBOX);
  if (query.data) return <Open review={query.data} />;
  return (
    <Page title="Review" crumbs={[{ title: "Reviews", to: "/reviews" }]}>
      <Loaded query={query} what="The review">
        {() => null}
      </Loaded>
    </Page>
  );
}

function Open({ review }: { review: Review }) {
  const { card } = review;
  const navigate = useNavigate({ from: "/reviews/$review" });
  const asked = route.useSearch()["tab"];
  const part = PARTS.find((each) => each === asked) ?? "summary";
  const viewed = useViewed(card.release, part);
  const [dialog, setDialog] = useState<"return" | "withdraw" | null>(null);
  const me = useMe();
  const open = OPEN.has(card.state);
  const mayReturn = useMay("review.return") && open;
  const mayWithdraw = useMay("review.withdraw") && open && (review.people.submitter.person === me.person || review.people.authors.some((each) => each.person === me.person));
  const commands = useMemo<Command[]>(() => {
    const show = (to: Part) => void navigate({ search: to === "summary" ? {} : { tab: to }, replace: true });
    return [
      { id: "review.next", title: "Next part of the review", group: "This page", keys: ["]"], run: () => { show(PARTS[(PARTS.indexOf(part) + 1) % PARTS.length] ?? "summary"); } },
      { id: "review.comment", title: "Comment on the review", group: "This page", keys: ["c"], run: () => { show("comments"); setTimeout(() => document.getElementById("remark")?.focus(), 60); } },
      { id: "review.list", title: "Back to the reviews", group: "This page", keys: ["Escape"], enabled: () => dialog === null, run: () => void navigate({ to: "/reviews" }) },
    ];
  }, [navigate, part, dialog]);
  useCommands(commands);
  return (
    <Page
      title={card.name}
      crumbs={[{ title: "Reviews", to: "/reviews" }]}
      marks={
        <>
          <Chip tone={STATES[card.state][0]}>{STATES[card.state][1]}</Chip>
          <Chip tone={card.tier === "high" ? "warn" : "plain"}>{TIERS[card.tier][1]}</Chip>
        </>
      }
      lead={card.summary}
      actions={
        <>
          {!open && review.draft_there && card.state !== "live" ? <Button variant="default" component={Link} to={`/drafts/${review.draft}`}>Open the draft</Button> : null}
          {mayWithdraw ? <Button variant="default" onClick={() => { setDialog("withdraw"); }}>Withdraw</Button> : null}
          {mayReturn ? <Button variant="default" onClick={() => { setDialog("return"); }}>Ask for changes</Button> : null}
        </>
      }
    >
      <Split label="Decision" rail={<DecisionRail review={review} viewed={WEIGHTY.filter((each) => viewed.has(each)).length} of={WEIGHTY.length} />}>
        {review.problems.length > 0 ? (
          <div className={classes.problem} role="alert">
            <strong>A runtime would not take this release as it stands.</strong>
            {review.problems.map((each) => <p key={each}>{each}</p>)}
          </div>
        ) : null}
        <SentBack review={review} />
        {open ? <Since review={review} /> : null}
        <Tabs value={part} onChange={(tab) => void navigate({ search: tab === "summary" || !tab ? {} : { tab }, replace: true })} keepMounted={false}>
          <Tabs.List aria-label="Parts of the review">
            {PARTS.map((each) => (
              <Tabs.Tab key={each} value={each}>
                {TITLES[each]}
                <Size review={review} part={each} />
                {WEIGHTY.includes(each) && viewed.has(each) ? <Check size={13} aria-label="opened" className={classes.seen} /> : null}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {PARTS.map((each) => (
            <Tabs.Panel key={each} value={each} pt="md">
              <Body review={review} part={each} />
            </Tabs.Panel>
          ))}
        </Tabs>
      </Split>
      {dialog === "return" ? <ReturnDialog id={card.id} onClose={() => { setDialog(null); }} /> : null}
      {dialog === "withdraw" ? <WithdrawDialog id={card.id} onClose={() => { setDialog(null); }} /> : null}
    </Page>
  );
}

/** What has to change, in the words of whoever sent it back. */
function SentBack({ review }: { review: Review }) {
  const said = review.comments.filter((each) => each.kind === "return").at(-1);
  if (review.card.state !== "returned" || !said) return null;
  return (
    <div className={classes.problem} role="status">
      <strong>{said.name} asked for changes <Time at={said.at} />.</strong>
      <p>{said.text}</p>
    </div>
  );
}

const TITLES: Record<Part, string> = {
  summary: "Summary", graph: "Graph", exposure: "Exposure", changes: "Changes", policies: "Policies", tests: "Tests", comments: "Comments",
};

function Size({ review, part }: { review: Review; part: Part }) {
  const sizes: Partial<Record<Part, number>> = {
    exposure: review.exposure.length,
    changes: review.behaviour_changes.length + review.configuration.length,
    policies: review.rules.filter((rule) => rule.result === "broken" || rule.result === "waived").length,
    tests: review.tests.cases.length,
    comments: review.comments.length,
  };
  const size = sizes[part];
  return size ? <span className={classes.tabCount}>{size}</span> : null;
}

function Body({ review, part }: { review: Review; part: Part }) {
  switch (part) {
    case "summary": return <Summary review={review} />;
    case "graph": return <Graph review={review} />;
    case "exposure": return <Exposure review={review} />;
    case "changes": return <ChangeLists review={review} />;
    case "policies": return <PolicyReport review={review} />;
    case "tests": return <div className="stack"><TestReport tests={review.tests} titles={review.titles} draft={review.draft_there ? review.draft : null} /><Shadow review={review} /></div>;
    case "comments": return <Comments review={review} />;
  }
}
