/** A step on the canvas: what it is, what it does in words, what is wrong with it. Nothing inside takes the focus. */
import { memo } from "react";
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { AlertTriangle, CheckCircle2, CircleSlash, OctagonX } from "lucide-react";
import { portOffset, cardHeight } from "@/flow/geometry";
import { markOf, runOf, useRun } from "@/features/editor/trying";
import { useView } from "@/features/editor/view";
import { Meter } from "@/ui/Meter";
import { CategoryMark } from "./CategoryMark";
import { NOT_INSTALLED, type StepNode } from "./model";
import classes from "./StepCard.module.css";

export const StepCard = memo(function StepCard({ id, data, selected }: NodeProps<StepNode>) {
  const verdict = useView((view) => view.drawing?.get(id));
  const mark = useRun((state) => markOf(runOf(state), id));
  const moving = useView((view) => view.moving) && selected;
  const height = cardHeight(data.ports);
  return (
    <div
      className={classes.card}
      data-category={data.category}
      data-selected={selected || undefined}
      data-blocks={data.blocks > 0 || undefined}
      data-ghost={data.ghost || undefined}
      data-changed={data.changed || undefined}
      data-dim={data.dim || (verdict && !verdict.ok) || undefined}
      data-moving={moving || undefined}
      data-unknown={data.kindTitle === null || undefined}
      data-untouched={mark === "untouched" || undefined}
    >
      {data.ports.inputs.map((name) => (
        <Handle key={name} id={name} type="target" position={Position.Left} className={classes.port ?? ""} style={{ top: portOffset(data.ports.inputs, name, height) }} data-fits={verdict?.ok || undefined} />
      ))}
      <div className={classes.head}>
        <span className={classes.letters} aria-hidden="true" data-letters={data.letters} />
        <span className={classes.title}>{data.title}</span>
      </div>
      <div className={classes.body}>
        <CategoryMark category={data.category} />
        <span className="clip">{data.kindTitle === null ? NOT_INSTALLED : data.sentence}</span>
      </div>
      {data.ports.sink ? (
        <div className={classes.meter}>{data.meter ? <Meter reads={data.meter.reads} offered={data.meter.offered} excess={data.meter.excess} /> : <span className="muted">{data.connection ?? "no connection yet"}</span>}</div>
      ) : null}
      <span className={classes.badges}>
        {mark === "passed" ? <CheckCircle2 size={14} className={classes.ok} aria-label="passed by the message" /> : null}
        {mark === "stopped" ? <CircleSlash size={14} className={classes.bad} aria-label="stopped the message" /> : null}
        {data.blocks > 0 ? (
          <span className={classes.bad} data-count={data.blocks}>
            <OctagonX size={13} aria-hidden="true" />
          </span>
        ) : null}
        {data.warns > 0 ? (
          <span className={classes.warn} data-count={data.warns}>
            <AlertTriangle size={13} aria-hidden="true" />
          </span>
        ) : null}
      </span>
      {data.ports.outputs.map((name) => (
        <Handle key={name} id={name} type="source" position={Position.Right} className={classes.port ?? ""} style={{ top: portOffset(data.ports.outputs, name, height) }}>
          {data.ports.outputs.length > 1 ? <span className={classes.portName}>{name}</span> : null}
        </Handle>
      ))}
    </div>
  );
});
