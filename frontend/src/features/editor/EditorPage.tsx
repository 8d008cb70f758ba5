/** The canvas of a draft. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function EditorPage() {
  return (
    <Page title="Editor">
      <EmptyState title="Editor" why="The canvas of a draft." />
    </Page>
  );
}
