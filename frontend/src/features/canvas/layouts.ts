/** The bends of the last layout of each flow: wires keep them for as long as their cards stand where ELK put them. */
import type { Route } from "@/flow/routing";

const routes = new Map<string, ReadonlyMap<string, Route>>();

export function routesOfLayout(flow: string): ReadonlyMap<string, Route> | undefined {
  return routes.get(flow);
}

export function rememberLayout(flow: string, fresh: ReadonlyMap<string, Route>): void {
  routes.set(flow, new Map([...(routes.get(flow) ?? []), ...fresh]));
}
