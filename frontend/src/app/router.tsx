/** Every address of the front end. Pages are loaded when they are first opened; the address holds their state. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Crashed, NotFound } from "@/app/Failures";
import { Shell } from "@/app/shell/Shell";
import { queries } from "@/lib/queries";
import { sessionQuery } from "@/lib/session";
import { Loading } from "@/ui/States";

/** Search parameters are texts, numbers or switches; a page reads the ones it knows. */
export type Search = Record<string, string | number | boolean | undefined>;

const root = createRootRoute({ errorComponent: Crashed, notFoundComponent: NotFound });

const signin = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (search: Record<string, unknown>): { to?: string } => {
    const to = search["to"];
    return typeof to === "string" && to.startsWith("/") && !to.startsWith("//") ? { to } : {};
  },
  component: lazyRouteComponent(() => import("@/features/signin/SignInPage"), "SignInPage"),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  notFoundComponent: NotFound,
  beforeLoad: async ({ location }) => {
    const me = await queries.ensureQueryData(sessionQuery);
    if (!me) throw redirect({ to: "/signin", search: location.href === "/" ? {} : { to: location.href } });
  },
});

const search = (given: Record<string, unknown>): Search => given as Search;
const page = { getParentRoute: () => shell, validateSearch: search } as const;

const routes = [
  createRoute({ ...page, path: "/", component: lazyRouteComponent(() => import("@/features/home/HomePage"), "HomePage") }),
  createRoute({ ...page, path: "/flows", component: lazyRouteComponent(() => import("@/features/catalogue/CataloguePage"), "CataloguePage") }),
  createRoute({ ...page, path: "/flows/$flow", component: lazyRouteComponent(() => import("@/features/catalogue/FlowPage"), "FlowPage") }),
  createRoute({ ...page, path: "/drafts/$draft", component: lazyRouteComponent(() => import("@/features/editor/EditorPage"), "EditorPage") }),
  createRoute({ ...page, path: "/drafts/$draft/test", component: lazyRouteComponent(() => import("@/features/testbench/TestBenchPage"), "TestBenchPage") }),
  createRoute({ ...page, path: "/reviews", component: lazyRouteComponent(() => import("@/features/review/ReviewsPage"), "ReviewsPage") }),
  createRoute({ ...page, path: "/reviews/$review", component: lazyRouteComponent(() => import("@/features/review/ReviewPage"), "ReviewPage") }),
  createRoute({ ...page, path: "/exceptions", component: lazyRouteComponent(() => import("@/features/exceptions/ExceptionsPage"), "ExceptionsPage") }),
  createRoute({ ...page, path: "/exceptions/$group", component: lazyRouteComponent(() => import("@/features/exceptions/ExceptionPage"), "ExceptionPage") }),
  createRoute({ ...page, path: "/cases/$number", component: lazyRouteComponent(() => import("@/features/exceptions/CasePage"), "CasePage") }),
  createRoute({ ...page, path: "/messages", component: lazyRouteComponent(() => import("@/features/messages/MessagesPage"), "MessagesPage") }),
  createRoute({ ...page, path: "/messages/$message", component: lazyRouteComponent(() => import("@/features/messages/MessagePage"), "MessagePage") }),
  createRoute({ ...page, path: "/masters", component: lazyRouteComponent(() => import("@/features/masters/MastersPage"), "MastersPage") }),
  createRoute({ ...page, path: "/masters/$master", component: lazyRouteComponent(() => import("@/features/masters/MasterPage"), "MasterPage") }),
  createRoute({ ...page, path: "/monitor", component: lazyRouteComponent(() => import("@/features/monitor/MonitorPage"), "MonitorPage") }),
  createRoute({ ...page, path: "/audit", component: lazyRouteComponent(() => import("@/features/audit/AuditPage"), "AuditPage") }),
  createRoute({ ...page, path: "$", component: NotFound }), // inside the shell: whoever is lost still has the ways
  createRoute({ ...page, path: "/help", component: lazyRouteComponent(() => import("@/features/help/HelpPage"), "HelpPage") }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([signin, shell.addChildren([...routes])]),
  defaultPreload: "intent",
  defaultPendingComponent: Loading,
  defaultPendingMs: 300,
  defaultErrorComponent: Crashed,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
