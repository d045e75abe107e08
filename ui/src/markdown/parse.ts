/** Reads Markdown into a tree of plain objects. No HTML is made of it anywhere. */
import type { Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { type Known, knowing, NOTHING } from "./known";
import { formulas, formulasFromMarkdown } from "./maths";

const options = {
  extensions: [gfm({ singleTilde: false }), formulas],
  mdastExtensions: [gfmFromMarkdown(), formulasFromMarkdown],
};

/** Deeper nesting than a person writes is shown as it is written: it only serves to stop a parser. */
const DEEPEST = 60;
const MARKS = /^[ \t]*(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]*){60,}/m;

export function parse(text: string, known: Known = NOTHING): Root {
  if (MARKS.test(text) || deepest(text) > DEEPEST * 2) return plain(text);
  return fromMarkdown(text, { ...options, extensions: [...options.extensions, ...knowing(text, known)] });
}

/** How deep lists can be nested at most, by how far their lines are indented. */
function deepest(text: string): number {
  let most = 0;
  for (const match of text.matchAll(/^([ \t]+)(?:[-+*]|\d{1,9}[.)])\s/gm)) most = Math.max(most, match[1]!.length);
  return most / 2;
}

function plain(text: string): Root {
  const position = {
    start: { line: 1, column: 1, offset: 0 },
    end: { line: 1, column: 1, offset: text.length },
  };
  return { type: "root", children: [{ type: "code", lang: null, value: text, position }] };
}
