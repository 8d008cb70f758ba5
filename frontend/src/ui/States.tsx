/** What a page says when it has nothing to show, not yet, or could not get it. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { Button, Skeleton } from "@mantine/core";
import { onlineManager } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ApiError, sentenceOf } from "@/lib/api/http";
import classes from "@/ui/States.module.css";

/** Three parts: what this is, why it is empty, one thing to do. */
export function EmptyState({ title, why, action }: { title: string; why: React.ReactNode; action?: React.ReactNode }) {
  return (
    <div className={classes.state} data-state="empty">
      <Gate />
      <h2>{title}</h2>
      <p>{why}</p>
      {action ? <div className={classes.action}>{action}</div> : null}
    </div>
  );
}

/** For an address that names nothing. */
export function NotFoundState() {
  return (
    <EmptyState
      title="No page has this address"
      why="The link may be old, or the flow, review or case it names is gone."
      action={
        <Button component={Link} to="/" variant="default">
          Go home
        </Button>
      }
    />
  );
}

/** What failed, whether the data is safe, what to do; with the number to give to whoever looks after the server. */
export function ErrorState({ error, what, onRetry }: { error: unknown; what: string; onRetry?: () => void }) {
  const refusal = error instanceof ApiError ? error.refusal : null;
  const status = error instanceof ApiError ? error.status : null;
  if (refusal?.error === "not-there") return <NotFoundState />;
  const title = status === 403 ? "You may not see this" : status === 404 ? refusal?.link ? `${what} is not here` : "There is no such thing here" : `${what} could not be loaded`;
  return (
    <div className={classes.state} data-state="error" role="alert">
      <h2>{title}</h2>
      <p>{sentenceOf(error)}</p>
      {status === 403 || status === 404 ? null : <p className={classes.safe}>Nothing was changed.</p>}
      <div className={classes.action}>
        {refusal?.link ? (
          <Button component={Link} to={refusal.link} variant="default">
            {refusal.link === "/flows" ? "All flows" : "Open the flow"}
          </Button>
        ) : null}
        {onRetry && status !== 404 ? (
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        ) : null}
        {refusal?.reference ? (
          <Button variant="subtle" color="gray" onClick={() => void navigator.clipboard.writeText(refusal.reference ?? "")}>
            Copy reference {refusal.reference}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

/** Grey shapes, and only after 300 ms: what comes at once does not flicker. */
export function Loading({ rows = 6, label = "Loading" }: { rows?: number; label?: string }) {
  const [shown, show] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      show(true);
    }, 300);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  const there = useConnected();
  if (!there) return <Lost />;
  return (
    <div className={classes.loading} role="status" aria-label={label} data-state="loading">
      {shown ? Array.from({ length: rows }, (_, row) => <Skeleton key={row} height={20} width={`${String(92 - ((row * 17) % 40))}%`} radius={4} />) : null}
    </div>
  );
}

/** Whether this browser has a connection at all. */
export function useConnected(): boolean {
  return useSyncExternalStore((told) => onlineManager.subscribe(told), () => onlineManager.isOnline());
}

/** Nothing comes while there is no connection: then shapes that wait would promise too much. */
export function Lost({ children }: { children?: React.ReactNode }) {
  return (
    <div className={classes.state} data-state="lost" role="status">
      <h2>The connection is lost</h2>
      <p>This page opens as soon as it is back. {children ?? "What you edited is kept in this browser and is saved then."}</p>
    </div>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Shows loading, failure or the data of a query. `keep` shows stale data beside a failure instead of hiding it. */
export function Loaded<T>({ query, what, rows, children }: { query: Asked<T>; what: string; rows?: number; children: (data: T) => React.ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return <Loading rows={rows ?? 6} label={`Loading ${what}`} />;
  return <ErrorState error={query.error} what={what} onRetry={() => void query.refetch()} />;
}

function Gate() {
  return (
    <svg width="56" height="40" viewBox="0 0 56 40" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" aria-hidden="true">
      <path d="M2 20h14M40 20h14M19 6v28M37 6v28M19 10h18M19 30h18" />
      <circle cx="28" cy="20" r="3.5" />
    </svg>
  );
}
