/** Who learns what otherwise: system by system and field by field, the gravest first, with the way that a new value takes. */
import { Button } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import type { Review } from "@/lib/api/work";
import { count } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { WitnessPath } from "@/ui/FindingCard";
import { Mark, type Tone } from "@/ui/Mark";
import { Section } from "@/ui/Page";
import { ProtectionLegend, SensitivityTag } from "@/ui/Sensitivity";
import { EmptyState } from "@/ui/States";
import classes from "@/features/review/Review.module.css";

type Row = Review["exposure"][number];
type Value = Row["after"][number];

const DIRECTIONS: Record<Row["direction"], readonly [Tone, string]> = { wider: ["warn", "Newly exposed"], other: ["info", "Something else"], narrower: ["ok", "No longer"] };

export function Exposure({ review }: { review: Review }) {
  if (review.exposure.length === 0) return <EmptyState title="No change in exposure" why="Every system gets what it got before, from the same fields, under the same protections. What that is, field by field, stands on the approval desk, read from the sealed bytes." action={<FromDesk review={review} />} />;
  const wider = review.exposure.filter((each) => each.direction === "wider");
  const fields = wider.filter((each) => each.field).length;
  const fresh = [fields > 0 ? count(fields, "field") : "", wider.length > fields ? count(wider.length - fields, "destination") : ""].filter(Boolean).join(" and ");
  return (
    <Section title={review.card.sentence} aside={fresh ? `${fresh} newly exposed` : "nothing newly exposed"}>
      <DataTable caption="Exposure, the gravest first" columns={columns((step) => review.titles[step] ?? step)} rows={review.exposure} rowKey={(row) => `${row.sink} ${row.field ?? ""}`} fixed />
      <ProtectionLegend held={review.exposure.flatMap((each) => each.after.flatMap((value) => value.protections))} />
    </Section>
  );
}

/** Reading there takes no key. */
function FromDesk({ review }: { review: Review }) {
  const link = review.people.acts[0]?.link;
  return link ? <Button component="a" variant="default" href={link.replace(/#.*$/, "")} target="_blank" rel="noopener" rightSection={<ExternalLink size={14} aria-hidden="true" />}>Everything that leaves</Button> : null;
}

const columns = (titleOf: (step: string) => string): readonly Column<Row>[] => [
  { id: "direction", header: "What changes", lead: true, width: "140px", cell: (row) => <Mark tone={DIRECTIONS[row.direction][0]}>{DIRECTIONS[row.direction][1]}</Mark> },
  { id: "system", header: "System and field", width: "22%", cell: (row) => <span className={classes.change}><span>{row.system}</span>{row.field ? <code>{row.field}</code> : <span className={classes.exposed}>the destination</span>}</span> },
  {
    id: "what", header: "What it gets", plain: true,
    cell: (row) => (
      <span className={classes.change}>
        {row.sentences.map((each) => <span key={each}>{each}</span>)}
        {row.before.map((each) => <Told key={`was ${said(each)}`} value={each} word={row.after.length > 0 ? "before" : "no longer"} />)}
        {row.after.map((each) => <Told key={said(each)} value={each} word={row.before.length > 0 ? "now" : "new"} />)}
        {row.path.length > 0 ? <WitnessPath path={row.path} titleOf={titleOf} /> : null}
      </span>
    ),
  },
  { id: "sensitivity", header: "Class", width: "90px", cell: (row) => (row.sensitivity >= 0 ? <SensitivityTag level={row.sensitivity} /> : null) },
];

function Told({ value, word }: { value: Value; word: string }) {
  return <span><span className={classes.exposed}>{word}</span> <code>{value.origin}</code> {said(value)}</span>;
}

function said({ concept, protections, sensitivity }: Value): string {
  return `${concept.replace(/-/g, " ")}, S${String(sensitivity)}, ${protections.length > 0 ? protections.join(" and ") : "as it is"}`;
}
