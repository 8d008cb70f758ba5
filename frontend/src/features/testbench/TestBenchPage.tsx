/** Test cases of a draft. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function TestBenchPage() {
  return (
    <Page title="Test bench">
      <EmptyState title="Test bench" why="Test cases of a draft." />
    </Page>
  );
}
