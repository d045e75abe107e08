import { expect, test } from "vitest";
import { passage } from "./passage";

test("a passage begins with a whole word", () => {
  expect(passage("…n src/turn/begin.rs and the [tests] pass")).toEqual([
    "…src/turn/begin.rs and the ",
    "tests",
    " pass",
  ]);
  expect(passage("…[tests] pass")).toEqual(["…", "tests", " pass"]);
  expect(passage("The [tests] pass")).toEqual(["The ", "tests", " pass"]);
});

test("a script without spaces keeps what it begins with", () => {
  expect(passage("…的索引，然后 [测试] 通过")[0]).toBe("…的索引，然后 ");
});

test("the signs of a list, a heading and of emphasis are left out, a dash in a sentence is not", () => {
  expect(passage("and they pass.\n- **Cause**: commit\n## Next [step]").join("")).toBe(
    "and they pass. Cause: commit\n Next step",
  );
  expect(passage("they [pass]. - Cause: `9ceca03`").join("")).toBe("they pass. Cause: 9ceca03");
  expect(passage("north - not south - of the [shed]").join("")).toBe("north - not south - of the shed");
});
