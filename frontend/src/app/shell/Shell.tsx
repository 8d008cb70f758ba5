/** Top bar, navigation and the place of the page. */
import { useEffect } from "react";
import { useMediaQuery } from "@mantine/hooks";
import { Outlet, useMatchRoute, useRouterState } from "@tanstack/react-router";
import { useNavigationCommands } from "@/app/shell/navigation";
import { Nav } from "@/app/shell/Nav";
import { CommandPalette } from "@/app/shell/CommandPalette";
import { ShortcutSheet } from "@/app/shell/ShortcutSheet";
import { TopBar } from "@/app/shell/TopBar";
import { useMay } from "@/lib/session";
import { smallNav, TIGHT, useSettings } from "@/lib/settings";
import classes from "@/app/shell/Shell.module.css";

export function Shell() {
  useNavigationCommands();
  useFocusOnNavigation();
  useEditorAhead();
  const settings = useSettings();
  const editing = Boolean(useMatchRoute()({ to: "/drafts/$draft", fuzzy: true })); // it needs the width
  const tight = useMediaQuery(TIGHT, undefined, { getInitialValueInEffect: false });
  const small = smallNav(settings, tight);
  return (
    <div className={classes.shell} data-nav={editing || small ? "small" : "open"}>
      <a className={classes.skip} href="#main">
        Skip to the page
      </a>
      <TopBar />
      <Nav small={editing || small} folds={!editing} />
      <main id="main" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      <CommandPalette />
      <ShortcutSheet />
    </div>
  );
}

/** The editor is the largest page: who may draw has it before the first draft is opened, and its test bench before a tunnel comes. */
function useEditorAhead() {
  const draws = useMay("draft.edit");
  useEffect(() => {
    if (!draws) return;
    const timer = setTimeout(() => {
      import("@/features/editor/EditorPage").then(() => import("@/features/testbench/TestBenchPage")).catch(() => {}); // whoever opens them is told
    }, 1_500);
    return () => {
      clearTimeout(timer);
    };
  }, [draws]);
}

/** After a change of page the focus is at its start, so that keyboard and screen reader go on there. */
function useFocusOnNavigation() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    const main = document.getElementById("main");
    if (main && !main.contains(document.activeElement)) main.focus({ preventScroll: true });
    main?.scrollTo(0, 0);
  }, [path]);
}
