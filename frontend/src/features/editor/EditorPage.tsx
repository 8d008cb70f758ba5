/** A draft, open: canvas or outline, palette, inspector, problems. */
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ReactFlowProvider } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { usePrefetchQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { Catalogue, Draft } from "@/lib/api/types";
import { draftsQuery } from "@/lib/api/work";
import { useCommands, type Command } from "@/lib/commands";
import { useMe } from "@/lib/session";
import { count } from "@/lib/words";
import type { Kept } from "@/flow/saving";
import { Page, useTitle } from "@/ui/Page";
import { ErrorState, Loading, Lost, useConnected } from "@/ui/States";
import { Time } from "@/ui/Time";
import { announce, toast } from "@/ui/toasts";
import { Canvas } from "@/features/canvas/Canvas";
import { useCanvasKeys } from "@/features/canvas/keys";
import { Palette } from "@/features/canvas/Palette";
import { Inspector } from "@/features/inspector/Inspector";
import { Outline } from "@/features/outline/Outline";
import { analysisQuery, catalogueQuery, draftQuery } from "./api";
import { useClipboard } from "./clipboard";
import { useFlowCommands } from "./commands";
import { DeskContext, useAnalysis, useDesk, useEditorState } from "./context";
import { Drawer } from "./Drawer";
import { EditorBar } from "./EditorBar";
import { keyOf, readUnsaved } from "./keeping";
import { PenBanner } from "./PenBanner";
import { Pickers } from "./Pickers";
import { AskedForBanner, EndedBanner, useEnded } from "./ReviewBanners";
import { type Session, useDraftSession } from "./session";
import { SubmitSheet } from "./SubmitSheet";
import { TrialBar } from "./TrialBar";
import { useAging, useRun } from "./trying";
import { narrow, show, START, useView } from "./view";
import classes from "./EditorPage.module.css";

const route = getRouteApi("/shell/drafts/$draft");

export function EditorPage() {
  const { draft: id } = route.useParams();
  const draft = useQuery(draftQuery(id));
  const catalogue = useQuery(catalogueQuery);
  usePrefetchQuery(analysisQuery(id)); // beside the draft: what is drawn first is drawn with it
  useQuery({ ...draftsQuery, select: (list) => list.find((each) => each.id === id)?.name }); // the test bench calls it so, also offline
  const connected = useConnected();
  const error = draft.error ?? catalogue.error;
  if (error && (!draft.data || !catalogue.data)) {
    return (
      <Page title="Draft" crumbs={[{ title: "Flows", to: "/flows" }]}>
        <ErrorState error={error} what="This draft" onRetry={() => { void draft.refetch(); void catalogue.refetch(); }} />
      </Page>
    );
  }
  if (!connected && (!draft.data || !catalogue.data)) return <Unreached draft={id} />;
  if (!draft.data || !catalogue.data) return <Loading label="Loading the draft" />;
  return <OpenDraft key={id} draft={draft.data} catalogue={catalogue.data} />;
}

/** Opened without a connection: what this browser keeps of it is named. */
function Unreached({ draft }: { draft: string }) {
  const me = useMe();
  const [kept, setKept] = useState<Kept | null>(null);
  useEffect(() => {
    void readUnsaved(keyOf(me.person, draft)).then(setKept);
  }, [me.person, draft]);
  return (
    <Page title={kept?.document.name ?? "Draft"} crumbs={[{ title: "Flows", to: "/flows" }]}>
      <Lost>{kept ? <>{count(kept.changes, "change")} of yours (<Time at={kept.at} />) {kept.changes === 1 ? "is" : "are"} kept in this browser and saved then.</> : null}</Lost>
    </Page>
  );
}

function OpenDraft({ draft, catalogue }: { draft: Draft; catalogue: Catalogue }) {
  const session = useDraftSession(draft);
  const desk = useMemo(() => ({ draft: draft.id, editor: session.editor, catalogue, save: session.actions.flush }), [draft.id, session.editor, catalogue, session.actions]);
  useEffect(() => {
    show({ ...START, inspector: !narrow() });
    useRun.setState({ trying: null, step: null, busy: false, aged: false });
  }, [draft.id]);
  return (
    <DeskContext value={desk}>
      <ReactFlowProvider>
        <Workspace draft={draft} session={session} />
      </ReactFlowProvider>
    </DeskContext>
  );
}

function Workspace({ draft, session }: { draft: Draft; session: Session }) {
  const { editor } = useDesk();
  const navigate = useNavigate();
  const outline = route.useSearch()["view"] === "outline";
  const name = useEditorState((state) => state.history.flow.name);
  const inspector = useView((view) => view.inspector);
  const drawer = useView((view) => view.drawer);
  const submitting = useView((view) => view.submitting);
  useTitle(name || "Draft");
  useNews();
  useAging();
  useClipboard();
  const setOutline = useCallback((on: boolean) => void navigate({ to: "/drafts/$draft", params: { draft: draft.id }, search: on ? { view: "outline" } : {}, replace: true }), [navigate, draft.id]);
  const ended = useEnded(draft.id);
  const submit = useSubmit(draft, session, ended?.sentence);
  useFlowCommands(submit);
  useCanvasKeys(!outline);
  const commands = useMemo<Command[]>(
    () => [{ id: "flow.outline", title: outline ? "Show as canvas" : "Show as outline", group: "Flow", keys: ["o"], run: () => { setOutline(!outline); editor.activate(editor.getState().active); } }],
    [outline, setOutline, editor],
  );
  useCommands(commands);
  return (
    <div className={classes.editor} data-inspector-open={inspector || undefined} data-drawer={drawer ?? undefined} data-outline-open={outline || undefined}>
      <EditorBar draft={draft} ended={ended !== null} session={session} outline={outline} onOutline={setOutline} onSubmit={submit} />
      {outline ? null : <Palette />}
      <div className={classes.stage}>
        {ended ? <EndedBanner {...ended} /> : <PenBanner draft={draft} session={session} />}
        <AskedForBanner draft={draft} />
        <div className={classes.view}>
          <Suspense fallback={<Loading />}>{outline ? <Outline /> : <Canvas />}</Suspense>
          <TrialBar />
        </div>
      </div>
      {inspector ? <Inspector /> : null}
      <Drawer />
      <Pickers />
      {submitting ? <SubmitSheet draft={draft} session={session} onClose={() => { show({ submitting: false }); }} /> : null}
    </div>
  );
}

/** Edits are said aloud, and what they changed about the blockers once that is known; undo and redo are shown too. */
function useNews() {
  const news = useEditorState((state) => state.news);
  const blocks = useAnalysis()?.blocks;
  const told = useRef(blocks);
  useEffect(() => {
    if (!news) return;
    announce(news.text);
    if (/^(Undone|Done again):/.test(news.text)) toast(news.text);
  }, [news]);
  useEffect(() => {
    if (told.current !== undefined && blocks !== undefined && told.current !== blocks) announce(blocks === 0 ? "No blockers left" : `${count(blocks, "blocker")} left`);
    told.current = blocks;
  }, [blocks]);
}

function useSubmit({ review }: Draft, session: Session, ended: string | undefined): () => void {
  const navigate = useNavigate();
  const analysis = useAnalysis();
  const blocks = analysis?.blocks ?? 0;
  const { locked, mine } = session;
  return useCallback(() => {
    if (ended) toast(ended);
    else if (locked) {
      toast("This draft is in review already.", "info", review ? { title: "Open the review", run: () => void navigate({ to: "/reviews/$review", params: { review } }) } : undefined);
    } else if (!mine) toast("Take the pen first: whoever writes submits.");
    else if (blocks > 0) {
      show({ drawer: "problems", only: null });
      toast(`This draft cannot be submitted yet: ${blocks === 1 ? "one problem blocks" : `${String(blocks)} problems block`} it.`);
    } else show({ submitting: true });
  }, [blocks, ended, locked, mine, navigate, review]);
}
