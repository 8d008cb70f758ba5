/** The fields of a message or of a posting's body: what each is, and its value only one at a time, with a reason, for a minute. */
import { useEffect, useState } from "react";
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMe } from "@/lib/session";
import { DataTable, type Column } from "@/ui/DataTable";
import { Masked } from "@/ui/Masked";
import { SensitivityTag } from "@/ui/Sensitivity";
import { EmptyState, Loaded } from "@/ui/States";
import { fieldsQuery, reveal, type FieldThere, type MessagePage } from "@/features/messages/api";
import classes from "@/features/messages/Messages.module.css";

interface FieldsProps {
  message: MessagePage;
  posting: number | null;
  onPosting: (posting: number | null) => void;
}

export function Fields({ message, posting, onPosting }: FieldsProps) {
  const { card } = message;
  const me = useMe();
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
        <span className={classes.small}>{message.may_reveal ? `What you reveal is recorded under ${me.name}.` : "You may not reveal values; operators and approvers may."}</span>
      </div>
      <Loaded query={query} what="The fields">
        {({ fields, more, type }) => (
          <>
            <DataTable caption={`Fields of ${type || "the body"}`} columns={columns(card.number, posting, message.may_reveal)} rows={fields} rowKey={(row) => row.path} fixed empty={<EmptyState title="No field holds a value" why="It was empty when it came." />} />
            {more > 0 ? <p className={classes.small}>{more} more fields are not shown.</p> : null}
          </>
        )}
      </Loaded>
    </div>
  );
}

function columns(message: number, posting: number | null, may: boolean): readonly Column<FieldThere>[] {
  return [
    { id: "path", header: "Field", width: "200px", cell: (row) => <code>{row.path}</code> },
    { id: "name", header: "Name", minor: true, cell: (row) => row.name },
    { id: "concept", header: "What it is", minor: true, width: "140px", cell: (row) => row.concept.replace(/-/g, " ") },
    { id: "sensitivity", header: "Class", width: "90px", cell: (row) => <SensitivityTag level={row.sensitivity} /> },
    { id: "value", header: "Value", cell: (row) => <Value message={message} posting={posting} field={row} may={may} /> },
  ];
}

/** Masked again when its minute is over: the shown value is thrown away with the element that held it. */
function Value({ message, posting, field, may }: { message: number; posting: number | null; field: FieldThere; may: boolean }) {
  const [until, setUntil] = useState<number | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (until === null) return;
    const timer = setTimeout(() => { setUntil(null); setTurn((before) => before + 1); }, Math.max(0, until - Date.now()));
    return () => { clearTimeout(timer); };
  }, [until]);
  const ask = async (reason: string) => {
    const shown = await reveal(message, posting, field.path, reason);
    setUntil(shown.until);
    return shown.values.length === 0 ? "absent" : `${shown.values.join(" ~ ")}${shown.more > 0 ? ` and ${String(shown.more)} more` : ""}`;
  };
  return <Masked key={turn} value={field.value} field={field.path} {...(may ? { onReveal: ask } : {})} />;
}
