/** One change with all that a decision needs. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function ReviewPage() {
  return (
    <Page title="Review">
      <EmptyState title="Review" why="One change with all that a decision needs." />
    </Page>
  );
}
