import { MantineProvider } from "@mantine/core";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import type { CauseCard } from "@/lib/api/work";
import { MendStage } from "@/features/exceptions/MendStage";

vi.mock("@/lib/session", () => ({ useMay: () => true }));
const LACKS: CauseCard["fix"] = { kind: "add-row", sentence: "Add the missing row.", master: "items", key: ["L", "CAT-1"], stage: "lacks", step: 0 };

beforeAll(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }));
  vi.stubGlobal("scrollTo", () => {});
});
afterEach(cleanup);

async function shown(fix: CauseCard["fix"]): Promise<{ said: string; href: string }> {
  const root = createRootRoute({ component: () => <MendStage fix={fix} names={["system", "code"]} group="ab" flow="supply" /> });
  const router = createRouter({ routeTree: root, history: createMemoryHistory({ initialEntries: ["/"] }) });
  render(<MantineProvider><RouterProvider router={router as never} /></MantineProvider>);
  const link = await screen.findByRole("link");
  return { said: link.textContent, href: link.getAttribute("href") ?? "" };
}

test("a row that a master lacks is added from here", async () => {
  expect(await shown(LACKS)).toEqual({ said: "Add the row in items", href: "/masters/items?tab=unmapped&cause=ab" });
});

test("a row that waits for signatures, or is there, is looked at and not added once more", async () => {
  for (const stage of ["waits", "there"] as const) {
    expect(await shown({ ...LACKS, stage, step: 4 })).toEqual({ said: "See step 4 of items", href: "/masters/items?tab=steps" });
    expect(screen.queryByText(/Add the row/)).toBeNull();
    cleanup();
  }
});
