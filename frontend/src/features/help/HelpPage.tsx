/** Words, keys and ways of working. */
import { useMemo } from "react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useAllCommands } from "@/lib/commands";
import { useMe } from "@/lib/session";
import { roleWord } from "@/lib/words";
import { DataTable, type Column } from "@/ui/DataTable";
import { Keys } from "@/ui/Keys";
import { Page, Section } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { SensitivityLegend } from "@/ui/Sensitivity";
import { EmptyState } from "@/ui/States";
import { CANVAS, GLOSSARY, TABLE, WAYS, type Word } from "@/features/help/words";
import classes from "@/features/help/Help.module.css";

const route = getRouteApi("/shell/help");

export function HelpPage() {
  const navigate = useNavigate({ from: "/help" });
  const me = useMe();
  const given = route.useSearch()["q"];
  const words = typeof given === "string" ? given : "";
  const commands = useAllCommands();
  const rows = useMemo(() => {
    const own = commands.flatMap((each) => (each.keys?.[0] ? [{ keys: each.keys[0], title: each.title, where: each.group }] : []));
    const all = [...own, ...TABLE, ...CANVAS];
    return all.filter((each, index) => all.findIndex((other) => other.title === each.title) === index);
  }, [commands]);
  const holds = (text: string) => words.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));
  const keys = rows.filter((each) => holds(`${each.title} ${each.where} ${each.keys}`));
  const glossary = GLOSSARY.filter((each) => holds(`${each.word} ${each.says}`));
  const mine = WAYS.filter((way) => me.roles.includes(way.role));
  return (
    <Page title="Help" lead="Words, keys and ways of working." bar={<Search label="Search the help" value={words} onChange={(q) => void navigate({ search: { q: q || undefined }, replace: true })} />}>
      {words ? null : (
        <Section title="What you do here">
          <dl className={classes.ways}>{(mine.length > 0 ? mine : WAYS).map((way) => <div key={way.role}><dt>{roleWord(way.role)}</dt><dd>{way.says}</dd></div>)}</dl>
        </Section>
      )}
      {words ? null : (
        <Section title="Sensitivity">
          <p className="muted">Every wire shows the gravest value it carries: by colour, width, dash and text.</p>
          <SensitivityLegend />
        </Section>
      )}
      {glossary.length > 0 ? (
        <Section title="Words">
          <DataTable caption="Glossary" columns={WORDS} rows={glossary} rowKey={(row) => row.word} fixed />
        </Section>
      ) : null}
      {keys.length > 0 ? (
        <Section title="Keys" aside="? shows them on any page; single keys can be switched off there">
          <DataTable caption="Keys" columns={KEYS} rows={keys} rowKey={(row) => `${row.keys} ${row.title}`} fixed />
        </Section>
      ) : null}
      {glossary.length + keys.length === 0 ? <EmptyState title="Nothing found" why="Neither a word nor a key says that." /> : null}
    </Page>
  );
}

const WORDS: readonly Column<Word>[] = [
  { id: "word", header: "Word", lead: true, width: "200px", cell: (row) => <strong>{row.word}</strong> },
  { id: "says", header: "Is", cell: (row) => row.says },
];
const KEYS: readonly Column<{ keys: string; title: string; where: string }>[] = [
  { id: "keys", header: "Keys", width: "min(160px, 34vw)", cell: (row) => <Keys keys={row.keys} /> },
  { id: "title", header: "Does", cell: (row) => row.title },
  { id: "where", header: "Where", minor: true, width: "200px", cell: (row) => row.where },
];
