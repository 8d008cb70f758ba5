/** The fields that arrive at a step, found by path or name. */
import { useState } from "react";
import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { stepFieldsQuery } from "@/features/editor/api";
import { useAnalysis, useDesk } from "@/features/editor/context";
import { count } from "@/lib/words";
import { Loaded } from "@/ui/States";
import { FieldTableView } from "./FieldTableView";
import classes from "./Inspector.module.css";

export function FieldList({ step }: { step: string }) {
  const { draft } = useDesk();
  const revision = useAnalysis()?.revision ?? 0;
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 150);
  const query = useQuery(stepFieldsQuery(draft, revision, step, q));
  return (
    <section className={classes.panel} aria-label="Fields that arrive">
      <TextInput aria-label="Search fields that arrive" placeholder="Search fields: PID-3, name, quantity" value={text} onChange={(event) => { setText(event.currentTarget.value); }} />
      <Loaded query={query} what="The fields">
        {(table) => (
          <>
            <p className={classes.sentence}>
              {count(table.fields, "field")} {table.fields === 1 ? "arrives" : "arrive"}
              {q ? `, ${String(table.total)} match` : ""}.{table.beyond ? " Fields that stand in no table may arrive too, and count as S4." : ""}
            </p>
            <FieldTableView rows={table.rows} />
          </>
        )}
      </Loaded>
    </section>
  );
}
