/** Opens a draft: its store, its saving, its pen, and what others do to it meanwhile. */
import { useEffect, useMemo, useRef, useState } from "react";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { sentenceOf } from "@/lib/api/http";
import { tabWord } from "@/lib/api/tab";
import type { Draft, DraftHint, PenAsked, PenHolder, Presence, Present, Saved } from "@/lib/api/types";
import { say, useRoom } from "@/lib/live";
import { isTyping } from "@/lib/commands";
import { useMe } from "@/lib/session";
import { canonical, readFlow } from "@/flow/document";
import { createEditor, type Editor } from "@/flow/editor";
import { type Kept, type SaveState, Saver } from "@/flow/saving";
import { announce, failed, toast } from "@/ui/toasts";
import { analysisQuery, draftQuery, saveDraft, takePen } from "./api";
import { isGone, useHeld } from "./holding";
import { keepHistory, keepUnsaved, keyOf, readHistory, readUnsaved } from "./keeping";

export interface Session {
  editor: Editor;
  save: SaveState;
  revision: number;
  pen: PenHolder | null;
  mine: boolean;
  locked: boolean;
  people: readonly Present[];
  /** What this browser keeps was looked at: from then on edits are taken. */
  ready: boolean;
  /** Somebody else would like to write. */
  asked: PenAsked | null;
  /** Edits in this browser that are not saved yet, while another tab or somebody else writes. */
  kept: Kept | null;
  /** Work of an earlier visit that does not fit on what the server has now. */
  stranded: Kept | null;
  actions: {
    takePen: () => Promise<void>;
    /** The same, unasked: where it fails, nothing is said. */
    takeFreePen: () => Promise<void>;
    layDownPen: () => Promise<void>;
    askForPen: () => void;
    /** The server's document takes the place of mine. */
    takeTheirs: () => Promise<void>;
    /** Mine is saved over the server's. */
    keepMine: () => Promise<void>;
    flush: () => Promise<void>;
  };
}

interface Local {
  save: SaveState;
  revision: number;
  pen: PenHolder | null;
  mine: boolean;
  locked: boolean;
  people: readonly Present[];
  ready: boolean;
  asked: PenAsked | null;
  kept: Kept | null;
  stranded: Kept | null;
}

export function useDraftSession(draft: Draft): Session {
  const me = useMe();
  const cache = useQueryClient();
  const [editor] = useState(() => createEditor(readFlow(draft.document as Record<string, unknown>)));
  const [local, setLocal] = useState<Local>({
    save: { kind: "saved", at: draft.saved }, revision: draft.revision, pen: draft.pen, mine: draft.mine, locked: draft.locked, people: [], ready: false, asked: null, kept: null, stranded: null,
  });
  const change = useMemo(() => (part: Partial<Local>) => { setLocal((old) => ({ ...old, ...part })); }, []);
  const key = keyOf(me.person, draft.id);
  const saver = useSaver(draft, editor, key, cache, change);
  const may = me.rights.includes("draft.edit");

  useEffect(() => {
    editor.setWritable(local.mine && local.ready && !local.locked && local.save.kind !== "conflict" && local.stranded === null);
  }, [editor, local.mine, local.ready, local.locked, local.save.kind, local.stranded]);

  useHeld(key, local.pen, local.mine);
  usePenKept(draft.id, local.mine);
  usePenFollowed(draft.id, local.pen, local.mine, cache, change);
  useRestored(editor, saver, key, local.mine, change);
  useKept(editor, key, local.mine, local.pen, change);
  useHints(draft.id, editor, saver, cache, change);
  useLeaving(saver, draft.id, local.mine);

  const actions = useMemo<Session["actions"]>(() => {
    const fresh = async () => {
      const now = await cache.fetchQuery({ ...draftQuery(draft.id), staleTime: 0 });
      return { now, flow: readFlow(now.document as Record<string, unknown>) };
    };
    const take = async () => {
      const state = await takePen(draft.id, true);
      const { now, flow } = await fresh();
      if (!saver.unsaved && now.revision !== saver.base) {
        editor.replace(flow);
        saver.rebase(now.revision, flow);
        change({ revision: now.revision });
      }
      change({ pen: state.pen, mine: state.mine }); // last: what this browser keeps is laid on what the server has now
      if (state.mine) announce("You are writing now.");
    };
    return {
      takePen: () => take().catch(failed),
      takeFreePen: () => take().catch(() => {}), // somebody was quicker, or nobody answers: the page follows, and says so
      layDownPen: async () => {
        try {
          await saver.flush();
          const state = await takePen(draft.id, false);
          change({ pen: state.pen, mine: state.mine, asked: null });
        } catch (error) {
          failed(error);
        }
      },
      askForPen: () => {
        void say("ask-pen", { id: draft.id });
        toast("Asked for the pen. You can write as soon as it is laid down.");
      },
      takeTheirs: async () => {
        try {
          const { now, flow } = await fresh();
          editor.replace(flow);
          saver.rebase(now.revision, flow);
          await keepUnsaved(key, null);
          change({ revision: now.revision, stranded: null });
          await cache.invalidateQueries({ queryKey: analysisQuery(draft.id).queryKey });
        } catch (error) {
          failed(error);
        }
      },
      keepMine: async () => {
        try {
          const state = await takePen(draft.id, true);
          const { now, flow } = await fresh();
          const stranded = await readUnsaved(key);
          const mine = stranded?.document ?? editor.flow();
          editor.replace(mine);
          saver.rebase(now.revision, flow);
          saver.changed(mine, "Kept one's own version");
          change({ pen: state.pen, mine: state.mine, revision: now.revision, stranded: null });
        } catch (error) {
          failed(error);
        }
      },
      flush: () => saver.flush(),
    };
  }, [cache, change, draft.id, editor, key, saver]);
  usePenWanted(draft, key, may, local, me.person, actions.takeFreePen);

  return { editor, ...local, actions };
}

/** Whether a text is being written, letter by letter; a choice from a list is made at once. */
function isWriting(): boolean {
  const here = document.activeElement;
  return isTyping(here) && !(here instanceof HTMLInputElement && here.readOnly);
}

/** Every change of the document goes to the saver; what comes back feeds the cache. */
function useSaver(draft: Draft, editor: Editor, key: string, cache: QueryClient, change: (part: Partial<Local>) => void): Saver<Saved> {
  const [saver] = useState(
    () =>
      new Saver<Saved>(draft.revision, editor.flow(), {
        put: (revision, document, summary) => saveDraft(draft.id, revision, document, summary),
        keep: (kept) => keepUnsaved(key, kept),
        clock: Date.now,
        later: (ms, act) => {
          const timer = setTimeout(act, ms);
          return () => {
            clearTimeout(timer);
          };
        },
        onState: (save) => {
          change({ save });
          if (save.kind === "refused" || save.kind === "conflict") toast(save.sentence, "bad");
        },
        onSaved: (saved) => {
          cache.setQueryData(analysisQuery(draft.id).queryKey, saved.analysis);
          cache.setQueryData(draftQuery(draft.id).queryKey, (old) => (old ? { ...old, revision: saved.revision, authors: saved.authors, changed: saved.changed, saved: saved.saved } : old));
          change({ revision: saved.revision });
          const { past, future } = editor.getState().history;
          void keepHistory(key, { revision: saved.revision, past, future });
        },
        // A fix that was undone at once had put its own verdict in the place of the draft's.
        onTakenBack: () => void cache.invalidateQueries({ queryKey: analysisQuery(draft.id).queryKey }),
      }),
  );
  useEffect(
    () =>
      editor.subscribe((now, before) => {
        if (now.history.flow === before.history.flow || !now.writable) return;
        const fresh = now.news && now.news !== before.news ? now.news.text : "Edited";
        saver.changed(now.history.flow, fresh, isWriting() ? (now.history.past.at(-1)?.merge ?? null) : null);
      }),
    [editor, saver],
  );
  useEffect(() => {
    const left = () => { saver.hurry(); };
    document.addEventListener("focusout", left);
    return () => {
      document.removeEventListener("focusout", left);
    };
  }, [saver]);
  return saver;
}

/** Who may write takes the pen when nobody has it, and when the tab of this browser that had it is gone. */
function usePenWanted(draft: Draft, key: string, may: boolean, { pen, mine, locked }: Local, person: string, take: () => Promise<void>): void {
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current || !may || draft.locked || draft.mine || draft.pen !== null) return;
    asked.current = true;
    void take();
  }, [draft, may, take]);
  useEffect(() => {
    if (!may || locked || mine || pen?.person !== person) return;
    const look = () => void isGone(key, pen).then((gone) => (gone ? take() : undefined));
    look();
    const timer = setInterval(look, 3_000);
    return () => {
      clearInterval(timer);
    };
  }, [key, may, locked, mine, pen, person, take]);
}

/** A pen that somebody else has runs out unless it is kept: then the server is asked who has it now. */
function usePenFollowed(id: string, pen: PenHolder | null, mine: boolean, cache: QueryClient, change: (part: Partial<Local>) => void): void {
  useEffect(() => {
    if (mine || pen === null) return;
    const look = () => {
      cache.fetchQuery({ ...draftQuery(id), staleTime: 0 }).then((now) => { change({ pen: now.pen, mine: now.mine }); }, () => {}); // offline: the top bar says so
    };
    const timer = setTimeout(look, Math.max(5_000, pen.until - Date.now() + 1_000));
    return () => {
      clearTimeout(timer);
    };
  }, [id, pen, mine, cache, change]);
}

/** The pen is a lease: it is kept while the page is open. */
function usePenKept(id: string, mine: boolean): void {
  useEffect(() => {
    if (!mine) return;
    const timer = setInterval(() => {
      void takePen(id, true).catch(() => {}); // a save says better what is wrong
    }, 30_000);
    return () => {
      clearInterval(timer);
    };
  }, [id, mine]);
}

/** Work and history of an earlier visit, where they fit on what the server has. Nobody writes before that is known. */
function useRestored(editor: Editor, saver: Saver<Saved>, key: string, mine: boolean, change: (part: Partial<Local>) => void): void {
  useEffect(() => {
    if (!mine) return;
    let over = false;
    void Promise.all([readUnsaved(key), readHistory(key)]).then(([unsaved, history]) => {
      if (over) return;
      change({ ready: true, kept: null });
      if (saver.unsaved) return; // this page's own work waits
      if (unsaved && canonical(unsaved.document) === canonical(editor.flow())) void keepUnsaved(key, null); // it is saved already
      else if (unsaved && unsaved.revision === saver.base) {
        editor.replace(unsaved.document);
        saver.restore(unsaved);
        toast("Changes of your last visit were kept in this browser and are saved now.", "ok");
        return;
      } else if (unsaved) change({ stranded: unsaved });
      if (history && history.revision === saver.base && editor.getState().history.past.length === 0) {
        editor.replace(editor.flow(), { past: history.past, future: history.future });
      }
    });
    return () => {
      over = true;
      change({ ready: false });
    };
  }, [change, editor, key, mine, saver]);
}

/** What this browser keeps is named at once, also while somebody else writes. */
function useKept(editor: Editor, key: string, mine: boolean, pen: PenHolder | null, change: (part: Partial<Local>) => void): void {
  useEffect(() => {
    if (mine) return;
    void readUnsaved(key).then((kept) => {
      change({ kept: kept && canonical(kept.document) !== canonical(editor.flow()) ? kept : null });
    });
  }, [change, editor, key, mine, pen]);
}

/** What others do: they save, take the pen, ask for it, come and go. */
function useHints(id: string, editor: Editor, saver: Saver<Saved>, cache: QueryClient, change: (part: Partial<Local>) => void): void {
  const handlers = useMemo(() => {
    const follow = async () => {
      const now = await cache.fetchQuery({ ...draftQuery(id), staleTime: 0 });
      change({ pen: now.pen, mine: now.mine, locked: now.locked, revision: now.revision });
      if (!now.mine && !saver.unsaved) {
        const flow = readFlow(now.document as Record<string, unknown>);
        editor.replace(flow);
        saver.rebase(now.revision, flow);
        await cache.invalidateQueries({ queryKey: analysisQuery(id).queryKey });
      }
    };
    return {
      draft: (hint: DraftHint) => {
        if (hint.id !== id) return;
        void tabWord().then((own) => {
          if (hint.tab === own && hint.what === "saved") return;
          follow().catch((error: unknown) => { announce(sentenceOf(error)); });
        });
      },
      presence: (presence: Presence) => {
        if (presence.id === id) change({ people: presence.people });
      },
      "pen-asked": (asked: PenAsked) => {
        if (asked.id === id) change({ asked });
      },
    };
  }, [id, editor, saver, cache, change]);
  useRoom(`draft:${id}`, handlers);
}

/** Leaving the page sends what waits and lays the pen down; closing the tab asks first. */
function useLeaving(saver: Saver<Saved>, id: string, mine: boolean): void {
  useEffect(() => {
    const online = () => void saver.flush();
    const closing = (event: BeforeUnloadEvent) => {
      if (!saver.unsaved) return;
      void saver.flush();
      event.preventDefault();
    };
    const gone = () => {
      if (mine && !saver.unsaved) void takePen(id, false, true).catch(() => {});
    };
    window.addEventListener("online", online);
    window.addEventListener("beforeunload", closing);
    window.addEventListener("pagehide", gone);
    return () => {
      window.removeEventListener("online", online);
      window.removeEventListener("beforeunload", closing);
      window.removeEventListener("pagehide", gone);
    };
  }, [saver, id, mine]);
  const writes = useRef(mine);
  useEffect(() => {
    writes.current = mine;
  }, [mine]);
  useEffect(() => {
    saver.enter();
    return () => {
      if (writes.current || saver.unsaved) void saver.leave().then(() => takePen(id, false)).catch(() => {});
    };
  }, [saver, id]);
}
