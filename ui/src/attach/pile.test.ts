import { beforeEach, expect, it, vi } from "vitest";
import { add, forget, handOver, heldOf, pile } from "./pile";

// Without a place to keep them files hold for this window, which is all that is asked here.
beforeEach(() => {
  vi.stubGlobal("localStorage", undefined);
  vi.stubGlobal("indexedDB", undefined);
  pile.set({});
});

const file = (name: string) => new File(["beans"], name, { type: "text/plain" });
const names = (draft: string) => heldOf(draft).map((one) => one.name);

it("Files are handed over to another draft behind those that it has, without what only a session had", async () => {
  await add("new", [file("a.txt")]);
  await add("gone", [file("b.txt"), file("c.txt")]);
  const [first, ...rest] = heldOf("gone");
  const { file: _, ...elsewhere } = first!;
  pile.update((now) => ({ ...now, gone: [elsewhere, ...rest] }));
  await handOver("gone", "new");
  expect(names("new")).toEqual(["a.txt", "c.txt"]);
  expect(heldOf("new").map((one) => one.state)).toEqual(["waiting", "waiting"]);
  expect(names("gone")).toEqual([]);
});

it("What is forgotten is gone", async () => {
  await add("gone", [file("b.txt")]);
  await forget("gone");
  expect(names("gone")).toEqual([]);
});
