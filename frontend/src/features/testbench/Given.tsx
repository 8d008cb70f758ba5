/** A message dropped, chosen, pasted or invented; and saving it as a test case once it has run. */
import { useState } from "react";
import { Button, Textarea, TextInput } from "@mantine/core";
import { sentenceOf } from "@/lib/api/http";
import { useOnce } from "@/lib/once";
import { useMay } from "@/lib/session";
import { Mark } from "@/ui/Mark";
import { toast } from "@/ui/toasts";
import { invent, saveCase, type Given as What, type Run, type Sample } from "@/features/testbench/api";
import classes from "@/features/testbench/TestBench.module.css";

const MOST = 1_500_000;

interface GivenProps {
  draft: string;
  busy: boolean;
  may: boolean;
  tried: { given: What; sample: Sample | null; run: Run | null } | null;
  onGiven: (text: string, name: string) => void;
}

export function Given({ draft, busy, may, tried, onGiven }: GivenProps) {
  const [text, setText] = useState("");
  const [name, setName] = useState("pasted");
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const take = async (file: File | undefined) => {
    if (!file) return;
    setProblem(null);
    if (file.size > MOST) {
      setProblem(`'${file.name}' has ${String(Math.ceil(file.size / 1_000_000))} MB; a sample has at most 1.5.`);
      return;
    }
    const read = await file.text();
    if (read.includes("\u0000")) {
      setProblem(`'${file.name}' is not text.`);
      return;
    }
    setText(read);
    setName(file.name);
    onGiven(read, file.name);
  };
  const [seed, setSeed] = useState(1);
  const inventing = useOnce(async () => {
    setProblem(null);
    try {
      const made = await invent(draft, seed);
      setText(made.text);
      setName(`invented ${String(made.seed)}`);
      setSeed(seed + 1);
      onGiven(made.text, `invented ${String(made.seed)}`);
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  return (
    <form
      className={classes.drop}
      aria-label="Sample"
      data-over={over || undefined}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => { setOver(false); }}
      onDrop={(event) => { event.preventDefault(); setOver(false); if (may && !busy) void take(event.dataTransfer.files[0]); }}
      onSubmit={(event) => { event.preventDefault(); if (text.trim() && may && !busy) onGiven(text, name); }}
    >
      <label className={classes.file} htmlFor="sample-file">
        Drop a message here, or choose a file
        <input id="sample-file" type="file" disabled={!may} onChange={(event) => { void take(event.currentTarget.files?.[0]); event.currentTarget.value = ""; }} />
      </label>
      <Textarea aria-label="Or paste one" placeholder="MSH|^~\&|… or a FHIR Bundle" rows={5} value={text} error={problem} disabled={!may} spellCheck={false} onChange={(event) => { setText(event.currentTarget.value); setName("pasted"); }} />
      <div className="row">
        <Button type="submit" variant="default" loading={busy} disabled={!may || !text.trim()}>Run</Button>
        <Button variant="subtle" loading={inventing.busy} disabled={!may || busy} onClick={() => void inventing.run()}>Invent one</Button>
      </div>
      {!may ? <p className={classes.small}>Analysts and approvers run samples.</p> : null}
      {tried?.sample ? <Told sample={tried.sample} /> : null}
      {tried?.run && "text" in tried.given ? <Save draft={draft} text={tried.given.text} /> : null}
    </form>
  );
}

function Told({ sample }: { sample: Sample }) {
  return (
    <>
      <p className={classes.small}>
        {sample.format === "unknown" ? "Not recognised as HL7 or FHIR" : `${sample.type || sample.format}${sample.identity_present ? "" : ", without an identity of its own"}`}
      </p>
      {sample.findings.map((each) => <Mark key={each.sentence} tone="warn">{each.sentence}</Mark>)}
    </>
  );
}

function Save({ draft, text }: { draft: string; text: string }) {
  const may = useMay("test-case.edit");
  const [title, setTitle] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const { run, busy } = useOnce(async () => {
    setProblem(null);
    try {
      await saveCase(draft, title.trim(), text);
      toast("Saved. What it comes to now is what it shall come to.", "ok");
      setTitle("");
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  if (!may) return null;
  return (
    <>
      <TextInput label="Save as test case" placeholder="What it shows" maxLength={200} value={title} error={problem} onChange={(event) => { setTitle(event.currentTarget.value); }} onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); if (title.trim()) void run(); } }} />
      <Button variant="default" loading={busy} disabled={!title.trim()} onClick={() => void run()}>Save</Button>
    </>
  );
}
