/** Who works here. Rights only decide what is offered: the server decides what is done. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { ApiError, get, send } from "@/lib/api/http";
import type { Me, Persona } from "@/lib/api/types";
import { queries } from "@/lib/queries";

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await get<Me>("/session", undefined, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const personasQuery = queryOptions({
  queryKey: ["session", "personas"],
  queryFn: async ({ signal }): Promise<Persona[]> => {
    try {
      return await get<Persona[]>("/session/personas", undefined, signal);
    } catch (error) {
      if (error instanceof ApiError && !error.unreachable) return []; // no demo: there are no personas
      throw error;
    }
  },
  staleTime: Infinity,
});

/** The person signed in. Pages below the shell are shown to nobody else. */
export function useMe(): Me {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error("Nobody is signed in.");
  return data;
}

/** Whether an action is among the person's rights. */
export function useMay(action: string): boolean {
  return useQuery(sessionQuery).data?.rights.includes(action) ?? false;
}

export async function signIn(name: string, password: string): Promise<Me> {
  return entered(await send<Me>("POST", "/session", { name, password }));
}

export async function becomePersona(person: string): Promise<Me> {
  return entered(await send<Me>("POST", "/session/persona", { person }));
}

export async function signOut(): Promise<void> {
  await send("DELETE", "/session");
  queries.clear();
  queries.setQueryData(sessionQuery.queryKey, null);
}

function entered(me: Me): Me {
  queries.clear();
  queries.setQueryData(sessionQuery.queryKey, me);
  return me;
}
