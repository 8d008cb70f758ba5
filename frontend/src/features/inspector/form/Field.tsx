/** One place of a config: its label, what it is for, its widget, and what is wrong with it. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { AlertCircle, RotateCcw } from "lucide-react";
import type { Finding } from "@/lib/api/types";
import { placed } from "@/lib/titled";
import { useForm, type FieldProps } from "./context";
import { Prose } from "./Prose";
import { isEmpty, optional } from "./schema";
import classes from "./Form.module.css";

export function Field({ schema: given, value, pointer, label, bare = false, required = false }: FieldProps) {
  const form = useForm();
  const { schema, nullable } = optional(given, form.root);
  const Widget = form.widgetFor(schema, form.root);
  const set = value !== undefined && value !== null;
  // What is missing is said at each field; the finding of the whole step names them all.
  const missing = required && isEmpty(value);
  const problems = (form.findings.get(pointer) ?? []).filter((finding) => finding.rule !== "LG-NODE-UNFINISHED");
  return (
    <div className={classes.field} data-pointer={pointer}>
      {bare ? null : (
        <div className={classes.head}>
          <span className={classes.label}>{label}</span>
          {required ? <span className={classes.must}>{missing ? "missing" : "required"}</span> : null}
          {set && !required && !form.disabled ? (
            <Tooltip label={nullable ? "Leave it out" : "Back to the default"}>
              <ActionIcon className={classes.clear ?? ""} size={24} aria-label={`${nullable ? "Leave out" : "Reset"} ${label}`} onClick={() => { form.remove(pointer); }}>
                <RotateCcw size={13} />
              </ActionIcon>
            </Tooltip>
          ) : null}
        </div>
      )}
      {!bare && schema.description ? (
        <p className={classes.about}>
          <Prose text={schema.description} />
        </p>
      ) : null}
      <Widget schema={schema} value={value} pointer={pointer} label={label} required={required} />
      <Problems findings={problems} />
    </div>
  );
}

/** What is wrong here: the place needs no words where it is in sight. */
export function Problems({ findings }: { findings: readonly Finding[] }) {
  return findings.map((finding) => (
    <p key={`${finding.rule} ${finding.sentence}`} className={classes.problem} data-severity={finding.severity}>
      <AlertCircle size={13} aria-hidden="true" />
      {placed(finding.sentence).sentence.replace(/^Step '[^']+': /, "")}
    </p>
  ));
}
