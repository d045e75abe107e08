import { expect, it, vi } from "vitest";
import type { Model, Pull } from "../generated/bindings";

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

const { pull, pulls } = await import("./pulls");
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
