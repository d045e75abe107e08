/** Formulas in Markdown: how they are written, and what they are in the tree. */
import type { Literal } from "mdast";
import type { CompileContext, Handle, Extension as TreeExtension } from "mdast-util-from-markdown";
import type { Extension } from "micromark-util-types";
import { block } from "./block";
import { BACKSLASH, DOLLAR } from "./codes";
import { brackets, dollars } from "./text";

export interface FormulaNode extends Literal {
  type: "formula";
  /** It stands by itself, also within a sentence. */
  isBlock: boolean;
  /** Its end has not come; its mark is in its value then, which is shown as it is written. */
  isHalf: boolean;
}

declare module "mdast" {
  interface RootContentMap {
    formula: FormulaNode;
  }
  interface BlockContentMap {
    formula: FormulaNode;
  }
  interface PhrasingContentMap {
    formula: FormulaNode;
  }
}

export const formulas: Extension = {
  flow: { [DOLLAR]: block, [BACKSLASH]: block },
  text: { [DOLLAR]: dollars, [BACKSLASH]: brackets },
};

const enter: Handle = function (token) {
  this.enter({ type: "formula", value: "", isBlock: true, isHalf: true }, token);
  this.buffer();
};
const exit: Handle = function (token) {
  const value = this.resume();
  const node = here(this);
  node.value = node.isHalf ? node.value + value : value.replace(/^\r?\n|\r?\n$/g, "");
  this.exit(token);
};
const here = (context: CompileContext) => context.stack.at(-1) as FormulaNode;

export const formulasFromMarkdown: TreeExtension = {
  enter: { formulaText: enter, formulaBlock: enter },
  exit: {
    formulaText: exit,
    formulaBlock: exit,
    formulaMark(token) {
      // What is between is held back: behind it is the formula.
      const node = this.stack.at(-2) as FormulaNode;
      const mark = this.sliceSerialize(token);
      if (node.value !== "") node.isHalf = false;
      else node.value = mark;
      node.isBlock = mark !== "$" && mark !== "\\(" && mark !== "\\)";
    },
    formulaSource(token) {
      this.config.enter.data?.call(this, token);
      this.config.exit.data?.call(this, token);
    },
  },
};
