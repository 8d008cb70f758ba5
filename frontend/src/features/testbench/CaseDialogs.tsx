/** Renaming a test case; and accepting what it comes to now, after looking at what that is. */
import { useState } from "react";
import { Button, Modal, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { sentenceOf } from "@/lib/api/http";
import { useOnce } from "@/lib/once";
import { Loaded } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { Compared } from "@/features/testbench/Compared";
import { acceptCase, compareCase, renameCase, type Case } from "@/features/testbench/api";
import classes from "@/features/testbench/TestBench.module.css";

interface DialogProps {
  draft: string;
  each: Case;
  onClose: () => void;
}

export function RenameCase({ draft, each, onClose }: DialogProps) {
  const [title, setTitle] = useState(each.title);
  const [problem, setProblem] = useState<string | null>(null);
  const { run, busy } = useOnce(async () => {
    try {
      await renameCase(draft, each.id, title.trim());
      onClose();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  return (
    <Modal opened onClose={onClose} title="Rename this test case" size="md">
      <form className="stack" onSubmit={(event) => { event.preventDefault(); if (title.trim()) void run(); }}>
        <TextInput label="What it shows" required maxLength={200} data-autofocus value={title} error={problem} onChange={(event) => { setTitle(event.currentTarget.value); }} />
        <div className="row">
          <Button type="submit" loading={busy} disabled={!title.trim()}>Rename</Button>
          <Button variant="default" onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Modal>
  );
}

export function AcceptCase({ draft, each, onClose }: DialogProps) {
  const query = useQuery({ queryKey: ["test-case-compared", draft, each.id], queryFn: () => compareCase(draft, each.id), gcTime: 0, staleTime: Infinity });
  const [problem, setProblem] = useState<string | null>(null);
  const { run, busy } = useOnce(async () => {
    try {
      await acceptCase(draft, each);
      toast("It expects from now on what it comes to now.", "ok");
      onClose();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  const passed = query.data?.passed ?? true;
  return (
    <Modal opened onClose={onClose} title={`What “${each.title}” comes to now`} size="xl">
      <div className="stack">
        <Loaded query={query} what="The comparison" rows={5}>{(compared) => <Compared draft={draft} compared={compared} />}</Loaded>
        {query.data && !passed ? <p className={classes.small}>Accepting takes what came as what is expected from now on. Who reviews this flow sees the test case pass.</p> : null}
        {problem ? <p className={classes.wrong} role="alert">{problem}</p> : null}
        <div className="row">
          <Button loading={busy} disabled={!query.data || passed} onClick={() => void run()}>Accept what came</Button>
          <Button variant="default" data-autofocus onClick={onClose}>Leave it as it is</Button>
        </div>
      </div>
    </Modal>
  );
}
