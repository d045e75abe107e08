/** Words in a diagram: what was written, in lines of a readable length, and how much room they take. */
import { clean } from "../parts/visible";

export type Label = { lines: readonly string[]; width: number; height: number };

const LONGEST_LINE = 30;
const MOST_LINES = 8;
export const LINE = 18;
/** The usual width of a letter of 13 pixels; those of Chinese, Japanese and Korean take a square. */
const LETTER = 7.1;
const SQUARE = 13.5;
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

function widthOf(line: string): number {
  let width = 0;
  for (const letter of line) width += WIDE.test(letter) ? SQUARE : LETTER;
  return width;
}

/** The text of a label without the marks around it; HTML stays the text that it is, but for line breaks. */
export function plain(written: string): string {
  let text = written.trim();
  if (text.length > 1 && /^".*"$/s.test(text)) text = text.slice(1, -1);
  if (text.length > 1 && /^`.*`$/s.test(text)) text = text.slice(1, -1);
  return clean(
    text
      .replace(/<br\s*\/?>/gi, "\n")
      .replace(/#quot;/g, '"')
      .replace(/\\n/g, "\n"),
  ).trim();
}

export function labelled(text: string): Label {
  const lines: string[] = [];
  for (const row of text.split("\n")) {
    let line = "";
    for (const word of row.trim().split(/\s+/)) {
      if (line !== "" && line.length + 1 + word.length > LONGEST_LINE) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  if (lines.length > MOST_LINES) lines.splice(MOST_LINES - 1, lines.length, "…");
  return { lines, width: Math.max(0, ...lines.map(widthOf)), height: lines.length * LINE };
}
