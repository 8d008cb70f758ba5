/** The cache of what the server said. One client; failures that a second try cannot mend are not tried again. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/api/http";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => error instanceof ApiError && error.unreachable && count < 2,
    },
    mutations: { retry: false },
  },
});
