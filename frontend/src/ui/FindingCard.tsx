/** One finding: what is wrong, why, the way the field takes, and the ways out. */
import { Button } from "@mantine/core";
import { ChevronRight } from "lucide-react";
import type { Finding, Fix, Hop, Severity } from "@/lib/api/types";
import { settingName } from "@/lib/naming";
import { placed, titled, withoutWay } from "@/lib/titled";
import { Mark, type Tone } from "@/ui/Mark";
import classes from "@/ui/FindingCard.module.css";

const TONE: Record<Severity, Tone> = { hard: "bad", soft: "warn", advisory: "info" };
const WORD: Record<Severity, string> = { hard: "Blocks", soft: "Needs a waiver", advisory: "Advice" };

interface FindingCardProps {
  finding: Finding;
  /** Titles of steps for the path; without them ids are shown. */
  titleOf?: (step: string) => string;
  current?: boolean;
  onShow?: () => void;
  /** What that does, in words. */
  showWord?: string;
  onFix?: (fix: Fix) => void;
}

export function FindingCard({ finding, titleOf = (step) => step, current = false, onShow, showWord = "Show on canvas", onFix }: FindingCardProps) {
  const { severity, sentence, rule, why, address, fixes } = finding;
  const way = address.path.map((hop) => hop.step);
  const place = placed(sentence);
  return (
    <article className={classes.card} data-severity={severity} aria-current={current || undefined}>
      <div className={classes.words}>
        <div className={classes.head}>
          <Mark tone={TONE[severity]}>{WORD[severity]}</Mark>
          <code className={classes.rule}>{rule}</code>
          {onShow ? (
            <Button size="xs" variant="subtle" color="gray" className={classes.show ?? ""} onClick={onShow}>
              {showWord}
            </Button>
          ) : null}
        </div>
        {place.pointer ? (
          <p className={classes.where}>
            {place.step ? `${titleOf(place.step)}: ` : ""}
            {settingName(place.pointer)}
            <code>{place.pointer}</code>
          </p>
        ) : null}
        <p className={classes.sentence}>{titled(withoutWay(place.sentence, way), titleOf)}</p>
        {why ? <p className={classes.why}>{why}</p> : null}
        {way.length > 0 ? <WitnessPath path={address.path} titleOf={titleOf} /> : null}
      </div>
      {onFix && fixes.length > 0 ? (
        <div className={classes.actions}>
          {fixes.map((fix, index) => (
            <Button key={fix.title} size="xs" variant={index === 0 && !fix.costs ? "filled" : "default"} title={fix.costs || undefined} onClick={() => { onFix(fix); }}>
              {titled(fix.title, titleOf)}{fix.costs ? ` (${lowered(fix.costs)})` : ""}
            </Button>
          ))}
        </div>
      ) : null}
    </article>
  );
}

/** Said behind the title: what is lost by it. */
function lowered(costs: string): string {
  return costs.charAt(0).toLowerCase() + costs.slice(1).replace(/\.$/, "");
}

/** From the source to the sink, step by step, with the field's name where it changes. */
export function WitnessPath({ path, titleOf }: { path: readonly Hop[]; titleOf: (step: string) => string }) {
  return (
    <ol className={classes.path} aria-label="Path of the field">
      {path.map((hop, index) => (
        <li key={`${hop.step}-${String(index)}`}>
          {index > 0 ? <ChevronRight size={12} aria-hidden="true" /> : null}
          <span title={hop.step}>{titleOf(hop.step)}</span>
          {hop.field && hop.field !== path[index - 1]?.field ? <code>{hop.field}</code> : null}
        </li>
      ))}
    </ol>
  );
}
