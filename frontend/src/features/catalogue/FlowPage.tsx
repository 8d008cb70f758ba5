/** One flow with its versions. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function FlowPage() {
  return (
    <Page title="Flow">
      <EmptyState title="Flow" why="One flow with its versions." />
    </Page>
  );
}
