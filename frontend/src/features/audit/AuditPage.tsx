/** What happened, and whether the record is whole. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function AuditPage() {
  return (
    <Page title="Audit">
      <EmptyState title="Audit" why="What happened, and whether the record is whole." />
    </Page>
  );
}
