/** Reference data that ERP and clinics share. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function MastersPage() {
  return (
    <Page title="Masters">
      <EmptyState title="Masters" why="Reference data that ERP and clinics share." />
    </Page>
  );
}
