/** A value that is not shown by itself. Whoever may reveals one field with a reason; that is recorded. */
import { useState } from "react";
import { Button, Modal } from "@mantine/core";
import { Eye } from "lucide-react";
import { sentenceOf } from "@/lib/api/http";
import { fits } from "@/lib/limits";
import { Words } from "@/ui/Words";
import classes from "@/ui/Masked.module.css";

interface MaskedProps {
  /** What the server sent: dots, or the value where it is not sensitive. */
  value: string | null;
  /** Names the field in the dialog and for screen readers. */
  field: string;
  /** Asks the server for the value; without it nothing can be revealed here. */
  onReveal?: (reason: string) => Promise<string>;
}

const DOTS = "•••";

export function Masked({ value, field, onReveal }: MaskedProps) {
  const [shown, setShown] = useState<string | null>(null);
  const [asking, ask] = useState(false);
  if (value === null) return <span className="muted">absent</span>;
  if (value !== DOTS) return <span className="mono">{value}</span>;
  return (
    <span className={classes.masked}>
      {shown === null ? <span aria-label="masked value">{DOTS}</span> : <mark className={`mono ${classes.shown ?? ""}`}>{shown}</mark>}
      {onReveal && shown === null ? (
        <button type="button" className={classes.eye} aria-label={`Reveal ${field}`} onClick={() => { ask(true); }}>
          <Eye size={13} aria-hidden="true" />
        </button>
      ) : null}
      {asking && onReveal ? (
        <Reveal
          field={field}
          onClose={() => { ask(false); }}
          onReveal={async (reason) => {
            setShown(await onReveal(reason));
            ask(false);
          }}
        />
      ) : null}
    </span>
  );
}

function Reveal({ field, onClose, onReveal }: { field: string; onClose: () => void; onReveal: (reason: string) => Promise<void> }) {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async () => {
    setBusy(true);
    try {
      await onReveal(reason.trim());
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={`Reveal ${field}`} size="sm">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (fits("Reveal.reason", reason) && !busy) void submit();
        }}
      >
        <p className="muted">The value is shown to you alone, on this page. The audit keeps your name, the field and this reason.</p>
        <Words first limit="Reveal.reason" label="Reason" value={reason} error={problem} onChange={setReason} />
        <Button type="submit" loading={busy} disabled={!fits("Reveal.reason", reason)}>
          Reveal
        </Button>
      </form>
    </Modal>
  );
}
