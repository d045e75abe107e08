import fc from "fast-check";
import type { Nodes } from "mdast";
import { expect, it } from "vitest";
import { type Blocks, cut, EMPTY } from "../blocks";
import { closeOpen } from "../close";
import { parse } from "../parse";

/** The formulas of a text: those in a line in round marks, those that stand by themselves in square ones, halves with dots. */
function formulas(text: string): string[] {
  const found: string[] = [];
  const visit = (node: Nodes) => {
    if (node.type === "formula") {
      const half = node.isHalf ? "…" : "";
      found.push(node.isBlock ? `[${node.value}${half}]` : `(${node.value}${half})`);
    }
    if ("children" in node) for (const child of node.children) visit(child);
  };
  visit(parse(text));
  return found;
}
const kinds = (text: string) => parse(text).children.map((node) => node.type);

it("Money is no formula", () => {
  for (const text of [
    "It costs $20 a month or $200 a year",
    "from $5 to $10",
    "$20-$30, US$5,000",
    "about 20 $ or 30 $",
    "set $HOME and $PATH",
    "the variable $HOME, in code `$HOME`",
    "a lone $ and another $ sign",
    "\\$20 and \\$30",
    "$\nx$",
    "$x\n$",
    "$a\n\nb$",
    "so $$ and $$$",
  ])
    expect([text, ...formulas(text)]).toEqual([text]);
});

it("One dollar makes a formula as pandoc has it", () => {
  expect(formulas("The sum $a + b$ and $x^2$.")).toEqual(["(a + b)", "(x^2)"]);
  expect(formulas("($x$), **$y$**, $z$-axis")).toEqual(["(x)", "(y)", "(z)"]);
  expect(formulas("$\\$5$ and $a\\\\$")).toEqual(["(\\$5)", "(a\\\\)"]);
  expect(formulas("$a\nb$")).toEqual(["(a\nb)"]);
  expect(formulas("$20 or $x$")).toEqual(["(x)"]);
});

it("Round brackets behind a backslash are a formula in a line, square ones one that stands by itself", () => {
  expect(formulas("so \\(x^2\\) and \\( y \\)")).toEqual(["(x^2)", "( y )"]);
  expect(formulas("so \\[x^2\\] and $$y$$ too")).toEqual(["[x^2]", "[y]"]);
  expect(formulas("\\(f(x) = \\left[ a \\right]\\)")).toEqual(["(f(x) = \\left[ a \\right])"]);
  expect(formulas("\\[ \\text{so \\(x\\)} \\]")).toEqual(["[ \\text{so \\(x\\)} ]"]);
  expect(formulas("$$\\text{so $x$}$$")).toEqual(["[\\text{so $x$}]"]);
});

it("Code, escapes and links are no formula", () => {
  for (const text of ["`\\(x\\)`", "``` \n\\[x\\]\n```", "\\\\(x\\\\)", "f\\(\\)", "\\[the page\\](https://a.example)"])
    expect(formulas(text)).toEqual([]);
  expect(formulas("use \\( or `\\)`")).toEqual([]);
  expect(formulas("use $HOME or `$HOME`")).toEqual([]);
});

it("A formula may have lines of its own", () => {
  expect(formulas("\\[\nx\n\\]")).toEqual(["[x]"]);
  expect(formulas("a\r\n$$\r\nx\r\n$$\r\nb")).toEqual(["[x]"]);
  expect(formulas("\\[ x^2 \\]")).toEqual(["[ x^2 ]"]);
  expect(formulas("$$\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}$$")).toEqual([
    "[\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}]",
  ]);
  expect(formulas("\\[\na\n=\nb\n- c\n+ d\n> e\n\\]")).toEqual(["[a\n=\nb\n- c\n+ d\n> e]"]);
  expect(formulas("\\[\n\nx\n\n\\]")).toEqual(["[\nx\n]"]);
  expect(formulas("\\[ \\sqrt[3]{x} \\\\[4pt] y \\],")).toEqual(["[ \\sqrt[3]{x} \\\\[4pt] y ,]"]);
  expect(kinds("We have\n\\[\nx\n\\]\nwhere x is\n$$\ny\n$$.\nDone")).toEqual([
    "paragraph",
    "formula",
    "paragraph",
    "formula",
    "paragraph",
  ]);
});

it("In a list and in a quote it stays there", () => {
  expect(formulas("1. so\n   \\[\n   a\n   - b\n   \\]\n2. next")).toEqual(["[a\n- b]"]);
  expect(kinds("1. so\n   \\[\n   a\n   - b\n   \\]\n2. next")).toEqual(["list"]);
  expect(formulas("> \\[\n> a\n> \\]\n\nb")).toEqual(["[a]"]);
  expect(formulas("> \\[\n> a\nb \\]")).toEqual(["[\\[\na…]"]);
});

it("What follows it on its line is not lost, and it ends where its paragraph ends", () => {
  expect(formulas("\\[ x \\] is good")).toEqual(["[ x ]"]);
  expect(kinds("\\[ x \\] is good")).toEqual(["paragraph"]);
  expect(formulas("\\[\nx\n\\] is *good*\nand")).toEqual(["[x]"]);
  expect(kinds("\\[\nx\n\\] is *good*\nand")).toEqual(["formula", "paragraph", "paragraph"]);
  expect(formulas("\\[ x\n\nand")).toEqual(["[\\[ x…]"]);
  expect(kinds("\\[ x\n\nand")).toEqual(["formula", "paragraph"]);
});

it("Growing letter by letter, a text has the blocks of one that came at once, each where it was", () => {
  const piece = fc.constantFrom(
    "$",
    "$$",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\n",
    "\n\n",
    "a",
    " ",
    "1",
    // Not an empty item: the parser takes one in a quote for another thing when a paragraph stands before.
    "- a",
    "> ",
    "\\",
    "`",
    "=",
    "+ b",
    "(",
    "[",
    "]",
    "<b>",
    "\n```\n",
    "# ",
    "#",
  );
  const plain = (node: unknown) => JSON.stringify(node, (key, value) => (key === "position" ? undefined : value));
  const shape = ({ blocks }: Blocks) => blocks.map(({ at, source, node }) => [at, source, plain(node)]);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      let grown = EMPTY;
      let text = "";
      for (const one of pieces) {
        text += one;
        grown = cut(text, grown, true);
        for (const block of grown.blocks)
          expect(text.slice(block.at, block.at + block.source.length)).toBe(block.source);
      }
      expect(shape(cut(text, grown))).toEqual(shape(cut(text)));
    }),
    {
      numRuns: 300,
      // Words behind a formula, a line that is more than its own block.
      examples: [
        [["$$", "\n\n", "$$", "1", "\n", "$"]],
        [["$$", "\n", "$$", "\\[", "\n```\n"]],
        [["\\[", "\n\n", "\\]", "$", "\n", "$"]],
      ],
    },
  );
});

it("Thousands of marks that open nothing are read in the time of their letters", () => {
  const marks = [
    "$",
    "$ ",
    "$a",
    "\\(",
    "\\( ",
    "\\[",
    "\\[ ",
    "\\[\n",
    "$$",
    "$$ ",
    "$$\n",
    "$$a\n",
    "$ $$ ",
    "$ $$\n",
    "\\(\\[",
    "\\( \\[\n",
    "a\n\\[ b\n",
    "$$$ $$ ",
  ];
  for (const mark of marks) {
    const text = mark.repeat(4_000);
    expect(cut(text).blocks.length).toBeGreaterThan(0);
    expect(closeOpen(text).length).toBeLessThanOrEqual(text.length + 10);
  }
});
