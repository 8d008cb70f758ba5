/** The editor's head: which draft, whether it is saved, who writes, and what can be done with it. */
import { Button, SegmentedControl, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Check, ChevronRight, CloudOff, FlaskConical, LayoutPanelLeft, ListTree, LoaderCircle, PanelRight, PenLine, TriangleAlert } from "lucide-react";
import type { Draft } from "@/lib/api/types";
import { useMay } from "@/lib/session";
import { count, timeOfDay } from "@/lib/words";
import type { SaveState } from "@/flow/saving";
import { Avatar } from "@/ui/Avatar";
import { Chip } from "@/ui/Mark";
import { useAnalysis, useEditorState } from "./context";
import { InReview } from "./ReviewBanners";
import type { Session } from "./session";
import { show, useView } from "./view";
import classes from "./EditorBar.module.css";

interface EditorBarProps {
  draft: Draft;
  session: Session;
  outline: boolean;
  onOutline: (outline: boolean) => void;
  onSubmit: () => void;
  /** It is no draft any more. */
  ended: boolean;
}

export function EditorBar({ draft, session, outline, onOutline, onSubmit, ended }: EditorBarProps) {
  const analysis = useAnalysis();
  const name = useEditorState((state) => state.history.flow.name);
  const inspector = useView((view) => view.inspector);
  const blocks = analysis?.blocks ?? 0;
  const mayDo = useMay("review.submit") && !ended;
  return (
    <header className={classes.bar}>
      <nav aria-label="Breadcrumb" className={classes.crumbs}>
        <Link to="/flows">Flows</Link>
        <ChevronRight size={12} aria-hidden="true" />
      </nav>
      <h1 className={classes.title}>{name || "Unnamed flow"}</h1>
      <span className={classes.revision}><Chip>Draft {session.revision}</Chip></span>
      {draft.base ? <Chip tone="live">from a release</Chip> : null}
      <SaveMark save={session.save} mine={session.mine} />
      <div className={classes.space} />
      <PenMark session={session} />
      <SegmentedControl
        aria-label="View"
        value={outline ? "outline" : "canvas"}
        onChange={(value) => { onOutline(value === "outline"); }}
        data={[
          { value: "canvas", label: <span className={classes.view}><LayoutPanelLeft size={14} aria-hidden="true" /> <span className={classes.viewName}>Canvas</span></span> },
          { value: "outline", label: <span className={classes.view}><ListTree size={14} aria-hidden="true" /> <span className={classes.viewName}>Outline</span></span> },
        ]}
      />
      <Button className={classes.test ?? ""} variant="default" leftSection={<FlaskConical size={14} aria-hidden="true" />} component={Link} to={`/drafts/${draft.id}/test`}>
        Test
      </Button>
      {session.locked && !ended ? <InReview draft={draft} /> : mayDo ? <Tooltip label={blocks > 0 ? `${count(blocks, "problem")} must be solved first` : "Hand this draft to its reviewers"}>
        <Button onClick={onSubmit} variant={blocks > 0 || !session.mine ? "default" : "filled"} leftSection={blocks > 0 ? <TriangleAlert size={14} aria-hidden="true" /> : null}>
          {blocks > 0 ? `Submit, ${count(blocks, "blocker")}` : "Submit"}
        </Button>
      </Tooltip> : null}
      <Tooltip label={inspector ? "Hide the inspector" : "Show the inspector"}>
        <button type="button" className={classes.toggle} aria-label={inspector ? "Hide the inspector" : "Show the inspector"} onClick={() => { show({ inspector: !inspector }); }}>
          <PanelRight size={16} aria-hidden="true" />
        </button>
      </Tooltip>
    </header>
  );
}

function SaveMark({ save, mine }: { save: SaveState; mine: boolean }) {
  if (!mine && save.kind === "saved") return null;
  const [icon, text] = marks(save);
  return (
    <span className={classes.save} data-kind={save.kind} role="status">
      {icon}
      {text}
    </span>
  );
}

function marks(save: SaveState): [React.ReactNode, string] {
  switch (save.kind) {
    case "saved":
      return [<Check key="i" size={14} aria-hidden="true" />, `Saved ${timeOfDay(new Date(save.at))}`];
    case "saving":
      return [<LoaderCircle key="i" size={14} aria-hidden="true" />, "Saving"];
    case "offline":
      return [<CloudOff key="i" size={14} aria-hidden="true" />, `Offline, ${count(save.changes, "change")} kept here`];
    case "conflict":
      return [<TriangleAlert key="i" size={14} aria-hidden="true" />, "Changed elsewhere"];
    case "refused":
      return [<TriangleAlert key="i" size={14} aria-hidden="true" />, "Not saved"];
  }
}

function PenMark({ session }: { session: Session }) {
  const others = session.people.filter((each, index, all) => all.findIndex((other) => other.person === each.person) === index);
  return (
    <span className={classes.pen}>
      <span className={classes.people} aria-label={`Here now: ${others.map((each) => each.name).join(", ") || "you"}`} role="img">
        {others.slice(0, 4).map((each) => (
          <Avatar key={each.person} name={each.name} small />
        ))}
      </span>
      {session.mine && session.ready ? (
        <Tooltip label="You are writing. Others see every change.">
          <span className={classes.writing}>
            <PenLine size={14} aria-hidden="true" /> Writing
          </span>
        </Tooltip>
      ) : null}
    </span>
  );
}
