import { describe, expect, it } from "vitest";
import type { Event, EventBody, Model } from "../generated/bindings";
import { apply } from "./apply";
import { costOf, costOfAll, since, spentOn } from "./spent";
import { emptyView } from "./view";

const PRICE = { input: 1, cached: 0.1, cacheWritten: 1.25, output: 10 };
const MODELS: Model[] = [
  { id: "a/priced", price: PRICE },
  { id: "b/unknown" },
  {
    id: "local/here",
    weights: { bytes: 1, sha256: "", licence: "", memoryBytes: 1, installed: true, about: "" },
  },
];

function fold(...bodies: EventBody[]) {
  const events = bodies.map((body, at): Event => ({ session: "s", seq: at + 1, at, turn: "t", body }));
  return apply(emptyView("s"), events);
}
const begun = (model: string): EventBody => ({ type: "turnStarted", opId: "o", settings: { model } });
const used = (input: number, output: number): EventBody => ({ type: "usageUpdated", usage: { input, output } });
const ended: EventBody = { type: "turnEnded", outcome: { type: "completed" } };

describe("what was spent", () => {
  it("is the sum over turns, though each event tells the sum of its turn", () => {
    const view = fold(begun("a/priced"), used(100, 10), used(250, 30), ended, begun("b/unknown"), used(40, 4), ended);
    expect(view.spent.get("a/priced")).toMatchObject([
      { input: 100, output: 10 },
      { input: 150, output: 20 },
    ]);
    expect(view.spent.get("b/unknown")).toMatchObject([{ input: 40, output: 4 }]);
  });

  it("tells how full the window is by the last call alone", () => {
    const view = fold(begun("a/priced"), used(100, 10), used(250, 30));
    expect(view.usage).toMatchObject({ input: 150, output: 20 });
  });

  it("counts a sum that begins anew as it is", () => {
    expect(since({ input: 5, output: 1 }, { input: 100, output: 10 })).toEqual({ input: 5, output: 1 });
  });
});

describe("what it cost", () => {
  it("counts what came from the cache and went into it at their own prices", () => {
    expect(costOf({ input: 1000, cached: 600, cacheWritten: 100, output: 50 }, PRICE)).toBeCloseTo(
      300 + 60 + 125 + 500,
    );
  });

  it("is that of the long price for a call that is longer, and for no other of its turn", () => {
    const above = { tokens: 200, input: 2, cached: 0.2, cacheWritten: 2.5, output: 20 };
    const long = { id: "a/long", price: { ...PRICE, above } };
    // Calls of 200 and 201 tokens, and then all of them together are longer still.
    const view = fold(begun("a/long"), used(200, 1), used(401, 3), ended);
    const micros = 200 + 10 + (201 * 2 + 2 * 20);
    expect(spentOn(view.spent, [long])).toEqual({ micros, isWhole: true });
    const [end] = view.entries;
    expect(end?.kind === "end" && costOfAll(end.calls ?? [], long.price)).toBe(micros);
  });

  it("is told as far as it is known, and not at all where nothing is", () => {
    const usage = [{ input: 100, output: 0 }];
    expect(spentOn(new Map([["a/priced", usage]]), MODELS)).toEqual({ micros: 100, isWhole: true });
    expect(
      spentOn(
        new Map([
          ["a/priced", usage],
          ["b/unknown", usage],
        ]),
        MODELS,
      ),
    ).toEqual({ micros: 100, isWhole: false });
    expect(spentOn(new Map([["b/unknown", usage]]), MODELS)).toBeUndefined();
    expect(spentOn(new Map([["local/here", usage]]), MODELS)).toEqual({ micros: 0, isWhole: true });
  });
});
