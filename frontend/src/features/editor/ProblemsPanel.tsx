/** What is wrong with the draft, gravest first; each with a way to its place and ways out. */
import { useEffect, useMemo, useRef } from "react";
import { SegmentedControl } from "@mantine/core";
import type { Finding, Severity } from "@/lib/api/types";
import { count } from "@/lib/words";
import { stepOf } from "@/flow/document";
import { FindingCard } from "@/ui/FindingCard";
import { Keys } from "@/ui/Keys";
import { useAnalysis, useDesk, useEditorState, useFlow } from "./context";
import { useShow, useTry } from "./fixing";
import { hasPlace, settingOf } from "./settings";
import { show, useView } from "./view";
import classes from "./ProblemsPanel.module.css";

const RANK: Record<Severity, number> = { hard: 0, soft: 1, advisory: 2 };

/** Findings in the order in which they are shown; `F8` goes through the same. */
export function sortedFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

export function ProblemsPanel() {
  const flow = useFlow();
  const { editor } = useDesk();
  const analysis = useAnalysis();
  const writable = useEditorState((state) => state.writable);
  const { finding: current, only } = useView();
  const reveal = useShow();
  const attempt = useTry();
  const list = useRef<HTMLDivElement>(null);
  const all = useMemo(() => sortedFindings(analysis?.findings ?? []), [analysis]);
  const shown = all.map((finding, index) => ({ finding, index })).filter(({ finding }) => only === null || concerns(finding, only));
  const chosen = useEditorState((state) => [...state.selected][0] ?? null);
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const titleOf = (id: string) => stepOf(flow, id)?.title ?? id;
  if (!analysis) return <p className={classes.none}>The draft is being checked.</p>;
  return (
    <div className={classes.panel}>
      <div className={classes.head}>
        <p>
          {summary(all)}
          <span className="muted"> · checked in {Math.round(analysis.ms)} ms</span>
        </p>
        <SegmentedControl
          aria-label="Which problems"
          value={only === null ? "all" : "step"}
          data={[{ value: "all", label: "Whole flow" }, { value: "step", label: "Selected step", disabled: chosen === null && only === null }]}
          onChange={(value) => { show({ only: value === "all" ? null : [...editor.getState().selected][0] ?? null }); }}
        />
        <span className={classes.keys}>
          <Keys keys="F8" /> next
        </span>
      </div>
      <div className={classes.list} ref={list}>
        {shown.map(({ finding, index }) => (
          <FindingCard
            key={`${finding.rule} ${finding.sentence}`}
            finding={finding}
            titleOf={titleOf}
            current={index === current}
            {...shownBy(finding, () => { reveal(finding, index); })}
            {...(writable ? { onFix: (fix) => void attempt(finding, fix) } : {})}
          />
        ))}
        {shown.length === 0 ? <p className={classes.none}>{only === null ? "Nothing is wrong with this draft." : `Nothing is wrong with ${titleOf(only)}.`}</p> : null}
      </div>
    </div>
  );
}

/** What can be shown of a problem: its place, else the setting of the flow that it is about, else nothing. */
function shownBy(finding: Finding, onShow: () => void) {
  if (hasPlace(finding)) return { onShow };
  return settingOf(finding) === null ? {} : { onShow, showWord: "Open the setting" };
}

function summary(findings: readonly Finding[]): string {
  const of = (severity: Severity) => findings.filter((each) => each.severity === severity).length;
  const parts = [of("hard") ? `${count(of("hard"), "problem")} ${of("hard") === 1 ? "blocks" : "block"} submission` : "Nothing blocks submission", of("soft") ? `${count(of("soft"), "warning")}` : "", of("advisory") ? `${String(of("advisory"))} for information` : ""];
  return parts.filter(Boolean).join(" · ");
}

function concerns({ address }: Finding, step: string): boolean {
  return address.step === step || address.sink === step || address.path.some((hop) => hop.step === step);
}
