/** Every flow with its purpose, owners and state. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function CataloguePage() {
  return (
    <Page title="Flows">
      <EmptyState title="Flows" why="Every flow with its purpose, owners and state." />
    </Page>
  );
}
