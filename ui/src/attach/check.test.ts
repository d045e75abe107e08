import { expect, it } from "vitest";
import { harmless } from "./check";

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
