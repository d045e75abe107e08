import { expect, test } from "vitest";
import type { Settings } from "../generated/bindings";
import { laterOf } from "./later";

const turn = (settings: Settings) => ({ id: "t", opId: "o", settings, startedAt: 1 });
const RUNS = turn({ model: "a/one", mode: "ask" });

test("another model counts from the next turn, also where the turn was asked of another one", () => {
  expect(laterOf(RUNS, "a/two", "ask")).toBe("model");
  expect(laterOf(RUNS, "a/one", "ask")).toBeUndefined();
  expect(laterOf(undefined, "a/two", "full")).toBeUndefined();
});

test("a wider mode counts from the next turn, a narrower one at once", () => {
  expect(laterOf(RUNS, "a/one", "full")).toBe("mode");
  expect(laterOf(RUNS, "a/two", "full")).toBe("both");
  expect(laterOf(turn({ mode: "full" }), "a/one", "read-only")).toBeUndefined();
});
