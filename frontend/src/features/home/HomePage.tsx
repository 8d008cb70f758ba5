/** What waits for you. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function HomePage() {
  return (
    <Page title="Home">
      <EmptyState title="Home" why="What waits for you." />
    </Page>
  );
}
