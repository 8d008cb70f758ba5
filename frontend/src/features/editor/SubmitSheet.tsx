/** Handing the draft to its reviewers: what changes, why, and what the signature will cover. */
import { useState } from "react";
import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { api, ask } from "@/lib/api/client";
import { sentenceOf } from "@/lib/api/http";
import type { Draft, Submitted } from "@/lib/api/types";
import { INBOX, reviewQuery, type ReviewState } from "@/lib/api/work";
import { useRoom } from "@/lib/live";
import { OPEN, STATES } from "@/ui/reviewState";
import { count, short } from "@/lib/words";
import { Mark } from "@/ui/Mark";
import { revisionsQuery } from "./api";
import { useAnalysis, useFlow } from "./context";
import type { Session } from "./session";
import classes from "./SubmitSheet.module.css";

export function SubmitSheet({ draft, session, onClose }: { draft: Draft; session: Session; onClose: () => void }) {
  const [done, setDone] = useState<Submitted | null>(null);
  return (
    <Modal opened onClose={onClose} title={done ? "Handed in" : "Submit for review"} size={560}>
      {done ? <Done submitted={done} /> : <Sheet draft={draft} session={session} onDone={setDone} />}
    </Modal>
  );
}

function Sheet({ draft, session, onDone }: { draft: Draft; session: Session; onDone: (submitted: Submitted) => void }) {
  const flow = useFlow();
  const analysis = useAnalysis();
  const cache = useQueryClient();
  const revisions = useQuery(revisionsQuery(draft.id)).data?.revisions ?? [];
  const [summary, setSummary] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const drafted = summary ?? proposal(flow.name, draft.base !== null, revisions.map((each) => each.summary));
  const ready = drafted.trim().length >= 3 && reason.trim().length >= 3;
  const submit = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await session.actions.flush();
      const submitted = await ask(api.POST("/api/v1/drafts/{id}/submit", { params: { path: { id: draft.id } }, body: { summary: drafted.trim(), reason: reason.trim() } }));
      await cache.invalidateQueries({ queryKey: ["reviews"] });
      await cache.invalidateQueries({ queryKey: ["flows"] });
      onDone(submitted);
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
    }
  };
  const asked = draft.asked_for;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) void submit();
      }}
    >
      {asked ? (
        <p className={classes.asked}>
          <strong>{asked.name} asked for changes:</strong> {asked.text}
        </p>
      ) : null}
      <TextInput label="What changes" description={asked ? `One line, and what was done about the words of ${asked.name}. Reviewers read it first.` : "One line. Reviewers read it first."} maxLength={200} required value={drafted} onChange={(event) => { setSummary(event.currentTarget.value); }} />
      <Textarea label="Who asked for it, and why" description="A ticket, a decision, a need." rows={3} maxLength={2000} required data-autofocus value={reason} onChange={(event) => { setReason(event.currentTarget.value); }} />
      <div className={classes.covers}>
        <h3>What the signatures will cover</h3>
        <ul>
          <li>{count(flow.steps.length, "step")} and {count(flow.wires.length, "wire")} with all settings, and the code of every kind</li>
          <li>Connections, contracts, masters by contract, and the policies with their verdict</li>
          <li>For each sink the exact fields it may receive: {(analysis?.sinks ?? []).map((sink) => `${flow.steps.find((step) => step.id === sink.step)?.title ?? sink.step}, ${count(sink.reads, "field")}`).join("; ") || "none"}</li>
        </ul>
        <p className={classes.authors}>
          Authors ({draft.authors.join(", ")}) cannot approve it. Submitting fixes the bytes; an author’s signature then seals them. The draft is read only until the review ends.
        </p>
      </div>
      {problem ? (
        <p role="alert" className={classes.problem}>
          {problem}
        </p>
      ) : null}
      <Button type="submit" loading={busy} disabled={!ready}>
        Submit
      </Button>
    </form>
  );
}

function Done({ submitted }: { submitted: Submitted }) {
  const navigate = useNavigate();
  useRoom("inbox", INBOX);
  const state = useQuery(reviewQuery(submitted.review)).data?.card.state ?? "waits-for-author";
  return (
    <div className="stack">
      <p>
        <Mark tone={STATES[state][0]}>{STATES[state][1]}</Mark>
      </p>
      <p>
        {OPEN.has(state) ? <>The release <code>{short(submitted.release)}</code> is handed in: its bytes are fixed. </> : <>The release <code>{short(submitted.release)}</code> was handed in. </>}
        {state === "waits-for-author" ? "Your signature as its author seals it: sign on the approval desk, an address of its own where your key is. Reviewers can begin meanwhile." : NOW[state]}
      </p>
      <div className="row">
        {state === "waits-for-author" ? (
          <Button component="a" href={submitted.sign} target="_blank" rel="noreferrer" rightSection={<ExternalLink size={14} />} data-autofocus>
            Sign as author
          </Button>
        ) : null}
        <Button variant="default" onClick={() => void navigate({ to: "/reviews/$review", params: { review: submitted.review } })}>
          Open the review
        </Button>
      </div>
    </div>
  );
}

const NOW: Partial<Record<ReviewState, string>> = {
  "waits-for-approval": "Its author sealed it; now people approve it.",
  approved: "It is approved; an operator activates it.",
  live: "It is live.",
  returned: "It was sent back: what has to change stands above the draft.",
  withdrawn: "It was withdrawn; the draft can be edited again.",
};

/** A first wording from what was done; people write over it. */
function proposal(name: string, changed: boolean, summaries: readonly string[]): string {
  if (!changed) return `New flow: ${name}`.slice(0, 200);
  const done = [...new Set(summaries.flatMap((text) => text.split("; ")))].filter((text) => text && !/^(Moved|Arranged|Undone|Done again|Began)/.test(text));
  return (done.slice(0, 4).join("; ") || `Change of ${name}`).slice(0, 200);
}
