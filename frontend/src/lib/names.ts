/** What people call flows, where only their ids are told. */
import { useQuery } from "@tanstack/react-query";
import { flowsQuery } from "@/lib/api/work";

/** Id to name; an id that no flow has stays as it is. */
export function useFlowNames(): (id: string) => string {
  const flows = useQuery(flowsQuery).data;
  return (id) => flows?.find((each) => each.id === id)?.name ?? id;
}
