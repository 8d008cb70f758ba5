/** Rows of one master and what they miss. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function MasterPage() {
  return (
    <Page title="Master">
      <EmptyState title="Master" why="Rows of one master and what they miss." />
    </Page>
  );
}
