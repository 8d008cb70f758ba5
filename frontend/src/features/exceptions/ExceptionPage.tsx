/** Cases of one cause. */
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

export function ExceptionPage() {
  return (
    <Page title="Exception">
      <EmptyState title="Exception" why="Cases of one cause." />
    </Page>
  );
}
