/** A wire: which fields it carries, where they come from, what protects them, who reads them. */
import { useState } from "react";
import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { ArrowRight, Plus, Trash2 } from "lucide-react";
import { disconnect } from "@/flow/commands/disconnect";
import { typeWord } from "@/flow/connections";
import { endOf, stepOf, wireKey } from "@/flow/document";
import { wireQuery } from "@/features/editor/api";
import { loadOf, useAnalysis, useDesk, useEditorState, useFlow } from "@/features/editor/context";
import { show } from "@/features/editor/view";
import { count, sensitivityWord } from "@/lib/words";
import { SensitivityTag } from "@/ui/Sensitivity";
import { Loaded } from "@/ui/States";
import { FieldTableView } from "./FieldTableView";
import classes from "./Inspector.module.css";

const LEVELS = [0, 1, 2, 3, 4].map((level) => ({ value: String(level), label: level === 0 ? "All" : `S${String(level)} and up` }));

export function WireInspector({ wire: key }: { wire: string }) {
  const { editor, draft } = useDesk();
  const flow = useFlow();
  const analysis = useAnalysis();
  const writable = useEditorState((state) => state.writable);
  const [text, setText] = useState("");
  const [least, setLeast] = useState("0");
  const [after, setAfter] = useState(0);
  const [q] = useDebouncedValue(text.trim(), 150);
  const wire = flow.wires.find((each) => wireKey(each) === key);
  const load = wire ? loadOf(analysis, wire) : undefined;
  const query = useQuery({ ...wireQuery(draft, analysis?.revision ?? 0, wire?.from ?? "", wire?.to ?? "", q, Number(least), after), enabled: load !== undefined });
  if (!wire) return null;
  const titleOf = (step: string) => stepOf(flow, step)?.title ?? step;
  const [from, to] = [endOf(wire.from), endOf(wire.to)];
  return (
    <>
      <header className={classes.head}>
        <div className={classes.kind}>
          <h2>Wire</h2>
          {load?.type ? <span className="clip">{typeWord(load.type)}</span> : null}
          <span className="grow" />
          {load ? <SensitivityTag level={load.bare} fields={load.fields} /> : null}
        </div>
        <p className="row">
          <button type="button" className={classes.end} onClick={() => { editor.select([from.step]); }}>
            <span className="clip">{titleOf(from.step)}</span>
          </button>
          <ArrowRight size={14} aria-label="to" style={{ flex: "none" }} />
          <button type="button" className={classes.end} onClick={() => { editor.select([to.step]); }}>
            <span className="clip">{titleOf(to.step)}</span>
          </button>
        </p>
        {load && load.sensitivity < 0 ? <p className={classes.sentence}>Nothing reaches this wire: no message comes to the step where it begins.</p> : null}
        {load && load.sensitivity >= 0 ? (
          <p className={classes.sentence}>
            {count(load.fields, "field")}. Highest without protection: {sensitivityWord(load.bare)}
            {load.sensitivity > load.bare ? `; ${sensitivityWord(load.sensitivity)} is protected` : ""}.
          </p>
        ) : null}
        {writable ? (
          <div className={classes.row}>
            <Button size="xs" variant="default" leftSection={<Plus size={13} />} onClick={() => { show({ picking: { kind: "insert", wire } }); }}>
              Insert a step
            </Button>
            <Button size="xs" variant="subtle" color="gray" leftSection={<Trash2 size={13} />} onClick={() => { editor.run(disconnect([wire])); }}>
              Remove
            </Button>
          </div>
        ) : null}
      </header>
      <div className={classes.body}>
        <div className={classes.filters}>
          <TextInput aria-label="Search fields of this wire" placeholder="Search fields" value={text} onChange={(event) => { setText(event.currentTarget.value); setAfter(0); }} />
          <Select aria-label="From which sensitivity" data={LEVELS} value={least} w={120} onChange={(next) => { setLeast(next ?? "0"); setAfter(0); }} />
        </div>
        {load === undefined ? (
          <p className="muted">Nothing is known of this wire yet.</p>
        ) : (
          <Loaded query={query} what="The fields of this wire">
            {(table) => (
              <>
                {table.beyond ? <p className={classes.sentence}>Fields that stand in no table may be there too, and count as S4.</p> : null}
                <FieldTableView rows={table.rows} titleOf={titleOf} />
                <nav className={classes.row} aria-label="Pages of fields">
                  <Button size="xs" variant="default" disabled={after === 0} onClick={() => { setAfter(Math.max(0, after - 100)); }}>
                    Before
                  </Button>
                  <span className={classes.sentence}>
                    {table.total === 0 ? 0 : after + 1} to {after + table.rows.length} of {table.total}
                  </span>
                  <Button size="xs" variant="default" disabled={after + table.rows.length >= table.total} onClick={() => { setAfter(after + 100); }}>
                    More
                  </Button>
                </nav>
              </>
            )}
          </Loaded>
        )}
      </div>
    </>
  );
}
