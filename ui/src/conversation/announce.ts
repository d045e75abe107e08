/** Says a streamed answer to assistive technology sentence by sentence, not letter by letter. */

import { words } from "../markdown/Nodes";
import { parse } from "../markdown/parse";

const FENCE_OR_END = /^ {0,3}(?:```|~~~)|[.!?…:]["”’)\]*_]*(?=\s)|[。！？]|\n\n/gm;

/** In letters. */
const LONGEST_SENTENCE = 1_000;

/**
 * Where the last whole sentence of a growing text ends; what is inside an open code fence waits. `from` is where the
 * last one ended, so outside of any fence: what lies before is not read again.
 */
export function sentenceEnd(text: string, from: number): number {
  let end = from;
  let isInFence = false;
  for (const match of text.slice(from).matchAll(FENCE_OR_END)) {
    if (/[`~]/.test(match[0])) isInFence = !isInFence;
    else if (!isInFence) end = from + match.index + match[0].length;
  }
  // Nobody waits for the end of a sentence that has none.
  if (!isInFence && text.length - end > LONGEST_SENTENCE) {
    const space = text.lastIndexOf(" ");
    if (space > end) end = space;
  }
  return end;
}

export function spoken(markdown: string): string {
  return words(parse(markdown)).replace(/\s+/g, " ").trim();
}
