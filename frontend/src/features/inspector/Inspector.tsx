/** What is selected, in words and forms: a step, a wire, a note, several, or the flow itself. */
import { useDeferredValue } from "react";
import { ActionIcon } from "@mantine/core";
import { X } from "lucide-react";
import { useEditorState } from "@/features/editor/context";
import { show } from "@/features/editor/view";
import { stepOf } from "@/flow/document";
import { FlowInspector } from "./FlowInspector";
import { NoteInspector } from "./NoteInspector";
import { SeveralInspector } from "./SeveralInspector";
import { StepInspector } from "./StepInspector";
import { WireInspector } from "./WireInspector";
import classes from "./Inspector.module.css";

export function Inspector() {
  const wire = useEditorState((state) => state.wire);
  const only = useEditorState((state) => (state.selected.size === 1 ? ([...state.selected][0] ?? null) : null));
  const several = useEditorState((state) => state.selected.size > 1);
  const isStep = useEditorState((state) => only !== null && stepOf(state.history.flow, only) !== undefined);
  const beside = useDeferredValue(true, false); // its forms come after the canvas, which is what somebody looks at
  return (
    <aside className={classes.inspector} aria-label="Inspector" data-inspector>
      <ActionIcon className={classes.close} aria-label="Close the inspector" onClick={() => { show({ inspector: false }); }}><X size={16} aria-hidden="true" /></ActionIcon>
      {!beside ? null : wire !== null ? <WireInspector key={wire} wire={wire} /> : several ? <SeveralInspector /> : only === null ? <FlowInspector /> : isStep ? <StepInspector key={only} id={only} /> : <NoteInspector key={only} id={only} />}
    </aside>
  );
}
