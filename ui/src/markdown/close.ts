/**
 * Completes Markdown that is still being written, so that half a mark does not flicker: what was opened is closed,
 * a link whose address has not arrived is its words, half a formula is what is there of it.
 */
import { veiled } from "./veil";

export function closeOpen(text: string): string {
  const at = text.lastIndexOf("\n\n");
  // Marks do not reach over an empty line.
  const head = at < 0 ? "" : text.slice(0, at + 2);
  const hidden = veiled(at < 0 ? text : text.slice(at + 2));
  return hidden ? head + hidden.unveil(closeMarks(hidden.text)) : text;
}

function closeMarks(text: string): string {
  let tail = text
    .replace(/!?\[([^\]\n]*)\]\([^()\s]*$/, "$1")
    .replace(/!\[[^\]\n]*\]?$/, "")
    .replace(/(^|[^!\]])\[([^\]\n]*)\]?$/, "$1$2");
  // A lone mark at the end says nothing yet.
  tail = tail.replace(/(^|\s)(\*{1,3}|_{1,3}|~{1,2})$/, "$1");
  for (const mark of ["**", "__", "~~"]) {
    if (occurrences(tail, mark) % 2 === 1) tail = tail.trimEnd() + mark;
  }
  if (/(^|[\s(])\*[^\s*][^*\n]*$/.test(tail)) tail = `${tail.trimEnd()}*`;
  return tail;
}

function occurrences(text: string, mark: string): number {
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) count++;
  return count;
}
