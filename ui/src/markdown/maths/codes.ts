/** The characters that formulas are made of, as the parser gives them: a number, negative where a line or a tab is meant. */
import type { Code } from "micromark-util-types";

export const TICK = 96;
export const DOLLAR = 36;
export const BACKSLASH = 92;
export const ROUND = { open: 40, close: 41 };
export const SQUARE = { open: 91, close: 93 };

export const isLineEnd = (code: Code): boolean => code !== null && code < -2;
export const isSpace = (code: Code): boolean => code !== null && (code < 0 || code === 32);
export const isDigit = (code: Code): boolean => code !== null && code >= 48 && code <= 57;

declare module "micromark-util-types" {
  interface TokenTypeMap {
    /** A whole formula: within a line of text, or with lines of its own. */
    formulaText: "formulaText";
    formulaBlock: "formulaBlock";
    /** What opens or closes it. */
    formulaMark: "formulaMark";
    /** What is between, line by line. */
    formulaSource: "formulaSource";
  }
}
