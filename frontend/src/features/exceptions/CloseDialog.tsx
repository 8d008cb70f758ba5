/** Ending a case without a posting: what that means, and why it is done. */
import { useState } from "react";
import { Button, Modal } from "@mantine/core";
import { sentenceOf } from "@/lib/api/http";
import { fits } from "@/lib/limits";
import { useOnce } from "@/lib/once";
import { count } from "@/lib/words";
import { toast } from "@/ui/toasts";
import { Words } from "@/ui/Words";
import { closeCase, type Case } from "@/features/exceptions/api";

export function CloseDialog({ known, onClose }: { known: Case; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const held = known.postings.filter((each) => each.state === "parked").length;
  const { run, busy } = useOnce(async () => {
    try {
      await closeCase(known.card.number, reason.trim());
      toast(`Case ${String(known.card.number)} is closed.`, "ok");
      onClose();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  return (
    <Modal opened onClose={onClose} title={`Close case ${String(known.card.number)}`} size="sm">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (fits("Closing.reason", reason)) void run();
        }}
      >
        <p className="muted">
          {held > 0 ? `${count(held, "line is", "lines are")} then not posted any more, and cannot be replayed from here. What was held stays as the record.` : "Nothing of it is kept, so nothing is lost by closing it."} The audit keeps your name and this reason.
        </p>
        <Words first limit="Closing.reason" label="Reason" description={held > 0 ? "Why it need not be posted. No value of the message." : "Why nobody need do more about it. No value of the message."} value={reason} error={problem} onChange={setReason} />
        <Button type="submit" loading={busy} disabled={!fits("Closing.reason", reason)}>
          {held > 0 ? "Close without posting" : "Close it"}
        </Button>
      </form>
    </Modal>
  );
}
