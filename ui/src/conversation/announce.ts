/** Says a streamed answer to assistive technology sentence by sentence, not letter by letter. */

import { words } from "../markdown/Nodes";
import { parse } from "../markdown/parse";

/** Where the last whole sentence of a growing text ends; what is inside an open code fence waits. */
export function sentenceEnd(text: string, from: number): number {
  let end = from;
  const isInFence = (at: number) => (text.slice(0, at).match(/^ {0,3}(```|~~~)/gm)?.length ?? 0) % 2 === 1;
  for (const match of text.slice(from).matchAll(/[.!?…:]["”’)\]*_]*(?=\s)|[。！？]|\n\n/g)) {
    const at = from + match.index + match[0].length;
    if (!isInFence(at)) end = at;
  }
  return end;
}

export function spoken(markdown: string): string {
  return words(parse(markdown)).replace(/\s+/g, " ").trim();
}
