/** A draft tried with a sample: every step's before and after. No sink is contacted; values from S3 up are masked. */
import { useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { draftsQuery } from "@/lib/api/work";
import { useCommands, type Command } from "@/lib/commands";
import { sentenceOf } from "@/lib/api/http";
import { useOnce } from "@/lib/once";
import { useMay } from "@/lib/session";
import { Chip } from "@/ui/Mark";
import { Page } from "@/ui/Page";
import { EmptyState, ErrorState, Loading } from "@/ui/States";
import { announce, failed } from "@/ui/toasts";
import { casesQuery, compareCase, recognise, runAll, runSample, type Comparison, type Given, type Results, type Run, type Sample } from "@/features/testbench/api";
import { Cases } from "@/features/testbench/Cases";
import { Compared } from "@/features/testbench/Compared";
import { Faults } from "@/features/testbench/Faults";
import { inShort } from "@/features/testbench/comparing";
import { Given as GivenText } from "@/features/testbench/Given";
import { Passages } from "@/features/testbench/Passages";
import { COMPARED, FAULTS, POSTINGS, StepList } from "@/features/testbench/StepList";
import classes from "@/features/testbench/TestBench.module.css";

const route = getRouteApi("/shell/drafts/$draft/test");

interface Tried {
  given: Given;
  name: string;
  sample: Sample | null;
  run: Run | null;
  /** Of a test case: what it expected beside what came. */
  compared: Comparison | null;
  problem: unknown;
}

export function TestBenchPage() {
  const { draft } = route.useParams();
  const navigate = useNavigate({ from: "/drafts/$draft/test" });
  const search = route.useSearch();
  const step = typeof search["step"] === "string" ? search["step"] : null;
  const name = useQuery(draftsQuery).data?.find((each) => each.id === draft)?.name ?? "Draft";
  const cases = useQuery(casesQuery(draft));
  const may = useMay("sample.run");
  const [tried, setTried] = useState<Tried | null>(null);
  const [results, setResults] = useState<Results | null>(null);
  const go = useOnce(async (given: Given, title: string) => {
    let sample: Sample | null = null;
    try {
      if ("text" in given) sample = await recognise(draft, title, given.text);
      const [run, compared] = await Promise.all([runSample(draft, given), "case" in given ? compareCase(draft, given.case) : null]);
      setTried({ given, name: title, sample, run, compared, problem: null });
      announce(compared ? inShort(compared) : run.sentence);
      if (compared && !compared.passed) {
        void navigate({ search: (old) => ({ ...old, step: COMPARED }), replace: true });
        return;
      }
      const first = run.steps.find((each) => each.records.some((passage) => passage.stop)) ?? run.steps[0];
      if (first && step !== FAULTS && step !== POSTINGS && !(step === COMPARED && compared) && !run.steps.some((each) => each.step === step)) void navigate({ search: (old) => ({ ...old, step: first.step }), replace: true });
    } catch (problem) {
      setTried({ given, name: title, sample, run: null, compared: null, problem });
      announce(sentenceOf(problem));
    }
  });
  const bench = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a narrow screen what came of it stands below what was given.
    const steps = tried?.run ? bench.current?.children[1] : undefined;
    if (steps && steps.getBoundingClientRect().top > window.innerHeight / 2) steps.scrollIntoView({ block: "start" });
  }, [tried]);
  const every = useOnce(async () => {
    try {
      setResults(await runAll(draft));
    } catch (error) {
      failed(error);
    }
  });
  const { run: runOne } = go;
  const { run: runEvery } = every;
  const steps = tried?.run?.steps;
  const commands = useMemo<Command[]>(() => {
    const move = (by: number) => {
      if (!steps || steps.length === 0) return;
      const index = Math.max(0, steps.findIndex((each) => each.step === step));
      const to = steps[(index + by + steps.length) % steps.length];
      if (to) void navigate({ search: (old) => ({ ...old, step: to.step }), replace: true });
    };
    return [
      { id: "bench.again", title: "Run this sample again", group: "This page", keys: ["t"], enabled: () => tried !== null, run: () => { if (tried) void runOne(tried.given, tried.name); } },
      { id: "bench.all", title: "Run all test cases", group: "This page", keys: ["Shift+T"], run: () => void runEvery() },
      { id: "bench.next", title: "Next step", group: "This page", keys: ["]"], run: () => { move(1); } },
      { id: "bench.before", title: "Step before", group: "This page", keys: ["["], run: () => { move(-1); } },
      { id: "bench.back", title: "Back to the canvas", group: "This page", keys: ["Escape"], run: () => void navigate({ to: "/drafts/$draft", params: { draft } }) },
    ];
  }, [steps, step, navigate, tried, runOne, runEvery, draft]);
  useCommands(commands);
  return (
    <Page
      title={`Test ${name}`}
      crumbs={[{ title: "Flows", to: "/flows" }, { title: name, to: `/drafts/${draft}` }]}
      marks={<Chip tone="info">Sinks are stubs: nothing is sent</Chip>}
      lead={tried?.run ? tried.run.sentence : "Every step's before and after, with one message."}
      actions={
        <>
          {tried ? <Button variant="default" loading={go.busy} onClick={() => void runOne(tried.given, tried.name)}>Run again</Button> : null}
          {may ? <Button loading={every.busy} disabled={(cases.data?.length ?? 0) === 0} onClick={() => void runEvery()}>Run all test cases</Button> : null}
        </>
      }
    >
      <div ref={bench} className={classes.bench}>
        <div className={classes.column}>
          <GivenText draft={draft} busy={go.busy} may={may} tried={tried} onGiven={(text, title) => void runOne({ text }, title)} />
          <Cases draft={draft} query={cases} results={results} current={tried && "case" in tried.given ? tried.given.case : null} onRun={(each) => void runOne({ case: each.id }, each.title)} />
        </div>
        {go.busy && !tried?.run ? <Loading label="Running the sample" /> : null}
        {tried?.problem ? <ErrorState error={tried.problem} what="The run" /> : null}
        {tried?.run ? (
          <>
            <StepList run={tried.run} compared={tried.compared} current={step} onPick={(to) => void navigate({ search: (old) => ({ ...old, step: to }), replace: true })} />
            {step === FAULTS ? (
              <Faults draft={draft} given={tried.given} />
            ) : step === COMPARED && tried.compared ? (
              <Compared draft={draft} compared={tried.compared} />
            ) : (
              <Passages key={`${tried.name} ${step ?? ""}`} draft={draft} given={tried.given} run={tried.run} step={step} />
            )}
          </>
        ) : null}
        {!tried && !go.busy ? <EmptyState title="Nothing was tried yet" why="Drop a message, paste one, have one invented, or take a test case. It runs through every step with the masters as they stand; no sink is contacted and the text is not stored." /> : null}
      </div>
    </Page>
  );
}
