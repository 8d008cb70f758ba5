import { expect, test } from "vitest";
import { settingName } from "./naming";

test("a place in a config is called as the form calls it, in people's own spelling", () => {
  expect(settingName("/fallback_charset")).toBe("Fallback charset");
  expect(settingName("/fields/usedAt")).toBe("Fields, usedAt");
  expect(settingName("/fields/1/to")).toBe("Fields, 2, to");
  expect(settingName("/keep/in/1")).toBe("Keep, is one of, 2");
});

test("an entry that has a name of its own is called by it", () => {
  expect(settingName("/key/1", ["system", "code"])).toBe("Key, code");
  expect(settingName("/key/2", ["system", "code"])).toBe("Key, 3");
  expect(settingName("/key", ["system", "code"])).toBe("Key");
});
