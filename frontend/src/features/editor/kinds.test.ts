import { expect, test } from "vitest";
import type { NodeKind } from "@/lib/api/types";
import { rank } from "@/lib/rank";
import { sentenceOf, wordsOf } from "./kinds";

const kind = (name: string, title: string, doc: string) => ({ kind: name, title, doc }) as NodeKind;
const KINDS = [
  kind("filter", "Keep only what matters", "Filter: let only those records go on that the flow is about; the others end here, counted under their reason."),
  kind("map_fields", "Make a record", "Map fields: make a canonical record of exactly the fields that the next system needs; nothing else goes on."),
  kind("map_to_master", "Look up in a master", "Map to master: look a code up in a master that stewards sign, and count in the item's base unit."),
  kind("mask", "Mask fields", "Mask: drop, redact, pseudonymise or generalise fields in place, so that what goes on names nobody."),
  kind("rest", "Post to a REST service", "REST: posts one record as JSON to an operation of a contract, and takes nothing for success but what it promises."),
  kind("sftp", "Lay down CSV files by SFTP", "SFTP: puts records together to CSV files and lays each down under a name that says which postings it holds."),
  kind("soap", "Post to a SOAP service", "SOAP: posts one record to an operation of a WSDL, and takes nothing for success but what its schemas promise."),
  kind("split", "One record a line", "Split: make one record of each repetition of a group, or of each resource of a type, with all that belongs to it."),
];
const found = (typed: string) => rank(KINDS, typed, wordsOf).map((each) => each.kind);

test.each([
  ["transform", "map_fields"], ["branch", "filter"], ["route", "filter"], ["split", "split"], ["filter", "filter"], ["lookup", "map_to_master"], ["crosswalk", "map_to_master"],
  ["anonymise", "mask"], ["deidentify", "mask"], ["pseudonymise", "mask"], ["translate", "map_fields"],
])("whoever looks for %s finds %s first, and no sink", (typed, first) => {
  expect(found(typed)[0]).toBe(first);
  expect(found(typed).filter((each) => ["rest", "soap", "sftp"].includes(each))).toEqual([]);
});

test("a kind is described by what it does, not by an example of its settings", () => {
  expect(sentenceOf(KINDS[3] as NodeKind)).toBe("drop, redact, pseudonymise or generalise fields in place, so that what goes on names nobody.");
});
