/**
 * Completes Markdown that is still being written, so that half a mark does not flicker: what was opened is closed,
 * a link whose address has not arrived is its words, a table has its line.
 */
export function closeOpen(text: string): string {
  const at = text.lastIndexOf("\n\n");
  // Marks do not reach over an empty line.
  const head = at < 0 ? "" : text.slice(0, at + 2);
  let tail = at < 0 ? text : text.slice(at + 2);
  const code = openCode(tail);
  if (code) return head + tail + code;
  tail = tail
    .replace(/!?\[([^\]\n]*)\]\([^()\s]*$/, "$1")
    .replace(/!\[[^\]\n]*\]?$/, "")
    .replace(/(^|[^!\]])\[([^\]\n]*)\]?$/, "$1$2");
  // A lone mark at the end says nothing yet.
  tail = tail.replace(/(^|\s)(\*{1,3}|_{1,3}|~{1,2}|`+)$/, "$1");
  for (const mark of ["**", "__", "~~"]) {
    if (occurrences(tail, mark) % 2 === 1) tail = tail.trimEnd() + mark;
  }
  if (/(^|[\s(])\*[^\s*][^*\n]*$/.test(tail)) tail = `${tail.trimEnd()}*`;
  return head + tail;
}

/** The backticks that would close a code span that is open at the end. */
function openCode(text: string): string {
  let open = "";
  for (const match of text.matchAll(/`+/g)) {
    if (open === "") open = match[0];
    else if (open === match[0]) open = "";
  }
  // At the very end it is a mark that has just begun.
  return open !== "" && !text.endsWith(open) ? open : "";
}

function occurrences(text: string, mark: string): number {
  const plain = text.replace(/`[^`\n]*`/g, "").replace(/\\[*_~]/g, "");
  let count = 0;
  for (let at = plain.indexOf(mark); at >= 0; at = plain.indexOf(mark, at + mark.length)) count++;
  return count;
}
