/** Messages by business key. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function MessagesPage() {
  return (
    <Page title="Messages">
      <EmptyState title="Messages" why="Messages by business key." />
    </Page>
  );
}
