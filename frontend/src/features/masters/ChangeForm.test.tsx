import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import type { MasterPage, MasterRow } from "@/features/masters/api";
import { ChangeForm } from "@/features/masters/ChangeForm";

const MASTER: MasterPage = {
  id: "items", title: "Items", loaded: true, sentence: "", key: ["system", "code"], columns: [{ name: "material", title: "ERP material", concept: "item-code", sensitivity: 1, pattern: "[0-9]+" }],
  steward_role: "steward", add_needs: 1, change_needs: 2, rows: 1, sequence: 1, taken: 1, pending: null, unmapped: 0, used_by: [], units: ["EA"],
};
const ROW: MasterRow = {
  key: ["L", "CAT-1"], values: { material: "4711" }, valid_from: "2024-01-01", valid_to: "2027-01-01", status: "active", superseded_by: ["L", "CAT-2"], unit: "BX", base_unit: "EA", holds: true,
  units: [{ unit: "BX", factor: "12", valid_from: null, valid_to: "2025-06-01" }, { unit: "BX", factor: "10", valid_from: "2025-06-01", valid_to: null }],
};
const sent: { url: string; body: unknown }[] = [];

beforeAll(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }));
  vi.stubGlobal("ResizeObserver", class { observe() {} unobserve() {} disconnect() {} });
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push({ url: request.url, body: await request.json() });
    return new Response(JSON.stringify({ sentence: "Prepared.", releases: 0, step: { digest: "ab", link: "/desk" } }), { status: 201, headers: { "Content-Type": "application/json" } });
  });
});
afterEach(() => { cleanup(); sent.length = 0; });

function shown() {
  render(<MantineProvider><ChangeForm master={MASTER} begin={{ act: "change", row: ROW }} onClose={() => {}} /></MantineProvider>);
  fireEvent.change(screen.getByLabelText(/^Reason/), { target: { value: "New supplier" } });
}

async function prepared(): Promise<unknown> {
  fireEvent.click(screen.getByRole("button", { name: "Prepare" }));
  await waitFor(() => { expect(sent).toHaveLength(1); });
  return sent[0]?.body;
}

test("changing one value of a row with dated units sends everything else as it was signed", async () => {
  shown();
  fireEvent.change(screen.getByLabelText(/^ERP material/), { target: { value: "4712" } });
  const signed = { ...ROW, holds: undefined };
  expect(await prepared()).toEqual({ add: [], change: [{ ...signed, values: { material: "4712" } }], retire: [], reason: "New supplier" });
});

test("units, their days and the code that takes its place can be edited", async () => {
  shown();
  fireEvent.click(screen.getByRole("button", { name: "Add a unit" }));
  const third = screen.getByRole("group", { name: "Unit 3" });
  const [unit, factor] = third.querySelectorAll("input");
  if (!unit || !factor) throw new Error("a unit has fields");
  fireEvent.change(unit, { target: { value: "CS" } });
  expect(screen.getByRole("button", { name: "Prepare" })).toHaveProperty("disabled", true);
  fireEvent.change(factor, { target: { value: "144" } });
  fireEvent.change(screen.getByLabelText(/^New code/), { target: { value: "CAT-3" } });
  fireEvent.click(screen.getAllByRole("button", { name: "Remove unit BX" })[0] ?? third);
  expect(await prepared()).toMatchObject({ change: [{ superseded_by: ["L", "CAT-3"], units: [ROW.units[1], { unit: "CS", factor: "144", valid_from: null, valid_to: null }] }] });
});

test("typing is not thrown away by Escape unasked", async () => {
  const closed = vi.fn();
  render(<MantineProvider><ChangeForm master={MASTER} begin={{ act: "change", row: ROW }} onClose={closed} /></MantineProvider>);
  fireEvent.change(screen.getByLabelText(/^ERP material/), { target: { value: "47 12!" } });
  expect(screen.getByText("Not like this: digits.")).toBeDefined();
  fireEvent.keyDown(screen.getByLabelText(/^ERP material/), { key: "Escape" });
  await waitFor(() => { expect(screen.getByText("Throw away what you typed?")).toBeDefined(); });
  expect(closed).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Throw it away" }));
  expect(closed).toHaveBeenCalledOnce();
});
