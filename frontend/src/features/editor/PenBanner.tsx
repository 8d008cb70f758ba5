/** Why one cannot write here, and what can be done about it. */
import { Button } from "@mantine/core";
import { Info, TriangleAlert } from "lucide-react";
import type { Draft } from "@/lib/api/types";
import { useMe } from "@/lib/session";
import { count } from "@/lib/words";
import type { Kept } from "@/flow/saving";
import { Time } from "@/ui/Time";
import { LockedBanner } from "./ReviewBanners";
import type { Session } from "./session";
import classes from "./PenBanner.module.css";

export function PenBanner({ draft, session }: { draft: Draft; session: Session }) {
  const me = useMe();
  const { actions, pen, mine, locked, save, stranded, asked, kept } = session;
  if (stranded) {
    return (
      <Banner tone="warn" text={<>Changes of your last visit (<Time at={stranded.at} />) were made on an older revision. What shall hold?</>}>
        <Button size="xs" onClick={() => void actions.keepMine()}>Mine</Button>
        <Button size="xs" variant="default" onClick={() => void actions.takeTheirs()}>What is saved now</Button>
      </Banner>
    );
  }
  if (save.kind === "conflict") {
    return (
      <Banner tone="warn" text={`${save.sentence} Your work is kept in this browser.`}>
        <Button size="xs" onClick={() => void actions.keepMine()}>Save mine over it</Button>
        <Button size="xs" variant="default" onClick={() => void actions.takeTheirs()}>Take what is saved</Button>
      </Banner>
    );
  }
  if (asked && mine) {
    return (
      <Banner tone="info" text={`${asked.name} would like to write.`}>
        <Button size="xs" onClick={() => void actions.layDownPen()}>Lay down the pen</Button>
      </Banner>
    );
  }
  if (locked) return <LockedBanner draft={draft} />;
  if (mine) return <Narrow />;
  if (!me.rights.includes("draft.edit")) return <Banner tone="info" text="You are looking on. Drafts are written by analysts." />;
  if (pen && pen.person === me.person) {
    return (
      <Banner tone={kept ? "warn" : "info"} text={<>You have this draft open in another tab, and write there.<NotSaved kept={kept} /></>}>
        <Button size="xs" onClick={() => void actions.takePen()}>Write here instead</Button>
      </Banner>
    );
  }
  if (pen) {
    return (
      <Banner tone={kept ? "warn" : "info"} text={<>{pen.name} is writing. You follow every change.<NotSaved kept={kept} /></>}>
        <Button size="xs" variant="default" onClick={actions.askForPen}>Ask for the pen</Button>
      </Banner>
    );
  }
  return (
    <Banner tone={kept ? "warn" : "info"} text={<>Nobody is writing.<NotSaved kept={kept} /></>}>
      <Button size="xs" onClick={() => void actions.takePen()}>Take the pen</Button>
    </Banner>
  );
}

/** Edits that the server has not got are named wherever the draft is open. */
function NotSaved({ kept }: { kept: Kept | null }) {
  if (!kept) return null;
  return <> {count(kept.changes, "change")} of yours (<Time at={kept.at} />) {kept.changes === 1 ? "is" : "are"} not saved yet and kept in this browser.</>;
}

/** Where there is no room for the palette and for dragging; styles show it there alone. */
function Narrow() {
  return (
    <p className={classes.narrow}>
      <Info size={15} aria-hidden="true" />
      <span>On a narrow screen the canvas is for reading. The outline adds and changes steps.</span>
    </p>
  );
}

function Banner({ tone, text, children }: { tone: "info" | "warn"; text: React.ReactNode; children?: React.ReactNode }) {
  const Icon = tone === "warn" ? TriangleAlert : Info;
  return (
    <section className={classes.banner} data-tone={tone} aria-label="Who writes" role="status">
      <Icon size={15} aria-hidden="true" />
      <span className={classes.text}>{text}</span>
      {children}
    </section>
  );
}
