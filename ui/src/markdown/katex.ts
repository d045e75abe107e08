/** KaTeX, without anything that leads out of the formula. */
import katex from "katex";

export function setFormula(source: string, into: HTMLElement, isBlock: boolean): void {
  katex.render(source, into, {
    displayMode: isBlock,
    output: "htmlAndMathml",
    throwOnError: true,
    strict: "ignore",
    // No links, no images, no attributes.
    trust: false,
    maxSize: 50,
    maxExpand: 500,
    // A command that it does not know, in a red that can be read on dark and on light.
    errorColor: "var(--bad)",
  });
}
