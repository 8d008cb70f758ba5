/** What is done and configured otherwise than in the live version. */
import type { Change, Review } from "@/lib/api/work";
import { titled } from "@/lib/titled";
import { Section } from "@/ui/Page";
import { SensitivityTag } from "@/ui/Sensitivity";
import { EmptyState } from "@/ui/States";
import classes from "@/features/review/Review.module.css";

const SIGNS = { wider: ["+", "newly exposed"], other: ["~", "changed"], narrower: ["–", "no longer"] } as const;

export function ChangeLists({ review }: { review: Review }) {
  const { behaviour_changes: behaviour, configuration } = review;
  if (behaviour.length + configuration.length === 0) {
    return <EmptyState title={review.base ? "Nothing is done otherwise" : "There is no version to compare with"} why={review.base ? "Only names, titles or the layout differ." : "This is the first release of the flow: its exposure and its graph show all of it."} />;
  }
  return (
    <div className="stack">
      {behaviour.length > 0 ? <Section title="Behaviour: what is done"><ChangeList titles={review.titles} changes={behaviour} label="Changes of behaviour" /></Section> : null}
      {configuration.length > 0 ? <Section title="Configuration: what is called or kept, and how"><ChangeList titles={review.titles} changes={configuration} label="Changes of configuration" /></Section> : null}
    </div>
  );
}

function ChangeList({ changes, label, titles }: { changes: readonly Change[]; label: string; titles: Readonly<Record<string, string>> }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {changes.map((change, index) => {
        const [sign, word] = SIGNS[change.direction];
        const level = sensitivity(change.after) ?? sensitivity(change.before);
        return (
          <li key={`${change.pointer} ${String(index)}`} className={classes.item} data-direction={change.direction}>
            <span className={classes.sign} title={word}>
              <span aria-hidden="true">{sign}</span>
              <span className="quiet">{word}: </span>
            </span>
            <span className={classes.text}>{titled(told(change, titles), (step) => titles[step] ?? step)}</span>
            <span className={classes.where}>{level === null ? (change.step ? (titles[change.step] ?? change.step) : "") : <SensitivityTag level={level} />}</span>
            {change.sentence.startsWith(`${change.pointer} `) ? (
              <span className={classes.values}>
                <span>place</span> <code>{change.pointer}</code>
              </span>
            ) : level === null && simple(change) ? (
              <span className={classes.values}>
                <span>before</span> <code>{spelt(change.before)}</code>
                <span>after</span> <code>{spelt(change.after)}</code>
              </span>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

/** A sentence that begins with a place of the document names that place in words. */
function told({ sentence, pointer }: Change, titles: Readonly<Record<string, string>>): string {
  if (!pointer || !sentence.startsWith(`${pointer} `)) return sentence;
  const [, first = "", second = "", ...rest] = pointer.split("/");
  const [step, below] = first === "steps" ? [second, rest] : second === "steps" ? [rest[0] ?? "", rest.slice(1)] : [null, first === "flow" ? [second, ...rest] : [first, second, ...rest]];
  const words = below.filter((part) => part !== "config" && part !== "").map((part) => part.replaceAll("_", " "));
  const place = [step === null ? "" : (titles[step] ?? step), words.join(", ")].filter(Boolean).join(": ");
  return place ? place.charAt(0).toUpperCase() + place.slice(1) + sentence.slice(pointer.length) : sentence;
}

function sensitivity(value: unknown): number | null {
  const level = value && typeof value === "object" && "sensitivity" in value ? value.sensitivity : null;
  return typeof level === "number" ? level : null;
}

/** Two values that can be shown beside each other in a line or two. */
function simple({ before, after }: Change): boolean {
  return (before ?? null) !== (after ?? null) && spelt(before).length + spelt(after).length < 600;
}

function spelt(value: unknown): string {
  return value === null || value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
}
