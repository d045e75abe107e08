import { expect, test } from "vitest";
import type { Model } from "../generated/bindings";
import { orLeft, type Pulling } from "./pulls";

function model(installed: boolean, partialBytes?: number): Model {
  const weights = { bytes: 10, sha256: "", licence: "MIT", memoryBytes: 1, installed, about: "" };
  return { id: "local/small", weights: { ...weights, ...(partialBytes ? { partialBytes } : {}) } } as Model;
}

test("what an earlier shell left of a download is offered to go on with", () => {
  expect(orLeft(undefined, model(false, 4))).toEqual({ done: 4, total: 10, speed: 0, state: "paused" });
  expect(orLeft(undefined, model(false))).toBeUndefined();
  expect(orLeft(undefined, model(true, 4))).toBeUndefined();
  const running: Pulling = { done: 6, total: 10, speed: 1, state: "running" };
  expect(orLeft(running, model(false, 4))).toBe(running);
});
