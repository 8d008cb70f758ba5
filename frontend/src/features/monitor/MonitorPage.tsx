/** What flows now. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function MonitorPage() {
  return (
    <Page title="Monitor">
      <EmptyState title="Monitor" why="What flows now." />
    </Page>
  );
}
