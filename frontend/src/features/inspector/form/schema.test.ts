import { expect, test } from "vitest";
import type { JsonSchema } from "@/lib/api/types";
import type { Json } from "@/flow/document";
import { keyParts } from "./keys";
import { isRequired, isShown, leftBehind } from "./schema";

const ENTRY: JsonSchema = {
  type: "object",
  properties: { method: { enum: ["drop", "generalise"] }, to: { anyOf: [{ enum: ["year"] }, { type: "null" }], default: null, "x-only-with": { method: "generalise" } } },
  required: ["method"],
};
const ROOT: JsonSchema = { type: "object", properties: { fields: { type: "array", items: { $ref: "#/$defs/Entry" } } }, $defs: { Entry: ENTRY } };

test("a setting that belongs to one choice is shown with that choice alone, and must be there with it", () => {
  expect(isShown("to", ENTRY, { method: "drop" })).toBe(false);
  expect(isShown("to", ENTRY, { method: "generalise" })).toBe(true);
  expect(isRequired("to", ENTRY, { method: "generalise" })).toBe(true);
  expect(isShown("method", ENTRY, {})).toBe(true);
});

test("what stands there although it does not belong is shown, so that it can be taken out", () => {
  expect(isShown("to", ENTRY, { method: "drop", to: "year" })).toBe(true);
});

test("another choice takes with it what belonged to the one before", () => {
  const value: Json = { fields: [{ method: "generalise", to: "year" }, { method: "drop" }] };
  expect(leftBehind(ROOT, value, "/fields/0/method", "drop")).toEqual(["/fields/0/to"]);
  expect(leftBehind(ROOT, value, "/fields/0/method", "generalise")).toEqual([]);
  expect(leftBehind(ROOT, value, "/fields/1/method", "generalise")).toEqual([]);
});

test("the parts of a key are called as the master that is chosen beside it calls them", () => {
  const catalogue = { masters: [{ id: "items", key: ["system", "code"] }] } as unknown as Parameters<typeof keyParts>[0];
  expect(keyParts(catalogue, { master: "items" }, "/key/1")).toEqual(["system", "code"]);
  expect(keyParts(catalogue, { active: [{ master: "items" }] }, "/active/0/key")).toEqual(["system", "code"]);
  expect(keyParts(catalogue, { master: "items" }, "/at")).toEqual([]);
});
