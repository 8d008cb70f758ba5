/** The fields of a message or of a posting's body. */
import { useState } from "react";
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { revealField } from "@/lib/api/work";
import { useMe } from "@/lib/session";
import { MaskedFields } from "@/ui/MaskedFields";
import { Search } from "@/ui/Search";
import { EmptyState, Loaded } from "@/ui/States";
import { fieldsQuery, type MessagePage } from "@/features/messages/api";
import classes from "@/features/messages/Messages.module.css";

interface FieldsProps {
  message: MessagePage;
  posting: number | null;
  onPosting: (posting: number | null) => void;
}

export function Fields({ message, posting, onPosting }: FieldsProps) {
  const { card } = message;
  const me = useMe();
  const [words, setWords] = useState("");
  const query = useQuery({ ...fieldsQuery(card.number, posting), enabled: message.readable });
  if (!message.readable) return <EmptyState title="The payload is gone" why="Its retention has passed. What happened to it stays known; what it said does not." />;
  const readable = message.postings.filter((each) => each.readable);
  return (
    <div className="stack">
      <div className="row">
        <Select
          aria-label="Whose fields" w={320} maw="100%" allowDeselect={false} value={posting === null ? "" : String(posting)}
          data={[{ value: "", label: "The message as it came" }, ...readable.map((each) => ({ value: String(each.number), label: `Body of posting ${String(each.number)}, ${each.item || each.operation}` }))]}
          onChange={(to) => { onPosting(to ? Number(to) : null); }}
        />
        <Search label="Filter fields" value={words} onChange={setWords} />
        <span className={classes.small}>{message.may_reveal ? `What you reveal is recorded under ${me.name}.` : "You may not reveal values; operators and approvers may."}</span>
      </div>
      <Loaded query={query} what="The fields">
        {({ fields, more, type }) => (
          <>
            <MaskedFields caption={`Fields of ${type || "the body"}`} fields={fields.filter((each) => fits(each, words))} onReveal={message.may_reveal ? (path, reason) => revealField(card.number, posting, path, reason) : null} empty={words ? <EmptyState title="No field is called so" why="The filter looks at paths, names and what a field is; values are masked." /> : <EmptyState title="No field holds a value" why="It was empty when it came." />} />
            {more > 0 ? <p className={classes.small}>{more} more fields are there.</p> : null}
          </>
        )}
      </Loaded>
    </div>
  );
}

function fits({ path, name, concept }: { path: string; name: string; concept: string }, words: string): boolean {
  const wanted = words.trim().toLowerCase();
  return wanted === "" || [path, name, concept.replaceAll("-", " ")].some((each) => each.toLowerCase().includes(wanted));
}
