/** Fields with origin, sensitivity and protection, and which sinks read them. */
import { ShieldCheck } from "lucide-react";
import type { FieldRow } from "@/lib/api/types";
import { plain } from "@/lib/words";
import { SensitivityTag } from "@/ui/Sensitivity";
import classes from "./Inspector.module.css";

interface FieldTableViewProps {
  rows: readonly FieldRow[];
  titleOf?: (step: string) => string;
}

export function FieldTableView({ rows, titleOf = (step) => step }: FieldTableViewProps) {
  if (rows.length === 0) return <p className="muted">No field matches.</p>;
  return (
    <table className={classes.table} data-rows={rows.length}>
      <caption className="quiet">Fields</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Class</th>
          <th scope="col">Read by</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.path}>
            <td>
              <code className={classes.path}>{row.path}</code>
              <span className={classes.under}>{[row.name === row.path ? "" : row.name, row.parts > 1 ? `${String(row.parts)} parts` : ""].filter(Boolean).join(", ")}</span>
              {row.origin !== row.path ? <span className={classes.under}>from {row.origin}</span> : null}
              <span className={classes.under}>
                {plain(row.concept)}, {row.classes.join(", ")}
              </span>
            </td>
            <td>
              <SensitivityTag level={row.sensitivity} />
              {row.protections.length > 0 ? (
                <span className={classes.shield}>
                  <ShieldCheck size={11} aria-hidden="true" />
                  {row.protections.map(short).join(", ")}
                </span>
              ) : null}
            </td>
            <td>{row.read_by.length > 0 ? row.read_by.map(titleOf).join(", ") : <span className="muted">nobody</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function short(protection: string): string {
  return protection === "pseudonymised" ? "pseudonym" : protection;
}
