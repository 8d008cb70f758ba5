import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import type { FieldRow } from "@/lib/api/types";
import { askedFor, offered } from "./paths";
import { PathPicker } from "./widgets/PathPicker";

beforeAll(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }));
  vi.stubGlobal("ResizeObserver", class { observe() {} unobserve() {} disconnect() {} });
  Element.prototype.scrollIntoView = () => {};
});
afterEach(cleanup);

function row(path: string, name: string, parts = 0): FieldRow {
  return { path, name, parts, origin: path, concept: "item-code", sensitivity: 1, bare: 1, classes: ["operational"], protections: [], read_by: [] };
}
const CODE = row("FT1-7", "Transaction Code", 22);
const PARTS = [row("FT1-7.1", "Transaction Code: Identifier"), row("FT1-7.2", "Transaction Code: Text")];

function shown(value: string, rows: readonly FieldRow[] = []) {
  const onChange = vi.fn<(value: string) => void>();
  const onAsk = vi.fn<(typed: string | null) => void>();
  render(<MantineProvider env="test"><PathPicker label="Material" value={value} disabled={false} rows={rows} onAsk={onAsk} onChange={onChange} /></MantineProvider>);
  const input = screen.getByRole<HTMLInputElement>("textbox", { name: "Material" });
  fireEvent.focus(input);
  return { input, onChange, onAsk };
}

test("what is being typed is no setting yet, and Escape brings back what stood there", () => {
  const { input, onChange } = shown("FT1-7.1");
  fireEvent.change(input, { target: { value: "FT1-13." } });
  expect(input.value).toBe("FT1-13.");
  fireEvent.keyDown(input, { key: "Escape" });
  expect(input.value).toBe("FT1-7.1");
  fireEvent.blur(input);
  expect(onChange).not.toHaveBeenCalled();
});

test("what is typed by hand in full is taken by Enter and by leaving, once", () => {
  const { input, onChange } = shown("");
  fireEvent.change(input, { target: { value: "FT1-1" } });
  fireEvent.change(input, { target: { value: "FT1-13.1" } });
  fireEvent.keyDown(input, { key: "Enter" });
  fireEvent.blur(input);
  expect(onChange.mock.calls).toEqual([["FT1-13.1"]]);
  fireEvent.change(input, { target: { value: "FT1-10 " } });
  fireEvent.blur(input);
  expect(onChange).toHaveBeenLastCalledWith("FT1-10");
});

test("a path that is not at its end is taken by nobody", () => {
  const { input, onChange } = shown("FT1-7.1");
  fireEvent.change(input, { target: { value: "FT1-13." } });
  fireEvent.keyDown(input, { key: "Enter" });
  expect(input.value).toBe("FT1-13.");
  fireEvent.blur(input);
  expect(onChange).not.toHaveBeenCalled();
  expect(input.value).toBe("FT1-7.1");
});

test("words of a name are no path: Enter goes to the first that is offered, leaving brings back what stood there", () => {
  const { input, onChange, onAsk } = shown("FT1-10", [CODE]);
  fireEvent.change(input, { target: { value: "transaction code" } });
  fireEvent.keyDown(input, { key: "Enter" });
  expect(onAsk).toHaveBeenLastCalledWith("FT1-7.");
  fireEvent.change(input, { target: { value: "transaction code" } });
  fireEvent.blur(input);
  expect([input.value, onChange.mock.calls]).toEqual(["FT1-10", []]);
});

test("to choose a field with parts shows them; a part is taken", () => {
  const { input, onChange, onAsk } = shown("", [CODE]);
  fireEvent.change(input, { target: { value: "trans" } });
  fireEvent.click(screen.getByRole("option", { name: /22 parts/ }));
  expect(onChange).not.toHaveBeenCalled();
  expect(onAsk).toHaveBeenLastCalledWith("FT1-7.");
  cleanup();
  const open = shown("", [CODE, ...PARTS]);
  fireEvent.change(open.input, { target: { value: "FT1-7." } });
  fireEvent.click(screen.getByRole("option", { name: /FT1-7\.1\s*Identifier/ }));
  expect(open.onChange.mock.calls).toEqual([["FT1-7.1"]]);
});

test("the field whose parts are in sight can be taken as a whole", () => {
  const [field, first, ...rest] = offered([CODE, ...PARTS], "FT1-7.", "");
  expect([field?.opens, field?.name]).toEqual([false, "Transaction Code, the whole field"]);
  expect([first?.part, first?.name, rest.length]).toEqual([true, "Identifier", 1]);
});

test("an index that was typed stays", () => {
  expect(askedFor("ft1[1]-7[2].", "")).toBe("ft1-7");
  expect(offered([CODE, ...PARTS], "FT1-7[2].", "").map((each) => each.path)).toEqual(["FT1-7[2]", "FT1-7[2].1", "FT1-7[2].2"]);
});

test("before anything is typed the parts beside the one that stands there are offered", () => {
  expect(askedFor(null, "FT1-7.1")).toBe("FT1-7");
  expect(askedFor(null, "quantity")).toBe("quantity");
});
