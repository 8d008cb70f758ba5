/** Asks ELK for a layout, in a worker that is loaded when somebody first wants one. */
import type { ELK } from "elkjs/lib/elk-api";
import elkWorker from "elkjs/lib/elk-worker.min.js?url";
import type { Flow, Point } from "@/flow/document";
import type { Ports } from "@/flow/geometry";
import { answer, type Arranged, question } from "@/flow/layout";
import { trustedWorker } from "@/lib/trusted";

let elk: Promise<ELK> | null = null;

async function begun(): Promise<ELK> {
  const { default: Elk } = await import("elkjs/lib/elk-api");
  return new Elk({ workerFactory: () => trustedWorker(elkWorker) });
}

/** Places and routes for all steps, or for `only`, whose top left corner stays where it is. */
export async function arranged(flow: Flow, portsOf: (step: string) => Ports, only?: ReadonlySet<string>): Promise<Arranged> {
  elk ??= begun();
  const result = await (await elk).layout(question(flow, portsOf, only));
  return answer(result, only ? corner(flow, only) : [0, 0]);
}

function corner(flow: Flow, only: ReadonlySet<string>): Point {
  const places = Object.entries(flow.layout).filter(([id]) => only.has(id)).map(([, at]) => at);
  if (places.length === 0) return [0, 0];
  return [Math.min(...places.map(([x]) => x)), Math.min(...places.map(([, y]) => y))];
}
