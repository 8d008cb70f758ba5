/** What is shown in place of a page that broke or does not exist. */
import { useCallback, useEffect, useState } from "react";
import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { ErrorState, Lost, NotFoundState, useConnected } from "@/ui/States";
import { Page } from "@/ui/Page";

export function Crashed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const connected = useConnected();
  const [lost, lose] = useState(!connected);
  const retry = useCallback(() => {
    reset();
    void router.invalidate();
  }, [reset, router]);
  useEffect(() => {
    if (!connected || !lost) return;
    lose(false);
    retry();
  }, [connected, lost, retry]);
  return (
    <Page title={connected ? "This page could not be shown" : "This page is not here yet"}>
      {connected ? <ErrorState error={error} what="This page" onRetry={retry} /> : <Lost />}
    </Page>
  );
}

export function NotFound() {
  return (
    <Page title="Not found">
      <NotFoundState />
    </Page>
  );
}
