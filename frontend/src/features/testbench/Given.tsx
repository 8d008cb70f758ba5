/** A message dropped, chosen, pasted or invented; and saving it as a test case once it has run. */
import { useState } from "react";
import { Button, Textarea, TextInput } from "@mantine/core";
import { FileText } from "lucide-react";
import { sentenceOf } from "@/lib/api/http";
import { useOnce } from "@/lib/once";
import { useMay } from "@/lib/session";
import { count } from "@/lib/words";
import { Mark } from "@/ui/Mark";
import { toast } from "@/ui/toasts";
import { invent, saveCase, type Given as What, type Run, type Sample } from "@/features/testbench/api";
import held from "@/features/testbench/Given.module.css";
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
  // What a file holds is run, not shown: its patient is masked here as everywhere else.
  const [file, setFile] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const take = async (given: File | undefined) => {
    if (!given) return;
    setProblem(null);
    if (given.size > MOST) {
      setProblem(`'${given.name}' has ${String(Math.ceil(given.size / 1_000_000))} MB; a sample has at most 1.5.`);
      return;
    }
    const read = await given.text();
    if (read.includes("\u0000")) {
      setProblem(`'${given.name}' is not text.`);
      return;
    }
    setFile(read);
    setName(given.name);
    onGiven(read, given.name);
  };
  const [seed, setSeed] = useState(1);
  const inventing = useOnce(async () => {
    setProblem(null);
    try {
      const made = await invent(draft, seed);
      setFile(null);
      setText(made.text);
      setName(`invented ${String(made.seed)}`);
      setSeed(seed + 1);
      onGiven(made.text, `invented ${String(made.seed)}`);
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  const ready = file !== null || text.trim() !== "";
  return (
    <form
      className={classes.drop}
      aria-label="Sample"
      data-over={over || undefined}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => { setOver(false); }}
      onDrop={(event) => { event.preventDefault(); setOver(false); if (may && !busy) void take(event.dataTransfer.files[0]); }}
      onSubmit={(event) => { event.preventDefault(); if (ready && may && !busy) onGiven(file ?? text, name); }}
    >
      <label className={classes.file} htmlFor="sample-file">
        Drop a message here, or choose a file
        <input id="sample-file" type="file" disabled={!may} onChange={(event) => { void take(event.currentTarget.files?.[0]); event.currentTarget.value = ""; }} />
      </label>
      {file === null ? (
        <Textarea aria-label="Or paste one" placeholder="MSH|^~\&|… or a FHIR Bundle" rows={5} value={text} error={problem} disabled={!may} spellCheck={false} onChange={(event) => { setText(event.currentTarget.value); setName("pasted"); }} />
      ) : (
        <Held name={name} text={file} problem={problem} onLeave={() => { setFile(null); setName("pasted"); }} />
      )}
      <div className="row">
        <Button type="submit" variant="default" loading={busy} disabled={!may || !ready}>Run</Button>
        <Button variant="subtle" loading={inventing.busy} disabled={!may || busy} onClick={() => void inventing.run()}>Invent one</Button>
      </div>
      {!may ? <p className={classes.small}>Analysts and approvers run samples.</p> : null}
      {tried?.sample ? <Told sample={tried.sample} /> : null}
      {tried?.run && "text" in tried.given ? <Save draft={draft} text={tried.given.text} /> : null}
    </form>
  );
}

/** A file by its name and size; what stands in it stays in it. */
function Held({ name, text, problem, onLeave }: { name: string; text: string; problem: string | null; onLeave: () => void }) {
  return (
    <>
      <div className={held.held}>
        <FileText size={16} aria-hidden="true" />
        <span className={held.name}>{name}</span>
        <span className={held.size}>{size(text.length)}</span>
        <Button variant="subtle" size="compact-sm" onClick={onLeave}>Paste instead</Button>
      </div>
      {problem ? <p className={held.problem} role="alert">{problem}</p> : null}
    </>
  );
}

function size(characters: number): string {
  return characters < 1_000 ? count(characters, "character") : `${(characters / 1_000).toFixed(1)} KB`;
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
      toast("Saved as a test case. What came out now is what it expects from now on.", "ok");
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
