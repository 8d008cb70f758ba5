/** Failures that wait for a person, by cause. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function ExceptionsPage() {
  return (
    <Page title="Exceptions">
      <EmptyState title="Exceptions" why="Failures that wait for a person, by cause." />
    </Page>
  );
}
