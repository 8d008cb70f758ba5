/** Who works here. Rights only decide what is offered: the server decides what is done. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, ask } from "@/lib/api/client";
import { ApiError } from "@/lib/api/http";
import type { Me, Persona } from "@/lib/api/types";
import { queries } from "@/lib/queries";

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await ask(api.GET("/api/v1/session", { signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** What everybody may know before signing in. */
export const installationQuery = queryOptions({
  queryKey: ["installation"],
  queryFn: ({ signal }) => ask(api.GET("/api/v1/installation", { signal })),
  staleTime: Infinity,
});

export const personasQuery = queryOptions({
  queryKey: ["session", "personas"],
  queryFn: async ({ signal }): Promise<Persona[]> => {
    try {
      return (await ask(api.GET("/api/v1/session/personas", { signal }))).personas;
    } catch (error) {
      if (error instanceof ApiError && !error.unreachable && error.status < 500) return []; // no demo: there are no personas
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
  return entered(await ask(api.POST("/api/v1/session", { body: { name, password } })));
}

/** A first password, with the one-time token of an administrator. */
export async function setUp(token: string, password: string): Promise<Me> {
  return entered(await ask(api.POST("/api/v1/session/set-up", { body: { token, password } })));
}

export async function becomePersona(person: string): Promise<Me> {
  return entered(await ask(api.POST("/api/v1/session/persona", { body: { person } })));
}

export async function signOut(): Promise<void> {
  await ask(api.DELETE("/api/v1/session"));
  forget(null);
}

function entered(me: Me): Me {
  forget(me);
  return me;
}

/** What one person saw is not the next one's: the cache begins anew. */
function forget(me: Me | null): void {
  const installation = queries.getQueryData(installationQuery.queryKey);
  queries.clear();
  queries.setQueryData(sessionQuery.queryKey, me);
  if (installation) queries.setQueryData(installationQuery.queryKey, installation);
}
