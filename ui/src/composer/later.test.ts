import { expect, test } from "vitest";
import type { Settings } from "../generated/bindings";
import { isModeLater, isModelLater } from "./later";

const turn = (settings: Settings) => ({ id: "t", opId: "o", settings, startedAt: 1 });

test("another model counts from the next turn, also where the turn was asked of another one", () => {
  expect(isModelLater(turn({ model: "a/one" }), "a/two")).toBe(true);
  expect(isModelLater(turn({ model: "a/one" }), "a/one")).toBe(false);
  expect(isModelLater(undefined, "a/two")).toBe(false);
});

test("a wider mode counts from the next turn, a narrower one at once", () => {
  expect(isModeLater(turn({ mode: "ask" }), "full")).toBe(true);
  expect(isModeLater(turn({ mode: "ask" }), "ask")).toBe(false);
  expect(isModeLater(turn({ mode: "full" }), "read-only")).toBe(false);
  expect(isModeLater(undefined, "full")).toBe(false);
});
