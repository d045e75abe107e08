/**
 * Formulas with lines of their own: `$$` or `\[` begins the first, the closing mark ends the last, and what is between
 * is no list and no heading. One whose mark has its line to itself may have empty lines in it; any other ends before
 * the first. What is never closed is half a formula. Whether it is one is decided by its first line, since its others
 * are taken from whatever else they could begin; words behind its end are a paragraph.
 */
import type { Construct, State, Token } from "micromark-util-types";
import { BACKSLASH, DOLLAR, isLineEnd, isSpace, SQUARE, TICK } from "./codes";
import { source } from "./source";

/** May stand behind the closing mark; it is set with the formula. */
const PUNCTUATION = new Set([...".,;:!?"].map((one) => one.charCodeAt(0)));

/** Goes on to the next line of the same container, if there is one. */
const nextLine = (mayBeEmpty: boolean): Construct => ({
  partial: true,
  tokenize(effects, ok, nok) {
    const isLazy = () => this.parser.lazy[this.now().line];
    const start: State = (code) => {
      if (isLazy()) return nok(code);
      return mayBeEmpty ? ok(code) : look(code);
    };
    const look: State = (code) => {
      if (code === null || isLineEnd(code)) return nok(code);
      if (!isSpace(code)) return ok(code);
      effects.enter("whitespace");
      effects.consume(code);
      effects.exit("whitespace");
      return look;
    };
    return (code) => {
      if (code === null) return nok(code);
      effects.enter("lineEnding");
      effects.consume(code);
      effects.exit("lineEnding");
      return start;
    };
  },
});
const FULL_LINE = nextLine(false);
const ANY_LINE = nextLine(true);

export const block: Construct = {
  name: "formulaBlock",
  concrete: true,
  tokenize(effects, ok, nok) {
    const between = source(effects);
    /** How many dollars; none for brackets. */
    let size = 0;
    let run = 0;
    let isFirst = true;
    let isAlone = true;
    let mark: Token;

    const finish: State = (code) => {
      effects.exit("formulaBlock");
      return ok(code);
    };
    const openDollars: State = (code) => {
      if (code === DOLLAR) {
        effects.consume(code);
        size++;
        return openDollars;
      }
      if (size < 2) return nok(code);
      effects.exit("formulaMark");
      return inside(code);
    };
    const openBracket: State = (code) => {
      if (code !== SQUARE.open) return nok(code);
      effects.consume(code);
      effects.exit("formulaMark");
      return inside;
    };
    const inside: State = (code) => {
      if (code === null || isLineEnd(code)) {
        between.end();
        // A paragraph asks whether it ends here.
        if (this.interrupt) return ok(code);
        isFirst = false;
        return effects.attempt(isAlone ? ANY_LINE : FULL_LINE, inside, finish)(code);
      }
      if (isFirst && code === TICK) return nok(code);
      if (isFirst && !isSpace(code)) isAlone = false;
      if (code === (size > 0 ? DOLLAR : BACKSLASH)) {
        between.end();
        mark = effects.enter("formulaMark");
        effects.consume(code);
        run = 1;
        return size > 0 ? closeDollars : closeBracket;
      }
      between.take(code);
      return code === BACKSLASH ? escaped : inside;
    };
    const escaped: State = (code) => {
      if (code === null || isLineEnd(code)) return inside(code);
      between.take(code);
      return inside;
    };
    const closeDollars: State = (code) => {
      if (code === DOLLAR) {
        effects.consume(code);
        run++;
        return closeDollars;
      }
      if (run === size) return close(code);
      between.turn(mark);
      return inside(code);
    };
    const closeBracket: State = (code) => {
      if (isFirst && code === SQUARE.open) return nok(code);
      if (code === SQUARE.close) {
        effects.consume(code);
        return close;
      }
      between.turn(mark);
      return escaped(code);
    };
    const close: State = (code) => {
      effects.exit("formulaMark");
      if (isFirst && between.isEmpty()) return nok(code);
      if (code === null || !PUNCTUATION.has(code)) return after(code);
      between.take(code);
      between.end();
      return after;
    };
    const after: State = (code) => {
      if (code === null || isLineEnd(code)) return finish(code);
      if (!isSpace(code)) return isFirst ? nok(code) : more(code);
      effects.enter("whitespace");
      effects.consume(code);
      effects.exit("whitespace");
      return after;
    };
    const more: State = (code) => {
      effects.exit("formulaBlock");
      effects.enter("paragraph");
      effects.enter("chunkText", { contentType: "text" });
      return toLineEnd(code);
    };
    const toLineEnd: State = (code) => {
      if (code !== null && !isLineEnd(code)) {
        effects.consume(code);
        return toLineEnd;
      }
      effects.exit("chunkText");
      effects.exit("paragraph");
      return ok(code);
    };
    return (code) => {
      effects.enter("formulaBlock");
      effects.enter("formulaMark");
      if (code === DOLLAR) return openDollars(code);
      effects.consume(code);
      return openBracket;
    };
  },
};
