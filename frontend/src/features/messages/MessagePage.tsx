/** What happened to one message. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function MessagePage() {
  return (
    <Page title="Message">
      <EmptyState title="Message" why="What happened to one message." />
    </Page>
  );
}
