/** The node kinds that may be placed: dragged, clicked or found by name. */
import { useDeferredValue, useMemo, useState } from "react";
import { Tooltip } from "@mantine/core";
import { StickyNote } from "lucide-react";
import type { NodeKind } from "@/lib/api/types";
import { rank } from "@/lib/rank";
import { addNote } from "@/flow/commands/add-note";
import { useDesk, useEditorState } from "@/features/editor/context";
import { useAdd } from "@/features/editor/adding";
import { wordsOf } from "@/features/editor/kinds";
import { Search } from "@/ui/Search";
import { KIND_TYPE } from "./drops";
import { CategoryMark } from "./CategoryMark";
import { lettersOf } from "./icons";
import classes from "./Palette.module.css";

const GROUPS: { category: NodeKind["category"]; title: string }[] = [
  { category: "source", title: "Sources" },
  { category: "transform", title: "Steps" },
  { category: "sink", title: "Sinks" },
];

export function Palette() {
  const { catalogue, editor } = useDesk();
  const writable = useEditorState((state) => state.writable);
  const [text, setText] = useState("");
  const add = useAdd();
  const found = useMemo(() => rank(catalogue.kinds, text, wordsOf), [catalogue, text]);
  const beside = useDeferredValue(true, false);
  if (!beside) return <aside className={classes.palette} aria-label="Palette" />; // the canvas comes first
  return (
    <aside className={classes.palette} aria-label="Palette">
      <Search
        label="Search node kinds"
        placeholder="Search kinds"
        value={text}
        onChange={setText}
        width={190}
        onKeyDown={(event) => {
          const first = found[0];
          if (event.key === "Enter" && text && first && writable) add(first);
        }}
      />
      {GROUPS.map(({ category, title }) => {
        const kinds = found.filter((kind) => kind.category === category);
        if (kinds.length === 0) return null;
        return (
          <section key={category} aria-label={title}>
            <h2 className={classes.group}>
              <CategoryMark category={category} /> {title}
            </h2>
            {kinds.map((kind) => (
              <Tooltip key={`${kind.kind}@${String(kind.version)}`} label={kind.doc} position="right" multiline w={260}>
                <button
                  type="button"
                  className={classes.kind}
                  data-category={category}
                  draggable={writable}
                  disabled={!writable}
                  onDragStart={(event) => {
                    event.dataTransfer.setData(KIND_TYPE, `${kind.kind}@${String(kind.version)}`);
                    event.dataTransfer.effectAllowed = "copy";
                  }}
                  onClick={() => { add(kind); }}
                >
                  <span className={classes.letters} aria-hidden="true">
                    {lettersOf(kind.kind)}
                  </span>
                  <span className={classes.words}>
                    <span className={classes.name}>{kind.title}</span>
                    <span className={`clip ${classes.types ?? ""}`}>{typesOf(kind)}</span>
                  </span>
                </button>
              </Tooltip>
            ))}
          </section>
        );
      })}
      {found.length === 0 ? <p className="muted">No kind matches “{text}”.</p> : null}
      <section aria-label="Notes">
        <button type="button" className={classes.kind} disabled={!writable} onClick={() => { editor.run(addNote([0, -140])); }}>
          <span className={classes.letters} aria-hidden="true">
            <StickyNote size={13} />
          </span>
          <span>Note</span>
        </button>
      </section>
    </aside>
  );
}

/** `hl7v2, fhir → record` */
function typesOf(kind: NodeKind): string {
  const into = kind.takes.length === 0 || kind.inputs.length === 0 ? null : kind.takes.length > 2 ? "any" : kind.takes.join(", ");
  const out = kind.outputs.length === 0 ? null : kind.produces === "as-it-came" ? "same" : kind.produces;
  return [into, out].filter(Boolean).join(" → ");
}
