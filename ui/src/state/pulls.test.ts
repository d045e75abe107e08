import { expect, it, vi } from "vitest";
import type { Model, Pull } from "../generated/bindings";
import type { Pulling } from "./pulls";

let tell: (message: Pull) => void = () => {};
const lists: ((list: Model[]) => void)[] = [];
vi.mock("../api", () => ({
  asError: (thrown: unknown) => thrown,
  jamey: () => ({
    pullModel: async (_: string, onPull: typeof tell) => {
      tell = onPull;
    },
    models: () => new Promise((take) => lists.push(take)),
  }),
}));

const { orLeft, pull, pulls } = await import("./pulls");
const { models } = await import("./asked");

it("a download that is done is being checked until the list says that the model is here", async () => {
  await pull("local/small");
  tell({ type: "progress", done: 5, total: 5, source: "here" });
  tell({ type: "done", model: "local/small" });
  expect(pulls.get()["local/small"]?.state).toBe("verifying");
  lists[0]?.([{ id: "local/small" }]);
  await vi.waitFor(() => expect(pulls.get()).toEqual({}));
  expect(models.store.get().value).toEqual([{ id: "local/small" }]);
});

function model(installed: boolean, partialBytes?: number): Model {
  const weights = { bytes: 10, sha256: "", licence: "MIT", memoryBytes: 1, installed, about: "" };
  return { id: "local/small", weights: { ...weights, ...(partialBytes ? { partialBytes } : {}) } } as Model;
}

it("what an earlier shell left of a download is offered to go on with", () => {
  expect(orLeft(undefined, model(false, 4))).toEqual({ done: 4, total: 10, speed: 0, state: "paused" });
  expect(orLeft(undefined, model(false))).toBeUndefined();
  expect(orLeft(undefined, model(true, 4))).toBeUndefined();
  const running: Pulling = { done: 6, total: 10, speed: 1, state: "running" };
  expect(orLeft(running, model(false, 4))).toBe(running);
});
