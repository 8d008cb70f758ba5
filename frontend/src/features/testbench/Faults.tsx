/** What the flow does when something goes wrong, with the sample that was tried: decided by the code that delivers. */
import { useState } from "react";
import { Button, Select } from "@mantine/core";
import { useOnce } from "@/lib/once";
import { Mark, type Tone } from "@/ui/Mark";
import { Section } from "@/ui/Page";
import { announce, failed } from "@/ui/toasts";
import { tryFault, type Fault, type FaultReport, type Given } from "@/features/testbench/api";
import classes from "@/features/testbench/TestBench.module.css";

const FAULTS: Record<Fault, string> = {
  timeout: "It never answers", busy: "It is busy (429)", failing: "It fails (500)", refused: "It refuses the posting (422)", "wrong-answer": "It answers against its contract",
  unreachable: "It cannot be reached", repeated: "It has the posting already", "unknown-key": "The masters know none of the keys",
};
const NAMES = Object.keys(FAULTS) as Fault[];
const HOW: Record<FaultReport["ends"][number]["how"], readonly [Tone, string]> = { delivered: ["ok", "Counts as posted"], held: ["warn", "Waits for a person"], ended: ["none", "Ends on purpose"] };

export function Faults({ draft, given }: { draft: string; given: Given }) {
  const [fault, setFault] = useState<Fault>("timeout");
  const [report, setReport] = useState<FaultReport | null>(null);
  const { run, busy } = useOnce(async () => {
    try {
      const said = await tryFault(draft, given, fault);
      setReport(said);
      announce(said.sentence);
    } catch (error) {
      failed(error);
    }
  });
  return (
    <Section title="What if" aside="Rehearsed: nothing is sent">
      <div className={classes.fault}>
        <Select label="What goes wrong at the other side" data={NAMES.map((value) => ({ value, label: FAULTS[value] }))} value={fault} onChange={(to) => { setFault(NAMES.find((each) => each === to) ?? fault); setReport(null); }} />
        <Button variant="default" loading={busy} onClick={() => void run()}>Try it</Button>
      </div>
      {report ? <Told report={report} /> : null}
    </Section>
  );
}

function Told({ report }: { report: FaultReport }) {
  return (
    <div className={classes.column} role="status">
      <p><strong>{report.sentence}</strong></p>
      {alike(report.ends).map(([end, items]) => (
        <article key={`${end.step} ${end.item}`} className={classes.end}>
          <p className={classes.head}>
            {end.item ? items.map((item) => <code key={item}>{item}</code>) : <strong>The message</strong>}
            <Mark tone={HOW[end.how][0]}>{HOW[end.how][1]}</Mark>
            <span className={classes.small}>at {end.title}{end.cause ? `: ${end.cause}` : ""}</span>
          </p>
          {end.sentence ? <p className={classes.small}>{end.sentence}</p> : null}
          {end.moments.length > 0 ? (
            <ol className={classes.moments}>
              {end.moments.map((each) => <li key={`${String(each.at_s)} ${each.sentence}`}><span className="num">{span(each.at_s)}</span> {each.sentence}</li>)}
              {end.more > 0 ? <li className={classes.small}>and {end.more} more attempts</li> : null}
            </ol>
          ) : null}
        </article>
      ))}
      {report.more > 0 ? <p className={classes.small}>{report.more} more lines go the same way.</p> : null}
      <ul className={classes.after}>{report.after.map((each) => <li key={each}>{each}</li>)}</ul>
    </div>
  );
}

/** Lines that end in the same way, once. */
function alike(ends: FaultReport["ends"]): readonly (readonly [FaultReport["ends"][number], readonly string[]])[] {
  const found = new Map<string, [FaultReport["ends"][number], string[]]>();
  for (const end of ends) {
    const key = JSON.stringify({ ...end, item: "" });
    const known = found.get(key);
    if (known) known[1].push(end.item);
    else found.set(key, [end, [end.item]]);
  }
  return [...found.values()];
}

function span(seconds: number): string {
  return seconds < 120 ? `after ${String(seconds)} s` : `after ${String(Math.round(seconds / 60))} min`;
}
