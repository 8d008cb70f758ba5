/** Changes that wait for a decision. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function ReviewsPage() {
  return (
    <Page title="Reviews">
      <EmptyState title="Reviews" why="Changes that wait for a decision." />
    </Page>
  );
}
