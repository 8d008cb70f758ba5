/** Words, keys and ways of working. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function HelpPage() {
  return (
    <Page title="Help">
      <EmptyState title="Help" why="Words, keys and ways of working." />
    </Page>
  );
}
