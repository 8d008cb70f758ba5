/** A fix on trial: what it would change, and the choice. */
import { useMemo } from "react";
import { Button } from "@mantine/core";
import { ArrowRight } from "lucide-react";
import type { Analysis } from "@/lib/api/types";
import { titled } from "@/lib/titled";
import { count } from "@/lib/words";
import { useCommands, type Command } from "@/lib/commands";
import { endOf, stepOf, wireKey } from "@/flow/document";
import { SensitivityTag } from "@/ui/Sensitivity";
import { useAnalysis, useFlow } from "./context";
import { useApply } from "./fixing";
import { show, useView } from "./view";
import classes from "./TrialBar.module.css";

export function TrialBar() {
  const trial = useView((view) => view.trial);
  const now = useAnalysis();
  const flow = useFlow();
  const apply = useApply();
  const commands = useMemo<Command[]>(
    () =>
      trial
        ? [
            { id: "trial.apply", title: `Apply: ${trial.fix.title}`, group: "Fix", keys: ["Enter"], run: apply },
            { id: "trial.leave", title: "Leave all as it is", group: "Fix", keys: ["Escape"], run: () => { show({ trial: null }); } },
          ]
        : [],
    [trial, apply],
  );
  useCommands(commands);
  if (!trial) return null;
  const titleOf = (step: string) => stepOf(trial.document, step)?.title ?? stepOf(flow, step)?.title ?? step;
  const changes = now ? changed(now, trial.analysis) : [];
  return (
    <section className={classes.bar} aria-label="Preview of a fix" data-trial>
      <div className={classes.words}>
        <p>
          <strong>Preview: {titled(trial.fix.title, titleOf)}</strong>
        </p>
        <p className={classes.effect}>
          {now ? `${count(now.blocks, "blocker")} → ${String(trial.analysis.blocks)}` : ""}
          {changes.slice(0, 3).map(({ key, before, after, sink }) => (
            <span key={key} className={classes.change}>
              into {titleOf(sink)}
              <SensitivityTag level={before.bare} fields={before.fields} />
              <ArrowRight size={12} aria-label="becomes" />
              <SensitivityTag level={after.bare} fields={after.fields} />
            </span>
          ))}
        </p>
      </div>
      <Button variant="default" onClick={() => { show({ trial: null }); }}>
        Leave it
      </Button>
      <Button data-autofocus onClick={apply}>
        Apply
      </Button>
    </section>
  );
}

/** What ends at each sink, where it differs. */
function changed(before: Analysis, after: Analysis) {
  const at = (analysis: Analysis, sink: string) => analysis.wires.filter((wire) => endOf(wire.to).step === sink).sort((a, b) => b.bare - a.bare)[0];
  return after.sinks.flatMap(({ step: sink }) => {
    const [old, fresh] = [at(before, sink), at(after, sink)];
    return old && fresh && (old.bare !== fresh.bare || old.fields !== fresh.fields) ? [{ key: wireKey(fresh), sink, before: old, after: fresh }] : [];
  });
}
