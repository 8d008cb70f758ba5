/** What is shown in place of a page that broke or does not exist. */
import { Button } from "@mantine/core";
import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { EmptyState, ErrorState } from "@/ui/States";
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
      <EmptyState
        title="No page has this address"
        why="The link may be old, or the flow, review or case it names is gone."
        action={
          <Button component={Link} to="/" variant="default">
            Go home
          </Button>
        }
      />
    </Page>
  );
}
