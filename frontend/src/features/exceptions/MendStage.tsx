/** What would end a cause, with the way there. */
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMay } from "@/lib/session";
import type { CauseCard } from "@/lib/api/work";
import { Mark } from "@/ui/Mark";
import classes from "@/features/exceptions/Exceptions.module.css";

interface MendStageProps {
  /** Its lines were replayed already. */
  going?: boolean;
  fix: CauseCard["fix"];
  /** Names of the parts of its key. */
  names: readonly string[];
  group: string;
  flow: string | null;
}

/** Whether the person can begin the mending here: then that is what comes first, and the replay second. */
export function useMends(fix: CauseCard["fix"]): boolean {
  const keeps = useMay("master.change");
  return keeps && fix.stage === "lacks" && Boolean(fix.master) && (fix.kind === "add-row" || fix.kind === "add-unit");
}

export function MendStage({ fix, names, group, flow, going = false }: MendStageProps) {
  return (
    <section className={classes.stage} aria-label="Mend" data-done={fix.stage === "there" || undefined}>
      <h2>{fix.stage === "there" ? "1. Mended" : "1. Mend it"}</h2>
      {fix.stage === "lacks" ? <p>{fix.sentence}</p> : <Mark wraps tone={fix.stage === "there" ? "ok" : "waiting"}>{going ? fix.sentence.replace(": replay is what is left", "") : fix.sentence}</Mark>}
      {fix.key.length > 0 ? <p className={classes.small}>{names.join(", ")} <code className={classes.key}>{fix.key.join(" · ")}</code></p> : null}
      <div className={classes.buttons}><Way fix={fix} group={group} flow={flow} /></div>
    </section>
  );
}

function Way({ fix, group, flow }: Omit<MendStageProps, "names">) {
  const keeps = useMay("master.change");
  if (fix.master && (fix.kind === "add-row" || fix.kind === "add-unit")) {
    if (fix.stage !== "lacks") return <Button component={Link} to={`/masters/${fix.master}?tab=steps`} variant="default">See step {fix.step} of {fix.master}</Button>;
    const what = fix.kind === "add-row" ? "row" : "unit";
    return (
      <>
        <Button component={Link} to={`/masters/${fix.master}?tab=unmapped&cause=${group}`} variant={keeps ? "filled" : "default"}>{keeps ? `Add the ${what} in ${fix.master}` : `Look at it in ${fix.master}`}</Button>
        {keeps ? null : <p className={classes.small}>A steward adds the {what}; you see it there.</p>}
      </>
    );
  }
  if (fix.kind === "change-flow" && flow) return <Button component={Link} to={`/flows/${flow}`} variant="default">Open the flow</Button>;
  if (fix.kind === "activate") return <Button component={Link} to="/reviews" variant="default">Open the reviews</Button>;
  return <p className={classes.small}>{fix.kind === "report" ? "Nothing here mends it: report it." : fix.kind === "ask-source" ? "It is mended where it comes from." : "It is mended on the other side; replay when they say so."}</p>;
}
