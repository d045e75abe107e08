/**
 * Completes Markdown that is still being written, so that half a mark does not flicker: what was opened is closed,
 * a link whose address has not arrived is its words, half a formula is what is there of it, a table has its line.
 */
import { veiled } from "./veil";

export function closeOpen(text: string): string {
  const code = fenced(text);
  // Nothing is a mark in it.
  if (code.isOpen) return text;
  // Marks do not reach over an empty line.
  const blank = text.lastIndexOf("\n\n");
  const at = Math.max(code.end, blank < 0 ? 0 : blank + 2);
  const hidden = veiled(text.slice(at));
  return hidden ? text.slice(0, at) + hidden.unveil(closeMarks(hidden.text)) : text;
}

/** A line that begins or ends code, in whatever list or quote. */
const FENCE = /^(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t])*(`{3,}(?=[^`\n]*$)|~{3,})(.*)$/gm;

/** Where fenced code ended last, and whether the text ends in some. */
function fenced(text: string): { isOpen: boolean; end: number } {
  let open = "";
  let end = 0;
  for (const { 0: line, 1: fence = "", 2: words = "", index } of text.matchAll(FENCE)) {
    if (open === "") open = fence;
    else if (fence.startsWith(open) && words.trim() === "") {
      open = "";
      end = index + line.length;
    }
  }
  return { isOpen: open !== "", end };
}

function closeMarks(text: string): string {
  let tail = closeTable(text)
    // A task says nothing yet.
    .replace(/((?:^|\n)[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[[ xX]?\]?[ \t]*$/, "$1")
    .replace(/!?\[([^\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\([^()\s]*)?(?:\s+(?:["'(][^\n]*)?)?$/, "$1")
    .replace(/!\[[^\]\n]*\]?$/, "")
    .replace(/(^|[^!\]])\[([^\]\n]*)\]?$/, "$1$2")
    // Nor does a lone mark at the end.
    .replace(/(^|\s)(\*{1,3}|_{1,3}|~{1,2})$/, "$1");
  if (/(?:^|[\s(])\*{3}[^\s*][^*\n]*$/.test(tail)) return `${tail.trimEnd()}***`;
  for (const mark of ["**", "__", "~~"]) {
    if (isOpen(tail, mark)) tail = tail.trimEnd() + mark;
  }
  if (/(^|[\s(])\*[^\s*][^*\n]*$/.test(tail)) tail = `${tail.trimEnd()}*`;
  return tail;
}

/** What stands in an address is no mark. */
const ADDRESSES = /\]\(\S*|https?:\/\/[^\s*]*/g;

function isOpen(text: string, mark: string): boolean {
  const plain = text.replace(ADDRESSES, "");
  let open = false;
  for (let at = plain.indexOf(mark); at >= 0; at = plain.indexOf(mark, at + mark.length)) {
    const before = plain[at - 1] ?? " ";
    const after = plain[at + mark.length] ?? " ";
    // Within a word two strokes are a name.
    if (mark === "__" && /\w/.test(before) && /\w/.test(after)) continue;
    if (open ? /\S/.test(before) : /\S/.test(after)) open = !open;
  }
  return open;
}

/** The line below the head of a table, as soon as the head is there. */
function closeTable(text: string): string {
  return text.replace(/(^|\n)([ \t]*\|[^\n]+\|[ \t]*)\n[-:| \t]*$/, (all, begin: string, head: string) => {
    // Rows of a table that has begun are its own.
    if (begin === "\n" && /\|[ \t]*$/.test(text.slice(0, text.length - all.length))) return all;
    return `${begin}${head}\n|${"-|".repeat(head.replaceAll("\\|", "").split("|").length - 2)}`;
  });
}
