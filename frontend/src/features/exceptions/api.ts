/** What people do about a cause: take it on, see what a replay would do, replay. */
import { send } from "@/lib/api/http";
import type { ReplayAnswer } from "@/lib/api/work";
import { queries } from "@/lib/queries";

const at = (group: string, what: string) => `/exceptions/${encodeURIComponent(group)}/${what}`;
const again = () => queries.invalidateQueries({ queryKey: ["exceptions"] });

export const planReplay = (group: string) => send<ReplayAnswer>("POST", at(group, "replay"), { dry_run: true });

export async function replay(group: string): Promise<ReplayAnswer> {
  const answer = await send<ReplayAnswer>("POST", at(group, "replay"), { dry_run: false });
  await again();
  return answer;
}

export async function takeOn(group: string, take: boolean): Promise<void> {
  await send("POST", at(group, "assign"), { take, note: "" });
  await again();
}
