import { describe, expect, it } from "vitest";
import { en } from "../text/en";
import { beginning, cut, quote } from "./excerpt";

const whole = (text: string) => ({ text, letters: [...text].length });

describe("a text that goes along with a question", () => {
  it("is quoted whole when it is here whole, whatever its letters are made of", () => {
    for (const text of ["a\nb", "é".repeat(20_000), "🌱".repeat(20_000)]) {
      expect(cut(whole(text), en)).toBeUndefined();
      expect(quote(whole(text), en)).toBe(`> ${text.replaceAll("\n", "\n> ")}\n\n`);
    }
  });

  it("says how much of it is here when it was cut, also where it is quoted", () => {
    const long = { text: "🌱".repeat(20_000), letters: 61_000 };
    expect(cut(long, en)).toBe("first 20,000 of 61,000 letters");
    expect(quote(long, en)).toMatch(/^> 🌱+\n\n\[first 20,000 of 61,000 letters\]\n\n$/u);
  });

  it("begins with its first words, and shows that there are more", () => {
    expect(beginning(whole("the quick\n brown fox"))).toBe("the quick brown fox");
    expect(beginning(whole("x".repeat(50)))).toBe(`${"x".repeat(40)}…`);
  });
});
