/** What is between the marks of a formula, one token a line. */
import type { Code, Effects, Token } from "micromark-util-types";
import { DOLLAR, isSpace } from "./codes";

export function source(effects: Effects) {
  let isOpen = false;
  let isEmpty = true;
  let last: Code = null;
  return {
    /** Takes one character, whatever it is but the end of a line. */
    take: (code: Code) => {
      if (!isOpen) effects.enter("formulaSource");
      isOpen = true;
      effects.consume(code);
      last = code;
      if (!isSpace(code)) isEmpty = false;
    },
    /** Something else follows. */
    end: () => {
      if (isOpen) effects.exit("formulaSource");
      isOpen = false;
    },
    /** What looked like a mark belongs to the formula. */
    turn: (mark: Token) => {
      mark.type = "formulaSource";
      isOpen = true;
      isEmpty = false;
      last = DOLLAR;
    },
    /** The character before, `null` at the beginning of a line. */
    last: () => last,
    lineEnded: () => {
      last = null;
    },
    isEmpty: () => isEmpty,
  };
}
