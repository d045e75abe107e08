/**
 * Formulas within text: `$…$`, `\(…\)`, `$$…$$` and `\[…\]`. The first mark after the opening one decides whether it is
 * a formula, so that a thousand marks are read in the time of their letters. Code is no formula, nor is anything with
 * code in it.
 */
import type { Construct, Effects, State, Token, TokenizeContext } from "micromark-util-types";
import { BACKSLASH, DOLLAR, isDigit, isLineEnd, isSpace, ROUND, SQUARE, TICK } from "./codes";
import { source } from "./source";

function begin(effects: Effects): void {
  effects.enter("formulaText");
  effects.enter("formulaMark");
}

function end(effects: Effects): void {
  effects.exit("formulaMark");
  effects.exit("formulaText");
}

const taker = (effects: Effects, between: ReturnType<typeof source>) => (code: number) => {
  if (!isLineEnd(code)) return between.take(code);
  between.end();
  effects.enter("lineEnding");
  effects.consume(code);
  effects.exit("lineEnding");
  between.lineEnded();
};

/**
 * Dollars are also money. One is a mark as pandoc has it: no space directly inside either mark, no digit directly
 * after the closing one.
 */
export const dollars: Construct = {
  name: "formulaDollars",
  tokenize(effects, ok, nok) {
    const between = source(effects);
    const take = taker(effects, between);
    let size = 0;
    let run = 0;
    let mark: Token;

    const open: State = (code) => {
      if (code === DOLLAR) {
        effects.consume(code);
        size++;
        return open;
      }
      effects.exit("formulaMark");
      return size === 1 && isSpace(code) ? nok(code) : inside(code);
    };
    const inside: State = (code) => {
      if (code === null || code === TICK) return nok(code);
      if (code === DOLLAR) {
        between.end();
        mark = effects.enter("formulaMark");
        run = 0;
        return close(code);
      }
      take(code);
      return code === BACKSLASH ? escaped : inside;
    };
    const escaped: State = (code) => {
      if (code === null || isLineEnd(code)) return inside(code);
      take(code);
      return inside;
    };
    const close: State = (code) => {
      if (code === DOLLAR) {
        effects.consume(code);
        run++;
        return close;
      }
      if (run === 1 && size > 1) {
        between.turn(mark);
        return inside(code);
      }
      if (run !== size || between.isEmpty()) return nok(code);
      const before = between.last();
      if (size === 1 && (before === null || isSpace(before) || isDigit(code))) return nok(code);
      end(effects);
      return ok(code);
    };
    return (code) => {
      begin(effects);
      return open(code);
    };
  },
  // A run of them is one mark; where it is none, its end is none either.
  previous(this: TokenizeContext, code) {
    return code !== DOLLAR || this.events.at(-1)?.[1].type === "characterEscape";
  },
};

/** `\(` and `\[`, as the models of OpenAI write them. */
export const brackets: Construct = {
  name: "formulaBrackets",
  tokenize(effects, ok, nok) {
    const between = source(effects);
    const take = taker(effects, between);
    let kind = ROUND;
    let mark: Token;

    const open: State = (code) => {
      if (code !== ROUND.open && code !== SQUARE.open) return nok(code);
      if (code === SQUARE.open) kind = SQUARE;
      effects.consume(code);
      effects.exit("formulaMark");
      return inside;
    };
    const inside: State = (code) => {
      if (code === null || code === TICK) return nok(code);
      if (code === BACKSLASH) {
        between.end();
        mark = effects.enter("formulaMark");
        effects.consume(code);
        return escaped;
      }
      take(code);
      return inside;
    };
    const escaped: State = (code) => {
      if (code === kind.close) {
        effects.consume(code);
        end(effects);
        return after;
      }
      if (code === kind.open) return nok(code);
      between.turn(mark);
      if (code === null || isLineEnd(code)) return inside(code);
      take(code);
      return inside;
    };
    // Nothing is in it, or it is a link that was meant to be read as text.
    const after: State = (code) =>
      between.isEmpty() || (kind === SQUARE && code === ROUND.open) ? nok(code) : ok(code);
    return (code) => {
      begin(effects);
      effects.consume(code);
      return open;
    };
  },
};
