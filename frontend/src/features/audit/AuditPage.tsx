/** What happened, and whether the record is whole: this browser computes the chain of what it shows again. */
import { useEffect, useState } from "react";
import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useOnce } from "@/lib/once";
import { useMay } from "@/lib/session";
import { count, number } from "@/lib/words";
import { Choice, oneOf } from "@/ui/Choice";
import { DataTable, type Column } from "@/ui/DataTable";
import { Digest } from "@/ui/Digest";
import { Mark } from "@/ui/Mark";
import { Page, Section } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { failed } from "@/ui/toasts";
import { auditQuery, verifyAll, type ChainPage, type Entry, type Verification, type Writer } from "@/features/audit/api";
import { check, type Checked } from "@/features/audit/chain";
import { Export, Filters, SearchView, type Chosen } from "@/features/audit/SearchView";
import classes from "@/features/audit/Audit.module.css";

const route = getRouteApi("/shell/audit");
const WRITERS = [["designer", "People"], ["intake", "Intake"], ["delivery", "Delivery"]] as const;

const VIEWS = [["people", "What people did"], ["revealed", "Revealed values"], ["signatures", "Signatures"], ["sign-ins", "Sign-ins"], ["operations", "Operations"], ["everything", "Everything"], ["chains", "Chains"]] as const;
type View = (typeof VIEWS)[number][0];

export function AuditPage() {
  const navigate = useNavigate({ from: "/audit" });
  const search = route.useSearch();
  const written = (name: string) => (typeof search[name] === "string" ? search[name] : "");
  const view: View = written("writer") ? "chains" : oneOf<View>(search["what"], VIEWS);
  const chosen: Chosen = { what: view === "chains" ? "everything" : view, person: written("person"), from: written("from"), to: written("to") };
  const may = useMay("audit.verify");
  const [verified, setVerified] = useState<Verification | null>(null);
  const { run, busy } = useOnce(async () => {
    try {
      setVerified(await verifyAll());
    } catch (error) {
      failed(error);
    }
  });
  return (
    <Page
      title="Audit"
      lead="Who did what, and what happened. Each record is chained to the one before it; none holds a value of a message."
      actions={
        <>
          {view === "chains" ? null : <Export chosen={chosen} />}
          {may ? <Button variant="default" loading={busy} onClick={() => void run()}>Verify all chains</Button> : null}
        </>
      }
      bar={
        <>
          <Choice<View> label="What to look for" value={view} options={VIEWS} onChange={(what) => void navigate({ search: what === "chains" ? { writer: "designer" } : { what: what === "people" ? undefined : what, person: chosen.person || undefined, from: chosen.from || undefined, to: chosen.to || undefined } })} />
          {view === "chains" ? <ChainBar /> : <Filters chosen={chosen} onChange={(part) => void navigate({ search: (old) => ({ ...old, ...Object.fromEntries(Object.entries(part).map(([name, value]) => [name, value || undefined])) }), replace: true })} />}
        </>
      }
    >
      {verified ? <Verified result={verified} /> : null}
      {view === "chains" ? <Chains /> : <SearchView chosen={chosen} />}
    </Page>
  );
}

function useChain() {
  const search = route.useSearch();
  return { writer: oneOf<Writer>(search["writer"], WRITERS), before: typeof search["before"] === "number" ? search["before"] : null, words: typeof search["q"] === "string" ? search["q"] : "" };
}

function ChainBar() {
  const navigate = useNavigate({ from: "/audit" });
  const { writer, words } = useChain();
  return (
    <>
      <Choice<Writer> label="Which chain" value={writer} options={WRITERS} onChange={(to) => void navigate({ search: { writer: to } })} />
      <Search label="Filter this page" value={words} onChange={(q) => void navigate({ search: (old) => ({ ...old, q: q || undefined }), replace: true })} />
    </>
  );
}

/** A chain as it stands, record by record, computed again here. */
function Chains() {
  const navigate = useNavigate({ from: "/audit" });
  const { writer, before, words } = useChain();
  const query = useQuery(auditQuery(writer, before));
  const [record, setRecord] = useState<Entry | null>(null);
  return (
    <Loaded query={query} what="The audit" rows={10}>
      {(page) => (
        <>
          <Bars page={page} />
          <DataTable
            caption="Records, newest first" columns={COLUMNS} rows={[...page.entries].sort((a, b) => b.seq - a.seq).filter((each) => holds(each, words))} rowKey={(row) => String(row.seq)} onOpen={setRecord} fixed
            empty={<EmptyState title={page.entries.length > 0 ? "No record matches" : "Nothing is recorded yet"} why={page.entries.length > 0 ? "The filter looks at this page of the chain only." : "This chain begins with the first thing that happens."} />}
          />
          <div className="row">
            {before !== null ? <Button size="xs" variant="default" onClick={() => void navigate({ search: (old) => ({ ...old, before: undefined }) })}>Newest</Button> : null}
            {page.next !== null ? <Button size="xs" variant="default" onClick={() => void navigate({ search: (old) => ({ ...old, before: page.next ?? undefined }) })}>Older</Button> : null}
            <span className={classes.small}>{number(page.last)} records in this chain</span>
          </div>
          {record ? <Letter page={page} entry={record} onClose={() => { setRecord(null); }} /> : null}
        </>
      )}
    </Loaded>
  );
}

function holds(entry: Entry, words: string): boolean {
  const text = `${entry.sentence} ${entry.action} ${entry.actor} ${entry.about} ${entry.reason}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** One bar a commit: whether its head is what the records give. */
function Bars({ page }: { page: ChainPage }) {
  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    let gone = false;
    setChecked(null);
    void check(page).then((found) => {
      if (!gone) setChecked(found);
    });
    return () => {
      gone = true;
    };
  }, [page]);
  if (page.rows.length === 0) return null;
  const broken = checked?.rows.filter((each) => !each.good) ?? [];
  return (
    <div className="stack">
      <div className={classes.bars} role="img" aria-label={checked ? `${String(checked.rows.length - broken.length)} of ${String(checked.rows.length)} commits hold` : "Being computed"}>
        {(checked?.rows ?? page.rows.map((each) => ({ ...each, good: "unknown" as const }))).map((each) => <span key={each.first} className={classes.bar} data-good={each.good} title={`Record ${String(each.first)}${each.count > 1 ? ` to ${String(each.first + each.count - 1)}` : ""}`} />)}
      </div>
      <div className={classes.chain}>
        {!checked ? <span className="muted">Computing the chain…</span> : checked.good ? <Mark tone="ok" wraps>{`This browser computed ${count(checked.rows.length, "commit")} again: every head holds`}</Mark> : <Mark tone="bad" wraps>{`The chain breaks at record ${String(broken[0]?.first ?? "")}: keep the data folder as it is and tell whoever runs this installation`}</Mark>}
        <span className={classes.small}>{page.recipe}</span>
      </div>
    </div>
  );
}

function Verified({ result }: { result: Verification }) {
  return (
    <Section title="Verified by the server" aside={`${count(result.checkpoints, "checkpoint")}`}>
      <p><Mark tone={result.good ? "ok" : "bad"} wraps>{result.sentence}</Mark></p>
      <DataTable caption="Chains" columns={CHAINS} rows={result.chains} rowKey={(row) => row.writer} fixed />
      <p className={classes.small}>The same without this page:</p>
      <code className={classes.command}>{result.command}</code>
    </Section>
  );
}

/** A record to the letter. */
function Letter({ page, entry, onClose }: { page: ChainPage; entry: Entry; onClose: () => void }) {
  const row = page.rows.find((each) => each.first <= entry.seq && entry.seq < each.first + each.count);
  return (
    <Modal opened onClose={onClose} title={`Record ${String(entry.seq)}`} size="lg">
      <div className="stack">
        <p>{entry.sentence}</p>
        <pre className={classes.record}>{row?.records[entry.seq - row.first] ?? "not on this page"}</pre>
        {row ? <p className={classes.small}>The head after its commit: <Digest value={row.head} whole /></p> : null}
      </div>
    </Modal>
  );
}

/** The sentence has its words already; a reason that a person gave is not one word. */
function isCode(reason: string): boolean {
  return /^[a-z0-9-]*$/.test(reason);
}

const CALLED = new Map<string, string>(WRITERS);
const COLUMNS: readonly Column<Entry>[] = [
  { id: "seq", header: "Record", width: "84px", align: "end", cell: (row) => number(row.seq) },
  { id: "at", header: "When", width: "180px", plain: true, cell: (row) => <span className={classes.tight}><Time at={row.at} form="full" /></span> },
  { id: "sentence", header: "What", lead: true, cell: (row) => <span className={classes.what}><span>{row.sentence}</span>{isCode(row.reason) ? null : <span className={classes.small}>Reason: {row.reason}</span>}</span> },
  { id: "actor", header: "Who", minor: true, plain: true, width: "130px", cell: (row) => row.actor || <span className="muted">the runtime</span> },
  { id: "about", header: "About", minor: true, width: "210px", cell: (row) => row.about },
  { id: "action", header: "Action", minor: true, width: "176px", cell: (row) => <code>{row.action}</code> },
];
const CHAINS: readonly Column<Verification["chains"][number]>[] = [
  { id: "writer", header: "Chain", width: "120px", lead: true, cell: (row) => CALLED.get(row.writer) ?? row.writer },
  { id: "good", header: "Result", width: "110px", plain: true, cell: (row) => (row.good ? <Mark tone="ok">Holds</Mark> : <Mark tone="bad">Broken</Mark>) },
  { id: "records", header: "Records", align: "end", cell: (row) => number(row.records) },
  { id: "sentence", header: "What was found", plain: true, cell: (row) => row.sentence },
  { id: "head", header: "Head", minor: true, cell: (row) => (row.head ? <Digest value={row.head} /> : null) },
];
