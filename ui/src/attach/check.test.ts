import { expect, it } from "vitest";
import { en } from "../text/en";
import { harmless, sift } from "./check";

it("a name that a system allows becomes one that the runtime takes", () => {
  expect(harmless("a\\b/c.txt")).toBe("a_b_c.txt");
  expect(harmless("two\nlines\tand a tab\u0085.txt")).toBe("two_lines_and a tab_.txt");
  // As it could not be written in an address.
  expect(encodeURIComponent(harmless("half \ud83d.txt"))).toBe("half%20_.txt");
  expect(harmless("  ")).toBe("_");
});

it("an ordinary name stays as it is", () => {
  for (const name of ["notes.md", "Grüße 100%.txt", "文件.pdf", "👩‍👧 שלום.png"]) expect(harmless(name)).toBe(name);
});

it("more files than a message takes are refused as a whole, and those that it has already are counted", () => {
  const files = (count: number) =>
    Array.from({ length: count }, () => ({ name: "a.txt", size: 1, type: "text/plain" }));
  expect(sift(files(5), 15, en)).toEqual({ taken: files(5), said: [] });
  expect(sift(files(8), 15, en)).toMatchObject({ taken: [], said: [expect.stringContaining("has 15 already")] });
  expect(sift(files(21), 0, en)).toMatchObject({ taken: [], said: [expect.not.stringContaining("already")] });
});
