import { expect, it, vi } from "vitest";
import { setLanguage } from "../text";
import { numberIn } from "./fields";

// Where the page says its language.
vi.stubGlobal("document", { documentElement: {} });

const money = { min: 0, max: 1_000_000, digits: 4 };
const whole = { min: 0, max: 1_000_000 };

it("a number is taken as its field shows it, with groups of digits, and with either mark for its fraction", async () => {
  for (const [language, grouped] of [
    ["en", "2,000"],
    ["de", "2.000"],
  ] as const) {
    await setLanguage(language);
    for (const bounds of [money, whole]) expect(numberIn(grouped, bounds)).toBe(2000);
    expect([numberIn("2.50", money), numberIn("2,5", money)]).toEqual([2.5, 2.5]);
    expect(numberIn("2,50", whole)).toBeUndefined();
  }
});

it("what is no number, or none that fits, is none", () => {
  for (const typed of ["", "x", "-1", "1e3", "2000000", "1,00,0"]) expect(numberIn(typed, whole)).toBeUndefined();
  expect(numberIn("", { ...whole, none: "No limit" })).toBe(0);
});
