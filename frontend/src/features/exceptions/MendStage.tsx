/** What would end a cause, with the way there. */
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { CauseCard } from "@/lib/api/work";
import classes from "@/features/exceptions/Exceptions.module.css";

interface MendStageProps {
  fix: CauseCard["fix"];
  /** Names of the parts of its key. */
  names: readonly string[];
  group: string;
  flow: string | null;
}

export function MendStage({ fix, names, group, flow }: MendStageProps) {
  return (
    <section className={classes.stage} aria-label="Mend">
      <h2>1. Mend it</h2>
      <p>{fix.sentence}</p>
      {fix.key.length > 0 ? <p className={classes.small}>{names.join(", ")} <code className={classes.key}>{fix.key.join(" · ")}</code></p> : null}
      <div className={classes.buttons}><Way fix={fix} group={group} flow={flow} /></div>
    </section>
  );
}

function Way({ fix, group, flow }: Omit<MendStageProps, "names">) {
  if (fix.master !== null && fix.master && (fix.kind === "add-row" || fix.kind === "add-unit")) {
    return <Button component={Link} to={`/masters/${fix.master}?tab=unmapped&cause=${group}`} variant="default">{fix.kind === "add-row" ? "Add the row" : "Add the unit"} in {fix.master}</Button>;
  }
  if (fix.kind === "change-flow" && flow) return <Button component={Link} to={`/flows/${flow}`} variant="default">Open the flow</Button>;
  if (fix.kind === "activate") return <Button component={Link} to="/reviews" variant="default">Open the reviews</Button>;
  return <p className={classes.small}>{fix.kind === "report" ? "Nothing here mends it: report it." : "It is mended on the other side; replay when they say so."}</p>;
}
