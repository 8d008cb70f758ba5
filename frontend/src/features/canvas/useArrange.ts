/** Arranges the whole flow, or what is selected, as one step of undo. */
import { useCallback } from "react";
import { useReactFlow } from "@xyflow/react";
import { useQueryClient } from "@tanstack/react-query";
import { arrange } from "@/flow/commands/arrange";
import { stepOf } from "@/flow/document";
import { analysisQuery } from "@/features/editor/api";
import { portsOf, reportOf, useDesk } from "@/features/editor/context";
import { failed } from "@/ui/toasts";
import { arranged } from "./arrange";
import { rememberLayout } from "./layouts";
import { FIT } from "./room";
import { still } from "./wishes";

export function useArrange(): () => Promise<void> {
  const { editor, catalogue, draft } = useDesk();
  const cache = useQueryClient();
  const react = useReactFlow();
  return useCallback(async () => {
    const flow = editor.flow();
    const analysis = cache.getQueryData(analysisQuery(draft).queryKey);
    const chosen = new Set([...editor.getState().selected].filter((id) => stepOf(flow, id)));
    const only = chosen.size > 1 ? chosen : undefined;
    try {
      const result = await arranged(flow, (id) => portsOf(catalogue, stepOf(flow, id), reportOf(analysis, id)), only);
      rememberLayout(flow.id, result.routes);
      editor.run(arrange(result.places));
      requestAnimationFrame(() => void react.fitView({ ...FIT, duration: still() ? 0 : 150 }));
    } catch (error) {
      failed(error);
    }
  }, [editor, catalogue, draft, cache, react]);
}
