import { expect, it } from "vitest";
import { memory, roundUp } from "./units";

it("memory is counted as it is sold", () => {
  expect(memory(32 * 2 ** 30)).toBe("32.0 GB");
  expect(memory(23_400_000)).toBe("22.3 MB");
  expect(memory(700 * 2 ** 20)).toBe("700 MB");
});

it("a scale ends at a number that reads well", () => {
  expect([0, 1, 3, 42, 51, 1_080_000].map(roundUp)).toEqual([1, 1, 3, 50, 60, 1_200_000]);
});
