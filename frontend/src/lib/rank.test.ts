import { expect, test } from "vitest";
import { rank } from "./rank";

const found = (list: readonly string[], typed: string) => rank(list, typed, (each) => each);

test("words that begin so come before words that only hold the letters", () => {
  expect(found(["Unmask", "A mask of fields", "Mask fields"], "mask")).toEqual(["Mask fields", "A mask of fields", "Unmask"]);
});

test("a word later in the text that begins so counts more than an earlier one that holds it", () => {
  expect(found(["undo and redo", "do and undo, do"], "do")).toEqual(["do and undo, do", "undo and redo"]);
});

test("initials are understood, strewn letters are not", () => {
  expect(found(["Mask fields", "Post to a REST service that transforms"], "mf")).toEqual(["Mask fields"]);
  expect(found(["Lay down CSV files by SFTP and never a branch", "Lay batches down near each other"], "branch")).toEqual(["Lay down CSV files by SFTP and never a branch"]);
});

test("the first of several texts counts most", () => {
  const items = [["Mask", "", "looks like a filter"], ["Keep", "filter", ""], ["Filter", "", ""]] as const;
  expect(rank(items, "filter", (each) => each).map(([title]) => title)).toEqual(["Filter", "Keep", "Mask"]);
});
