/** Sending a change back, and taking one's own back. */
import { useState } from "react";
import { Button, Modal } from "@mantine/core";
import { fits } from "@/lib/limits";
import { useOnce } from "@/lib/once";
import { sentenceOf } from "@/lib/api/http";
import { toast } from "@/ui/toasts";
import { Words } from "@/ui/Words";
import { sendBack, withdraw } from "@/features/review/api";

interface DialogProps {
  id: string;
  onClose: () => void;
}

export function ReturnDialog({ id, onClose }: DialogProps) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const { run, busy } = useOnce(async () => {
    try {
      await sendBack(id, text.trim());
      toast("Sent back. The authors see what you wrote; the draft can be edited again.", "ok");
      onClose();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  return (
    <Modal opened onClose={onClose} title="Ask for changes">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (fits("Return.text", text)) void run();
        }}
      >
        <p className="muted">The review ends and this release is set aside: no approval and no activation of it is taken any more, on the desk or on the command line. The draft goes back to its authors with what you write here; it stands on the desk too, so no patient data.</p>
        <Words first rows={4} limit="Return.text" label="What has to change" value={text} error={problem} onChange={setText} />
        <Button type="submit" loading={busy} disabled={!fits("Return.text", text)}>
          Send back
        </Button>
      </form>
    </Modal>
  );
}

export function WithdrawDialog({ id, onClose }: DialogProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const { run, busy } = useOnce(async () => {
    try {
      await withdraw(id);
      toast("Withdrawn. The draft can be edited again.", "ok");
      onClose();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  return (
    <Modal opened onClose={onClose} title="Withdraw this change">
      <div className="stack">
        <p className="muted">This release is set aside: no approval and no activation of it is taken any more, on the desk or on the command line. The draft can be edited again, and the record of this review stays.</p>
        {problem ? <p role="alert">{problem}</p> : null}
        <Button loading={busy} data-autofocus onClick={() => void run()}>
          Withdraw
        </Button>
      </div>
    </Modal>
  );
}
