import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf } from "./Diff";

type Lines = ReturnType<typeof linesOf>;
const written = (lines: Lines) => lines.map(({ sign, parts }) => sign + parts.map((part) => part.text).join(""));
const marked = (lines: Lines) =>
  lines.flatMap(({ parts }) => parts.flatMap((part) => (part.marked && part.text.trim() ? [part.text] : [])));

/** The lines of one of the two texts, as a diff tells them. */
const told = (lines: Lines, sign: "+" | "-") =>
  written(lines).flatMap((line) => (line[0] === " " || line[0] === sign ? [line.slice(1)] : []));
/** The same, read from the text. */
const lines = (text: string) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

describe("two texts side by side", () => {
  it("show what stays, what went and what came, in this order", () => {
    expect(written(linesOf("one\ntwo\nthree\n", "one\n2\nthree\nfour\n"))).toEqual([
      " one",
      "-two",
      "+2",
      " three",
      "+four",
    ]);
  });

  it("mark the words that differ in a line that was changed, and nothing else", () => {
    const change = linesOf("let port = 3000;\n", "let port = 8080;\n");
    expect(written(change)).toEqual(["-let port = 3000;", "+let port = 8080;"]);
    expect(marked(change)).toEqual(["3000", "8080"]);
    expect(marked(linesOf("a\n", "a\nb\n"))).toEqual([]);
  });

  it("mark words over several lines, each in its own line", () => {
    const change = linesOf("sow beans\nin the north\n", "sow peas\nin the south\n");
    expect(written(change)).toEqual(["-sow beans", "-in the north", "+sow peas", "+in the south"]);
    expect(marked(change)).toEqual(["beans", "north", "peas", "south"]);
  });

  it("keep empty lines, and a last line without an end", () => {
    expect(written(linesOf("", "a\n\nb\n"))).toEqual(["+a", "+", "+b"]);
    expect(written(linesOf("a\n\n", ""))).toEqual(["-a", "-"]);
    expect(written(linesOf("a\nb", "a\nb\n\nc"))).toEqual([" a", "-b", "+b", "+", "+c"]);
    expect(linesOf("", "")).toEqual([]);
  });

  it("are compared by lines alone when they are long", () => {
    const long = (word: string) => `${word} `.repeat(4000);
    const change = linesOf(long("old"), long("new"));
    expect(change.map((line) => line.sign)).toEqual(["-", "+"]);
    expect(marked(change)).toEqual([]);
  });

  it("are compared by lines alone where they have little in common, and all of them together take no longer", () => {
    const noise = (seed: number) => {
      let state = seed;
      const letter = () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
        return "!#%&()*+,-./"[(state >> 16) % 12];
      };
      return Array.from({ length: 9_900 }, letter).join("");
    };
    const long = (seed: number) => Array.from({ length: 4 }, (_, at) => `${noise(seed + at)}\nstays ${at}\n`).join("");
    // Each pair alone would take seconds.
    const change = linesOf(long(5), long(311));
    expect(told(change, "-")).toEqual(lines(long(5)));
    expect(told(change, "+")).toEqual(lines(long(311)));
    expect(change.filter((line) => line.sign !== " ")).toHaveLength(8);
    expect(marked(change)).toEqual([]);
  });

  it("can both be read from what is shown, whatever is in them", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", " ", "  ", "\n", "\n\n", "x y", "é"), { maxLength: 14 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const shown = linesOf(before, after);
        expect(told(shown, "-")).toEqual(lines(before));
        expect(told(shown, "+")).toEqual(lines(after));
      }),
      { numRuns: 2000 },
    );
  });
});
