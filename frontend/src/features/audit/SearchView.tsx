/** What happened, by kind, person and day, over all chains and the signatures; and the same taken away as a file. */
import { useState } from "react";
import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useOnce } from "@/lib/once";
import { count, number } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Digest } from "@/ui/Digest";
import { Mark } from "@/ui/Mark";
import { EmptyState, Loaded } from "@/ui/States";
import { Time } from "@/ui/Time";
import { failed, toast } from "@/ui/toasts";
import { peopleQuery, searchQuery, takeAway, type Filter, type FoundEntry, type What } from "@/features/audit/api";
import classes from "@/features/audit/Audit.module.css";

export interface Chosen {
  what: What;
  person: string;
  /** Days as an address has them: 2026-11-22. */
  from: string;
  to: string;
}

/** Both days count as a whole, as this browser's clock has them. */
export function filterOf({ what, person, from, to }: Chosen): Filter {
  const since = from ? new Date(`${from}T00:00:00`).getTime() : 0;
  const end = to ? new Date(`${to}T00:00:00`) : null;
  end?.setDate(end.getDate() + 1);
  return { what, person: person || null, since: Number.isNaN(since) ? 0 : Math.max(0, since), until: end && !Number.isNaN(end.getTime()) ? Math.max(0, end.getTime()) : null };
}

export function Filters({ chosen, onChange }: { chosen: Chosen; onChange: (part: Partial<Chosen>) => void }) {
  const people = useQuery(peopleQuery);
  const known = [{ value: "", label: "Anybody" }, ...(people.data ?? []).map((each) => ({ value: each.person, label: each.name }))];
  const options = known.some((each) => each.value === chosen.person) ? known : [...known, { value: chosen.person, label: chosen.person }];
  return (
    <>
      <NativeSelect aria-label="Who" value={chosen.person} data={options} onChange={(event) => { onChange({ person: event.currentTarget.value }); }} />
      <TextInput className={classes.day} type="date" label="From" aria-label="From day" value={chosen.from} max={chosen.to || undefined} onChange={(event) => { onChange({ from: event.currentTarget.value }); }} />
      <TextInput className={classes.day} type="date" label="to" aria-label="To day" value={chosen.to} min={chosen.from || undefined} onChange={(event) => { onChange({ to: event.currentTarget.value }); }} />
    </>
  );
}

export function Export({ chosen }: { chosen: Chosen }) {
  const { run, busy } = useOnce(async (format: "csv" | "jsonl") => {
    try {
      await takeAway(filterOf(chosen), format);
      toast("The file is saved by this browser. The audit says that you took it.", "ok");
    } catch (error) {
      failed(error);
    }
  });
  return (
    <>
      <Button variant="default" loading={busy} onClick={() => void run("csv")}>Export CSV</Button>
      <Button variant="default" loading={busy} onClick={() => void run("jsonl")}>Export JSON lines</Button>
    </>
  );
}

export function SearchView({ chosen }: { chosen: Chosen }) {
  const query = useInfiniteQuery(searchQuery(filterOf(chosen)));
  const [record, setRecord] = useState<FoundEntry | null>(null);
  return (
    <Loaded query={query} what="The audit" rows={10}>
      {({ pages }) => {
        const rows = pages.flatMap((each) => each.entries);
        const missing = pages.find((each) => !each.complete)?.sentence;
        return (
          <>
            {missing ? <p><Mark tone="warn" wraps>{missing}</Mark></p> : null}
            <DataTable
              caption="What was found, newest first" columns={chosen.what === "revealed" ? REVEALED : COLUMNS} rows={rows} rowKey={(row) => `${row.where} ${String(row.seq)} ${row.head} ${row.actor}`} onOpen={setRecord} fixed
              empty={<EmptyState title={chosen.what === "revealed" ? "Nobody looked at a value" : "Nothing was found"} why={query.hasNextPage ? "Not in the stretch that was looked through so far; look further back." : "Nothing of this kind is recorded of these days and this person."} />}
            />
            <div className="row">
              {query.hasNextPage ? <Button size="xs" variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Older</Button> : null}
              {rows.length > 0 ? <span className={classes.small}>{query.hasNextPage ? `The newest ${number(rows.length)}` : count(rows.length, "record")}</span> : null}
            </div>
            {record ? <Letter entry={record} onClose={() => { setRecord(null); }} /> : null}
          </>
        );
      }}
    </Loaded>
  );
}

/** A record to the letter, and where it stands. */
function Letter({ entry, onClose }: { entry: FoundEntry; onClose: () => void }) {
  const signed = entry.where === "store";
  return (
    <Modal opened onClose={onClose} title={signed ? "Signature" : `Record ${String(entry.seq)} of ${CALLED[entry.where]}`} size="lg">
      <div className="stack">
        <p>{entry.sentence}</p>
        <pre className={classes.record}>{entry.record}</pre>
        <p className={classes.small}>{signed ? "The envelope in the release store:" : "The head after its commit:"} <Digest value={entry.head} whole /></p>
        <Way entry={entry} words="Open what it is about" />
      </div>
    </Modal>
  );
}

function Way({ entry, words }: { entry: FoundEntry; words: string }) {
  if (!entry.link) return <span className="muted">{entry.about}</span>;
  if (entry.link.startsWith("/")) return <Link to={entry.link} tabIndex={-1}>{words}</Link>;
  return <a href={entry.link} target="_blank" rel="noreferrer" tabIndex={-1} aria-label={`${words} on the desk`}>{words} <ExternalLink size={12} aria-hidden="true" /></a>;
}

const CALLED: Record<FoundEntry["where"], string> = { designer: "people's chain", intake: "intake's chain", delivery: "delivery's chain", store: "the release store" };
/** The sentence has the words of a code already. */
const isCode = (reason: string) => /^[a-z0-9-]*$/.test(reason);
const WHEN: Column<FoundEntry> = { id: "at", header: "When", width: "166px", plain: true, cell: (row) => <span className={classes.tight}><Time at={row.at} form="full" /></span> };
const WHERE: Column<FoundEntry> = { id: "where", header: "Record", minor: true, width: "124px", cell: (row) => <span className={classes.tight}>{row.where === "store" ? "signature" : `${row.where} ${number(row.seq)}`}</span> };
const WHO: Column<FoundEntry> = { id: "actor", header: "Who", plain: true, width: "110px", cell: (row) => row.actor || <span className="muted">the runtime</span> };
const COLUMNS: readonly Column<FoundEntry>[] = [
  WHEN,
  { id: "sentence", header: "What", lead: true, cell: (row) => <span className={classes.what}><span>{row.sentence}</span>{row.place ? <span className={classes.small}>Field {row.place}</span> : null}{isCode(row.reason) ? null : <span className={classes.small}>Reason: {row.reason}</span>}</span> },
  WHO,
  { id: "about", header: "About", minor: true, width: "200px", cell: (row) => <Way entry={row} words={row.about || "Open"} /> },
  WHERE,
];
const REVEALED: readonly Column<FoundEntry>[] = [
  WHEN,
  { ...WHO, lead: true, plain: false },
  { id: "place", header: "Field", width: "170px", cell: (row) => (row.action === "field.withheld" ? <span className="muted">not shown</span> : row.place ? <code>{row.place}</code> : <span className="muted">nothing stood there</span>) },
  { id: "message", header: "Of", width: "140px", cell: (row) => (row.message === null ? "a sample" : <Way entry={row} words={`message ${String(row.message)}`} />) },
  { id: "reason", header: "Reason", cell: (row) => row.reason || <span className="muted">the reason held the value itself</span> },
  WHERE,
];
