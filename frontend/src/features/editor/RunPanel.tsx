/** What a dropped message did at each step. */
import { EmptyState } from "@/ui/States";

export function RunPanel() {
  return <EmptyState title="No message was tried yet" why="Drop an HL7 v2 message or a FHIR resource on the canvas. Sinks are stubs: nothing leaves." />;
}
