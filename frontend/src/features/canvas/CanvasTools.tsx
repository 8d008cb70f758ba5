/** What the canvas shows, chosen at its upper edge: heat, and from which sensitivity on. */
import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { Panel, useReactFlow } from "@xyflow/react";
import { Flame, Maximize, Network, Redo2, Search, Undo2 } from "lucide-react";
import { useDesk, useEditorState } from "@/features/editor/context";
import { show, useView } from "@/features/editor/view";
import { sensitivityWord } from "@/lib/words";
import { SensitivityStroke } from "@/ui/Sensitivity";
import { FIT } from "./room";
import { useArrange } from "./useArrange";
import classes from "./CanvasTools.module.css";

export function CanvasTools() {
  const { editor } = useDesk();
  const react = useReactFlow();
  const arrange = useArrange();
  const { heat, least } = useView();
  const writable = useEditorState((state) => state.writable);
  const undoes = useEditorState((state) => state.history.past.at(-1)?.title ?? null);
  const redoes = useEditorState((state) => state.history.future.at(-1)?.title ?? null);
  return (
    <Panel position="top-left" className={classes.tools ?? ""}>
      <Tool label={undoes ? `Undo: ${undoes}` : "Nothing to undo"} disabled={!undoes || !writable} onClick={() => void editor.undo()}>
        <Undo2 size={16} />
      </Tool>
      <Tool label={redoes ? `Do again: ${redoes}` : "Nothing to do again"} disabled={!redoes || !writable} onClick={() => void editor.redo()}>
        <Redo2 size={16} />
      </Tool>
      <span className={classes.gap} />
      <Tool label="Arrange (Shift+L)" disabled={!writable} onClick={() => void arrange()}>
        <Network size={16} />
      </Tool>
      <Tool label="Fit (F)" onClick={() => void react.fitView(FIT)}>
        <Maximize size={16} />
      </Tool>
      <Tool label="Find (Ctrl+F)" onClick={() => { show({ picking: { kind: "find" } }); }}>
        <Search size={16} />
      </Tool>
      <span className={classes.gap} />
      <Tool label={heat ? "Plain wires (H)" : "Sensitivity on wires (H)"} pressed={heat} onClick={() => { show({ heat: !heat }); }}>
        <Flame size={16} />
      </Tool>
      <Menu position="bottom-start">
        <Menu.Target>
          <button type="button" className={classes.least}>
            <SensitivityStroke level={least} length={18} /> {least === 0 ? "All" : `S${String(least)}+`}
            <span className="quiet"> wires shown</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Wires that carry at least</Menu.Label>
          {[0, 2, 3, 4].map((level) => (
            <Menu.Item key={level} leftSection={<SensitivityStroke level={level} length={22} />} onClick={() => { show({ least: level }); }}>
              {level === 0 ? "Anything" : sensitivityWord(level)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Panel>
  );
}

function Tool({ label, children, onClick, disabled = false, pressed }: { label: string; children: React.ReactNode; onClick: () => void; disabled?: boolean; pressed?: boolean }) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} aria-pressed={pressed} data-pressed={pressed || undefined} className={classes.tool ?? ""} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
