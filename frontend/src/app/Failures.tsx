/** What is shown in place of a page that broke or does not exist. */
import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { ErrorState, NotFoundState } from "@/ui/States";
import { Page } from "@/ui/Page";

export function Crashed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Page title="This page could not be shown">
      <ErrorState
        error={error}
        what="This page"
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
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
