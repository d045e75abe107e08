import { expect, it } from "vitest";
import { fits } from "./listbox";

it("All words of a wish must be there, wherever, whatever their case and accents", () => {
  expect(fits("Where is the Café?", "CAFE where")).toBe(true);
  expect(fits("Where is the Cafe\u0301?", "café")).toBe(true);
  expect(fits("Überseestraße", "ubersee")).toBe(true);
  expect(fits("整理花园的笔记", "花园")).toBe(true);
  expect(fits("50% of it", "50%")).toBe(true);
  expect(fits("Where is the Café?", "café bar")).toBe(false);
  expect(fits("anything", "")).toBe(true);
});
