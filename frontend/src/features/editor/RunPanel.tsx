/** What a tried message did at each step: before and after, and what would be sent. */
import { useRef, useState } from "react";
import { Button, Select, TextInput } from "@mantine/core";
import { FileUp, FlaskConical, RotateCw, X } from "lucide-react";
import type { SampleRun } from "@/lib/api/types";
import { titled } from "@/lib/titled";
import { useOnce } from "@/lib/once";
import { count } from "@/lib/words";
import { stepOf } from "@/flow/document";
import { Mark } from "@/ui/Mark";
import { RecordDiff } from "@/ui/RecordDiff";
import { EmptyState, Loading } from "@/ui/States";
import { failed, toast } from "@/ui/toasts";
import { Ways } from "@/ui/Ways";
import { useDesk, useEditorState, useFlow } from "./context";
import { applyFix } from "@/flow/commands/apply-fix";
import { howWord, markOf, reveal, saveCase, takeFile, type Trying, tryText, useRun } from "./trying";
import classes from "./RunPanel.module.css";

export function RunPanel() {
  const desk = useDesk();
  const { trying, busy, aged } = useRun();
  const file = useRef<HTMLInputElement>(null);
  const choose = (
    <>
      <input
        ref={file}
        type="file"
        hidden
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0];
          if (chosen) void takeFile(desk, chosen);
          event.currentTarget.value = "";
        }}
      />
      <Button size="xs" variant="default" leftSection={<FileUp size={14} />} onClick={() => file.current?.click()}>
        {trying ? "Another file" : "Choose a file"}
      </Button>
    </>
  );
  if (busy && !trying) return <Loading label="Trying the message" rows={4} />;
  if (!trying) return <EmptyState title="No message was tried yet" why="Drop an HL7 v2 message or a FHIR resource on the canvas, or choose a file. Sinks are stubs: nothing leaves." action={choose} />;
  return (
    <div className={classes.panel}>
      <header className={classes.head}>
        <FlaskConical size={15} aria-hidden="true" />
        <strong className="clip">{trying.name}</strong>
        <span className="muted">{trying.type}</span>
        <span className={classes.sentence}>
          {aged ? <><Mark tone="warn">Before the last edit, run again</Mark> </> : null}
          <span className={aged ? "muted" : undefined}>{trying.run?.sentence ?? "This draft does not take it yet."}</span>
        </span>
        <Actions trying={trying} busy={busy}>
          {choose}
        </Actions>
      </header>
      {trying.run ? <Run trying={trying} run={trying.run} /> : <Lacks trying={trying} />}
    </div>
  );
}

function Actions({ trying, busy, children }: { trying: Trying; busy: boolean; children: React.ReactNode }) {
  const desk = useDesk();
  const { draft } = desk;
  const aged = useRun((state) => state.aged);
  const writable = useEditorState((state) => state.writable);
  const [title, setTitle] = useState<string | null>(null);
  const { run: save, busy: saving } = useOnce(async () => {
    try {
      await saveCase(draft, (title ?? "").trim(), trying.text);
      toast("Saved as a test case. What came out now is what it expects from now on.", "ok");
      setTitle(null);
    } catch (error) {
      failed(error);
    }
  });
  return (
    <span className={classes.actions}>
      <Button size="xs" variant={aged ? "filled" : "default"} loading={busy} leftSection={<RotateCw size={13} />} onClick={() => void tryText(desk, trying.name, trying.text)}>
        Run again
      </Button>
      {trying.run && !aged && writable && title === null ? (
        <Button size="xs" variant="default" onClick={() => { setTitle(""); }}>
          Save as test case
        </Button>
      ) : null}
      {trying.run && !aged && writable && title !== null ? (
        <form
          className={classes.actions}
          onSubmit={(event) => {
            event.preventDefault();
            if (title.trim()) void save();
          }}
        >
          <TextInput size="xs" aria-label="Name of the test case" placeholder="What it shows" maxLength={200} autoFocus value={title} onChange={(event) => { setTitle(event.currentTarget.value); }} onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); setTitle(null); } }} />
          <Button size="xs" type="submit" loading={saving} disabled={!title.trim()}>
            Save
          </Button>
        </form>
      ) : null}
      {children}
      <Button size="xs" variant="subtle" color="gray" leftSection={<X size={13} />} onClick={() => { useRun.setState({ trying: null, step: null, aged: false }); }}>
        Close
      </Button>
    </span>
  );
}

/** What the source needs before it takes the message. */
function Lacks({ trying }: { trying: Trying }) {
  const desk = useDesk();
  const writable = useEditorState((state) => state.writable);
  const flow = useFlow();
  const titleOf = (step: string) => stepOf(flow, step)?.title ?? step;
  return (
    <ul className={classes.lacks}>
      {trying.findings.map((finding) => (
        <li key={finding.sentence}>
          <span className="grow">{titled(finding.sentence, titleOf)}</span>
          {writable
            ? finding.fixes.map((fix) => (
                <Button
                  key={fix.title}
                  size="xs"
                  onClick={() => {
                    desk.editor.run(applyFix(titled(fix.title, titleOf), fix.edits));
                    void tryText(desk, trying.name, trying.text);
                  }}
                >
                  {titled(fix.title, titleOf)}
                </Button>
              ))
            : null}
        </li>
      ))}
      {trying.findings.length === 0 ? <li>Solve the problems of the draft first; then it can be tried.</li> : null}
    </ul>
  );
}

function Run({ trying, run }: { trying: Trying; run: SampleRun }) {
  const { editor } = useDesk();
  const flow = useFlow();
  const chosen = useEditorState((state) => [...state.selected].find((id) => run.steps.some((step) => step.step === id)) ?? null);
  const fallback = useRun((state) => state.step);
  const aged = useRun((state) => state.aged);
  const current = chosen ?? fallback;
  const titleOf = (id: string) => (stepOf(flow, id) ?? stepOf(trying.on, id))?.title ?? id;
  return (
    <div className={classes.run} data-aged={aged || undefined}>
      {run.refused ? (
        <p className={classes.refused}>
          <Mark tone="bad">The source refuses it</Mark> {run.refused.code} {run.refused.place}
        </p>
      ) : null}
      <ol className={classes.steps} aria-label="Steps of the run">
        {run.steps.map((step) => {
          const mark = markOf(run, step.step);
          return (
            <li key={step.step}>
              <button type="button" className={classes.step} aria-current={step.step === current || undefined} onClick={() => { editor.select([step.step]); useRun.setState({ step: step.step }); }}>
                <Mark tone={aged ? "none" : mark === "stopped" ? "bad" : mark === "passed" ? "ok" : "none"}>
                  <span className="clip">{titleOf(step.step)}</span>
                </Mark>
                {aged ? null : <Ways step={step} />}
              </button>
            </li>
          );
        })}
      </ol>
      <div className={classes.detail}>{current ? <Passages key={current} trying={trying} run={run} step={current} /> : null}</div>
    </div>
  );
}

function Passages({ trying, run, step }: { trying: Trying; run: SampleRun; step: string }) {
  const { draft } = useDesk();
  const [at, setAt] = useState(0);
  const found = run.steps.find((each) => each.step === step);
  const passage = found?.records[at];
  if (!found || !passage) return <p className="muted">No record came here.</p>;
  const posting = run.postings.find((each) => each.step === step && each.item === passage.item);
  return (
    <div className="stack">
      <div className="row">
        {found.records.length > 1 ? (
          <Select
            aria-label="Which record"
            w={220}
            data={found.records.map((each, index) => ({ value: String(index), label: `${each.item || "message"}, ${howWord(each.how)}` }))}
            value={String(at)}
            onChange={(value) => { setAt(Number(value)); }}
          />
        ) : (
          <span>{passage.item || "The message"} {howWord(passage.how)}</span>
        )}
        {found.more > 0 ? <span className="muted">{count(found.more, "more record")}</span> : null}
        {posting ? <span className="muted">to {posting.connection}, {posting.operation}</span> : null}
      </div>
      {passage.stop ? (
        <p>
          <Mark tone={passage.stop.how === "parked" ? "bad" : "paused"}>{passage.stop.reason}</Mark> {passage.stop.sentence} {passage.stop.place ? <code>{passage.stop.place}</code> : null}
        </p>
      ) : null}
      <RecordDiff
        before={passage.before}
        after={posting?.body ?? passage.after}
        changed={passage.changed}
        {...(run.may_reveal ? { onReveal: (side: "before" | "after", path: string, reason: string) => reveal(draft, trying.text, step, at, side, path, reason) } : {})}
      />
    </div>
  );
}
