/** The step that waits for signatures: its rows and who prepared them, where it is signed, and taking it back. */
import { useState } from "react";
import { Button, Modal } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import { sentenceOf } from "@/lib/api/http";
import { fits } from "@/lib/limits";
import { useOnce } from "@/lib/once";
import { useMay } from "@/lib/session";
import { count } from "@/lib/words";
import { Mark } from "@/ui/Mark";
import { toast } from "@/ui/toasts";
import { Words } from "@/ui/Words";
import { takeBack, type MasterPage, type Signers } from "@/features/masters/api";
import classes from "@/features/masters/Masters.module.css";

interface PendingProps {
  step: Signers;
  master: MasterPage;
}

const DOES = { adds: "adds", changes: "changes", retires: "ends" } as const;

export function Pending({ step, master }: PendingProps) {
  const rest = step.adds + step.changes + step.retires - step.rows.length;
  return (
    <div className={classes.pending} role="status">
      <Mark tone="waiting">{standing(step)}</Mark>
      <span>
        {step.rows.map((row) => `${DOES[row.act]} ${row.key.join(" · ")}${row.person ? ` (${row.person})` : ""}`).join(", ") || saidOf(step)}
        {rest > 0 ? ` and ${count(rest, "more row")}` : ""}{step.reason ? `: ${step.reason}` : ""}{step.signed.length > 0 ? `. Signed by ${step.signed.join(" and ")}` : ""}
      </span>
      <span className="grow" />
      <Doors step={step} master={master} />
    </div>
  );
}

/** Before a form that could not be kept: what stands in its way, and the two ways on. */
export function InTheWay({ step, master, onClose }: PendingProps & { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={`Step ${String(step.sequence)} stands in the way`}>
      <div className="stack">
        <p>{step.signed.join(" and ")} signed it, and it {saidOf(step)}. Nothing can join it any more: have it signed by another steward, or take it back; then prepare your change.</p>
        <div className="row"><Doors step={step} master={master} /></div>
      </div>
    </Modal>
  );
}

function Doors({ step, master }: PendingProps) {
  const [signs, takes] = [useMay("release.sign"), useMay("master.take-back")];
  const [taking, setTaking] = useState(false);
  return (
    <>
      {takes ? <Button size="xs" variant="default" onClick={() => { setTaking(true); }}>Take it back</Button> : null}
      {signs && master.steward_role ? <Button component="a" size="xs" variant={step.mine ? "filled" : "default"} href={step.link} target="_blank" rel="noopener" rightSection={<ExternalLink size={13} aria-hidden="true" />}>{step.mine ? "Sign on the desk" : "Look at it on the desk"}</Button> : <span className={classes.sub}>Persons with the role {master.steward_role} sign it.</span>}
      {taking ? <TakeBack step={step} master={master} onClose={() => { setTaking(false); }} /> : null}
    </>
  );
}

function TakeBack({ step, master, onClose }: PendingProps & { onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const { run, busy } = useOnce(async () => {
    try {
      toast(await takeBack(master.id, step.digest, reason.trim()));
      onClose();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  const enough = fits("TakeBack.reason", reason);
  return (
    <Modal opened onClose={onClose} title={`Take step ${String(step.sequence)} back`}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); if (enough) void run(); }}>
        <p>
          It {saidOf(step)}{step.person ? `, prepared by ${step.person}` : ""}. The rows in force stay as they are.
          {step.signed.length > 0 ? ` The signature of ${step.signed.join(" and ")} counts no more.` : ""}
        </p>
        <Words first limit="TakeBack.reason" label="Reason" value={reason} onChange={(text) => { setReason(text); setProblem(null); }} />
        {problem ? <p role="alert" className={classes.bad}>{problem}</p> : null}
        <div className="row"><Button type="submit" color="red" loading={busy} disabled={!enough}>Take it back</Button></div>
      </form>
    </Modal>
  );
}

function standing(step: Signers): string {
  return `Step ${String(step.sequence)} waits for stewards: ${String(step.signed.length)} of ${String(step.needed)} signed`;
}

export function saidOf({ adds, changes, retires }: Signers): string {
  return [adds ? `adds ${count(adds, "row")}` : "", changes ? `changes ${count(changes, "row")}` : "", retires ? `ends ${count(retires, "row")}` : ""].filter(Boolean).join(", ") || "changes nothing";
}
