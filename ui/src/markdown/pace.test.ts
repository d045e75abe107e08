import { describe, expect, test } from "vitest";
import { beginning, further } from "./pace";

function steps(text: string): string[] {
  const all = [""];
  while (all.at(-1) !== text) all.push(further(all.at(-1)!, text));
  return all.slice(1);
}

describe("a growing text", () => {
  test("that is come back to is drawn at once as far as it is, and grows from nothing when it has hardly begun", () => {
    const text = "word ".repeat(1_000);
    expect(beginning(text)).toBe(text);
    expect(beginning("one two ")).toBe("");
  });

  test("is drawn at once while it grows by a little", () => {
    expect(further("one ", "one two ")).toBe("one two ");
  });

  test("is drawn in small steps after a pause, and ends whole", () => {
    const text = "word ".repeat(1_000);
    const lengths = steps(text).map((shown) => shown.length);
    expect(lengths[0]).toBeLessThanOrEqual(text.length / 4);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(lengths.length).toBeLessThan(25);
  });

  test("is never cut between the halves of a letter", () => {
    for (const shown of steps(`x${"😀".repeat(2_000)}`)) expect(shown).not.toMatch(/[\ud800-\udbff]$/);
  });

  test("that became another one is drawn whole", () => {
    expect(further("a".repeat(9), "b".repeat(9_000))).toBe("b".repeat(9_000));
  });
});
