/** One place of a config: its label, what it is for, its widget, and what is wrong with it. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { AlertCircle, RotateCcw } from "lucide-react";
import { useDesk } from "@/features/editor/context";
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
              <ActionIcon className={classes.clear ?? ""} size={24} aria-label={`${nullable ? "Leave out" : "Reset"} ${label}`} onClick={() => { form.remove(pointer, label.toLowerCase()); }}>
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
      {pointer === "/key" ? <KeyColumns /> : null}
      <Widget schema={schema} value={value} pointer={pointer} label={label} required={required} />
      {problems.map((finding) => (
        <p key={`${finding.rule} ${finding.sentence}`} className={classes.problem} data-severity={finding.severity}>
          <AlertCircle size={13} aria-hidden="true" />
          {finding.sentence}
        </p>
      ))}
    </div>
  );
}

/** Of which columns the key of the chosen master is made, in their order. */
function KeyColumns() {
  const form = useForm();
  const { catalogue } = useDesk();
  const master = catalogue.masters.find((each) => each.id === form.value["master"]);
  return master ? <p className={classes.about}>The key of {master.title || master.id}: {master.key.join(", then ")}.</p> : null;
}
